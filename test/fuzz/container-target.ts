import assert from "node:assert/strict";
import { crc32, gzipSync } from "node:zlib";
import { type ContainerEntry, EntryError, isPlain } from "../../src/containers/container-entry.js";
import { LIMITS } from "../../src/containers/limits.js";
import { findEntries, listOpenFile } from "../../src/containers/list-container.js";
import { openEntry } from "../../src/containers/open-entry.js";
import { inMemory, type RandomAccess } from "../../src/containers/random-access.js";
import { drain } from "../containers/helpers.js";
import { type ZipFile, zip } from "../containers/zip-writer.js";
import { Random } from "../helpers/random.js";
import type { FuzzTarget } from "./fuzz-target.js";
import { mutateBytes } from "./mutate-bytes.js";

/*
 * Archives: whatever is in one is listed or refused with a reason, its bytes are those that the archive vouches for,
 * the same however they are read, and no name leads out of it.
 */

/** Most bytes that are read of an entry; a bomb unpacks to more. */
const READ_AT_MOST = 4 << 20;

export const containerTarget: FuzzTarget = {
  name: "containers",
  make: (random, seeds) => {
    const isSeed = seeds.length > 0 && random.chance(0.2);
    const whole = isSeed ? random.pick(seeds).bytes : archive(random, random.int(0, 3));
    const changes = random.pick([0, 0, 1, 1, 2, 5]);
    return { name: "archive", bytes: mutateBytes(random, whole, isSeed ? changes + 1 : changes) };
  },
  async check({ name, bytes }) {
    const random = new Random(crc32(bytes));
    const file = inMemory(bytes);
    const { entries, refused } = await listOpenFile(name, file);
    assert.ok(entries.length + refused.length > 0, "something is said about every file");
    for (const { path, reason } of refused) {
      assert.equal(path, name);
      assert.match(reason, /^\S.*\S$/s);
    }
    const seen = new Set<string>();
    for (const entry of entries) {
      const inside = entry.entry.join("/");
      assert.ok(!seen.has(inside), "names are told apart");
      seen.add(inside);
      checkNames(entry);
      if (!isPlain(entry)) await checkContent(entry, file, random);
    }
    if (entries.length > 0) await checkHeads(name, file, random);
  },
};

function checkNames({ entry, locations, gzip, bytes }: ContainerEntry): void {
  for (const part of entry) {
    assert.ok(part !== "" && !part.startsWith("/") && !part.includes("\\"), JSON.stringify(part));
    assert.ok(!part.split("/").includes("..") && !/^[a-z]:/i.test(part), JSON.stringify(part));
  }
  assert.ok(entry.length <= LIMITS.depth && locations.length === entry.length);
  assert.ok(gzip || entry.length > 0 || locations.length === 0);
  assert.ok(bytes >= 0 && Number.isFinite(bytes));
}

async function checkContent(entry: ContainerEntry, file: RandomAccess, random: Random): Promise<void> {
  const first = await contentOf(entry, file, 1 << 20);
  const again = await contentOf(entry, file, random.pick([500, 4096, 70_000]));
  assert.deepEqual(again, first, "the same in other reads");
  if (first.reason !== null) assert.match(first.reason, /^\S.*\S$/s);
  const location = entry.locations.at(-1);
  if (entry.gzip || first.reason !== null || first.isCut || location === undefined) return;
  assert.equal(first.bytes.length, location.bytes);
  assert.equal(crc32(first.bytes), location.crc32, "no bytes that the archive does not vouch for");
}

/** What is given of an entry's beginning is what reading it begins with. */
async function checkHeads(name: string, file: RandomAccess, random: Random): Promise<void> {
  const headBytes = random.pick([4, 100, 5000, 100_000]);
  for await (const found of findEntries(name, file, headBytes)) {
    if ("reason" in found || found.head === null) continue;
    const { bytes, reason } = await contentOf(found.source, file, 1 << 20);
    assert.equal(found.head.length, headBytes);
    // A damaged entry may be given up before its first byte.
    if (reason === null) assert.deepEqual(found.head, bytes.subarray(0, headBytes));
  }
}

interface Content {
  bytes: Buffer;
  /** Why not all of it can be read. */
  reason: string | null;
  /** Whether it is longer than what was read. */
  isCut: boolean;
}

async function contentOf(entry: ContainerEntry, file: RandomAccess, step: number): Promise<Content> {
  try {
    const source = await openEntry(entry, file);
    let read = 0;
    const limited: typeof source = {
      close: () => source.close(),
      read: async (buffer, offset, length) => {
        const count = await source.read(buffer, offset, Math.min(length, READ_AT_MOST - read));
        read += count;
        return count;
      },
    };
    const { bytes, error } = await drain(limited, step);
    return { bytes, reason: (error as EntryError | null)?.reason ?? null, isCut: read === READ_AT_MOST };
  } catch (error) {
    if (!(error instanceof EntryError)) throw error;
    return { bytes: Buffer.alloc(0), reason: error.reason, isCut: false };
  }
}

const NAMES = [
  ...[
    "a.csv",
    "b.csv",
    "a.csv",
    "",
    ".",
    "..",
    "../a.csv",
    "/etc/passwd",
    "C:\\a.csv",
    "a/../../b",
    "folder/",
    "x/y.csv",
  ],
  ...[
    "\u001b]0;x\u0007.csv",
    "\n.csv",
    "a\0b",
    "\u202e.csv",
    "[Content_Types].xml",
    "a".repeat(300),
    "i.zip",
    "\u{1f4a1}.csv",
  ],
];

/** A zip or gzip, `depth` archives deep, some of whose records lie. */
function archive(random: Random, depth: number): Buffer {
  if (random.chance(0.2)) {
    const members = Array.from({ length: random.int(1, 3) }, () => gzipSync(content(random, depth - 1)));
    return Buffer.concat([...members, Buffer.alloc(random.pick([0, 0, 3, 600]))]);
  }
  const files = Array.from({ length: random.pick([0, 1, 1, 2, 3, 30]) }, () => entryOf(random, depth));
  return zip(files, {
    comment: random.pick(["", "", "x", "PK\u0005\u0006", "c".repeat(3000)]),
    zip64: random.chance(0.2),
    ...(random.chance(0.1) && { entryCount: random.pick([0, 1, 2, 65_535]) }),
  });
}

function entryOf(random: Random, depth: number): ZipFile {
  const bytes = content(random, depth - 1);
  const lie = random.pick([0, 1, bytes.length - 1, bytes.length + 1, 70_000, 2 ** 32 - 2]);
  return {
    name: random.pick(NAMES),
    content: bytes,
    method: random.pick([8, 8, 0, 9, 14]),
    descriptor: random.chance(0.2),
    zip64: random.chance(0.2),
    ...(random.chance(0.05) && { flags: 1 }),
    ...(random.chance(0.05) && { packed: gzipSync(bytes) }),
    ...(random.chance(0.15) && {
      declared: {
        [random.pick(["bytes", "compressedBytes", "crc32", "headerOffset"])]: Math.max(0, lie),
      },
    }),
  };
}

function content(random: Random, depth: number): Buffer {
  if (depth > 0 && random.chance(0.7)) return archive(random, depth);
  if (random.chance(0.05))
    return Buffer.alloc(random.pick([0, 70_000, 1_500_000]), random.pick(["", "0,\n"]));
  const lines = Array.from(
    { length: random.pick([0, 1, 20, 300]) },
    () => `${random.digits(6)},${random.digits(3)}`,
  );
  return Buffer.from(lines.join("\n"));
}
