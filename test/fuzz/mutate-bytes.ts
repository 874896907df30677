import type { Random } from "../helpers/random.js";

/** Bytes on which readers of text and of archives decide something. */
const TELLING = [
  ...[
    '"',
    '""',
    ",",
    "\n",
    "\r\n",
    "\r",
    "\0",
    " ",
    "\t",
    "\u00ff",
    "\u00c3",
    "\u00e2\u0082",
    "\u00ef\u00bb\u00bf",
    "-",
    ".",
  ],
  ...["PK\u0003\u0004", "PK\u0001\u0002", "PK\u0005\u0006", "PK\u0006\u0006", "\u001f\u008b\u0008\0"],
  ...["\u0000\u0000\u0000\u0000", "\u00ff\u00ff\u00ff\u00ff", "\u00ff\u00ff", "\u0001\u0000", "\u0080"],
].map((text) => Buffer.from(text, "latin1"));

/** Largest result: what is larger only takes longer. */
const MAX_BYTES = 200_000;

/** `bytes` with `changes` changes, each of a few bytes or of a stretch. */
export function mutateBytes(random: Random, bytes: Buffer, changes: number): Buffer {
  let changed: Buffer = Buffer.from(bytes);
  for (let i = 0; i < changes; i++) changed = mutateOnce(random, changed).subarray(0, MAX_BYTES);
  return changed;
}

function mutateOnce(random: Random, bytes: Buffer): Buffer {
  const at = random.int(0, bytes.length);
  // Half of the changes go where archives keep their directory and files their last record.
  const place = random.chance(0.3) ? Math.max(0, bytes.length - random.int(0, 200)) : at;
  const end = Math.min(bytes.length, place + random.pick([1, 1, 2, 4, 30, 500]));
  const replace = (from: number, to: number, by: Uint8Array) =>
    Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
  switch (random.int(0, 7)) {
    case 0:
      return replace(place, Math.min(bytes.length, place + 1), Buffer.of(random.int(0, 255)));
    case 1:
      return replace(place, place, random.pick(TELLING));
    case 2: {
      const telling = random.pick(TELLING);
      return replace(place, Math.min(bytes.length, place + telling.length), telling);
    }
    case 3:
      return replace(place, end, Buffer.alloc(0));
    case 4:
      return replace(place, place, bytes.subarray(place, end));
    case 5:
      return bytes.subarray(0, place);
    case 6: {
      const from = random.int(0, bytes.length);
      return replace(place, place, bytes.subarray(from, from + random.int(1, 300)));
    }
    default:
      return replace(place, place, Buffer.alloc(random.pick([1, 70, 5000]), random.pick([...'"x,\n\0 9'])));
  }
}
