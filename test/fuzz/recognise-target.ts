import assert from "node:assert/strict";
import { crc32, gzipSync } from "node:zlib";
import { type FoundEntry, findEntries } from "../../src/containers/list-container.js";
import { inMemory } from "../../src/containers/random-access.js";
import { compileProgram } from "../../src/csv/decode-program.js";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { SAMPLE_BYTES } from "../../src/feeds/find-header.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { type RecognisedFile, recogniseFile, type UnrecognisedFile } from "../../src/feeds/recognise.js";
import { zip } from "../containers/zip-writer.js";
import { Random } from "../helpers/random.js";
import { troubledFile, validFile } from "./csv-grammar.js";
import type { FuzzInput, FuzzTarget } from "./fuzz-target.js";
import { mutateBytes } from "./mutate-bytes.js";

/*
 * What a file is taken for: the header that was found is in the file where it is said to be, everything that the
 * decoder then needs can be made of it, and the same is said of a file that comes in an archive.
 */

export const recogniseTarget: FuzzTarget = {
  name: "recognise",
  make: (random, seeds) => {
    if (seeds.length > 0 && random.chance(0.2)) {
      const { name, bytes } = random.pick(seeds);
      return { name, bytes: mutateBytes(random, bytes, random.int(1, 4)) };
    }
    const { name, bytes } = random.chance(0.5) ? validFile(random) : troubledFile(random, seeds);
    return { name: random.chance(0.5) ? name : randomName(random, name), bytes: changeHead(random, bytes) };
  },
  async check({ name, bytes }) {
    feeds ??= loadFeeds();
    const random = new Random(crc32(bytes));
    const feed = random.pick(feeds);
    const chosen = new Set(random.pick([[], [], [feed.feed], [name.split(".")[1] ?? ""]]));
    const iso = random.pick([null, null, feed.iso]);
    const source = { path: name, entry: [], bytes: bytes.length, locations: [], gzip: false };
    const found = await recogniseFile(source, feeds, chosen, iso, { file: inMemory(bytes), head: null });
    if ("feed" in found) checkFound(found, bytes);
    else assert.match(found.reason, /^\S.{3,}\S$/s);
    if (bytes.length === 0 || ["PK", "\u001f\u008b"].includes(bytes.toString("latin1", 0, 2))) return;
    for (const packed of [gzipSync(bytes), zip([{ name, content: bytes, method: random.pick([0, 8]) }])]) {
      const again = await recognisePacked({ name, bytes: packed }, chosen, iso);
      // Of a larger file the end is looked at, too, which an archive would have to be unpacked for.
      if (bytes.length <= SAMPLE_BYTES) assert.deepEqual(said(again), said(found), "the same in an archive");
    }
  },
};

let feeds: FeedDefinition[] | undefined;

function checkFound(found: RecognisedFile, bytes: Buffer): void {
  const { header, dataStart, firstLine, feed, alsoOf, firstStart } = found;
  assert.ok(dataStart > 0 && dataStart <= Math.min(bytes.length, SAMPLE_BYTES));
  const above = bytes.subarray(0, dataStart);
  assert.equal(firstLine, above.toString("latin1").split("\n").length, "the line at which the records begin");
  // What is no text in a header below other lines is shown as such, and is in no name that a feed has.
  const cells = header.filter((cell) => !cell.includes("\ufffd"));
  assert.ok(
    cells.every((cell) => above.includes(cell.replaceAll('"', '""'))),
    "the header is in the file",
  );
  assert.ok(firstStart === null || Number.isFinite(firstStart));
  for (const each of [feed, ...alsoOf]) {
    const program = compileProgram(each, header);
    assert.equal(program.fields.length, header.length);
    assert.equal(program.steps.at(-1)?.to, header.length, "every field is read");
  }
}

async function recognisePacked(
  { name, bytes }: FuzzInput,
  chosen: ReadonlySet<string>,
  iso: string | null,
): Promise<RecognisedFile | UnrecognisedFile> {
  const file = inMemory(bytes);
  const entries: FoundEntry[] = [];
  for await (const entry of findEntries(name, file, SAMPLE_BYTES)) entries.push(entry);
  const [entry] = entries;
  assert.ok(
    entries.length === 1 && entry !== undefined && "source" in entry,
    "there is one, and not refused",
  );
  const { source, head } = entry;
  const found = await recogniseFile(source, feeds!, chosen, iso, { file, head });
  const read = await recogniseFile(source, feeds!, chosen, iso, { file, head: null });
  assert.deepEqual(found, read, "the same when its beginning is read once more");
  return found;
}

/** What must not depend on the container. */
function said(found: RecognisedFile | UnrecognisedFile): unknown {
  if (!("feed" in found)) return { reason: found.reason, failed: found.failed };
  const { header, dataStart, firstLine, day, firstStart, feed, alsoOf } = found;
  return { header, dataStart, firstLine, day, firstStart, feeds: [feed, ...alsoOf] };
}

/** Names lead to an ISO, to two, to none, or are made to do harm; all can be the name of an entry of a zip. */
function randomName(random: Random, name: string): string {
  const [, feed = "x"] = name.split(".");
  return random.pick([
    `${feed}.csv`,
    "a.csv",
    "PJM CAISO.csv",
    "iso-ne/nyiso.csv",
    "\u001b[31m\u202e\n.csv",
    "$(touch x);`id`.csv",
    `${"(a+)+$".repeat(30)}.csv`,
    `${"a".repeat(5000)}.csv`,
    `${feed}${"*".repeat(50)}`,
  ]);
}

const ABOVE = [
  "",
  " ",
  ",",
  "Title",
  '"C","x"',
  "3/9/2025",
  '"',
  "\u00ff",
  "\0",
  "<x>",
  "a".repeat(17_000),
  "\ufeff",
];

/** Puts lines above, a mark before, and changes cells of the lines among which the header is. */
function changeHead(random: Random, bytes: Buffer): Buffer {
  const lines = bytes.toString("latin1").split("\n");
  for (let i = random.int(0, 4); i > 0; i--) {
    const at = random.int(0, Math.min(lines.length - 1, 5));
    const cells = lines[at]!.split(",");
    const place = random.int(0, cells.length - 1);
    const cell = cells[place]!;
    const spelled = random.pick([
      cell.toUpperCase(),
      ` ${cell} `,
      cell.replaceAll("_", " "),
      cell.replaceAll('"', ""),
      `"${cell}"`,
      `${cell}x`,
      "",
    ]);
    switch (random.int(0, 5)) {
      case 0:
        lines.splice(at, 0, random.pick(ABOVE));
        break;
      case 1:
        lines[at] = cells.toSpliced(place, 1).join(",");
        break;
      case 2:
        lines[at] = cells.toSpliced(place, 0, random.pick([cell, "note", "", "#1"])).join(",");
        break;
      case 3:
        lines[at] = random.shuffle(cells).join(",");
        break;
      default:
        lines[at] = cells.with(place, spelled).join(",");
    }
  }
  const mark = random.pick(["", "", "", "\u00ef\u00bb\u00bf", "\u00ff\u00fe"]);
  return Buffer.from(mark + lines.join("\n"), "latin1");
}
