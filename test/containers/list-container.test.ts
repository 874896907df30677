import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, gzipSync } from "node:zlib";
import { entryName } from "../../src/containers/container-entry.js";
import { findEntries, listContainer } from "../../src/containers/list-container.js";
import { inMemory } from "../../src/containers/random-access.js";
import { folder, put } from "../helpers/folder.js";
import { Random } from "../helpers/random.js";
import { prices, readAll, refusals } from "./helpers.js";
import { type ZipFile, zip } from "./zip-writer.js";

const CONTENT = prices(2000);
const MIB = 2 ** 20;

async function names(path: string): Promise<string[]> {
  const { entries } = await listContainer(path);
  return entries.map(({ entry }) => entry.join("/"));
}

test("first bytes tell what a file is, not its name", async (t) => {
  const root = folder(t);
  const archive = zip([{ name: "a.csv", content: CONTENT }]);
  const cases: [string, Uint8Array, string[], boolean][] = [
    ["plain.csv", CONTENT, [], false],
    ["plain.zip", CONTENT, [], false],
    ["archive.zip", archive, ["a.csv"], false],
    ["archive.csv", archive, ["a.csv"], false],
    ["packed.csv.gz", gzipSync(CONTENT), [], true],
    ["packed.csv", gzipSync(CONTENT), [], true],
    ["pk.csv", Buffer.from("PK,price\n1,2\n"), [], false],
    ["empty.zip", Buffer.alloc(0), [], false],
  ];
  for (const [name, content, entry, gzip] of cases) {
    const path = put(root, name, content);
    const { entries, refused } = await listContainer(path);
    assert.deepEqual(refused, [], name);
    assert.equal(entries.length, 1, name);
    assert.deepEqual(
      { path: entries[0]!.path, entry: entries[0]!.entry, gzip: entries[0]!.gzip },
      { path, entry, gzip },
    );
    const isPlain = entry.length === 0 && !gzip;
    assert.equal(entries[0]!.bytes, isPlain ? content.length : CONTENT.length, name);
  }
});

test("of an entry that is longer, its beginning comes with it, however it is packed", async () => {
  const headBytes = 16_384;
  const long = prices(5 * headBytes);
  // Its beginning is packed far better than what follows, and then not at all.
  const random = new Random(5);
  const noise = Buffer.from(Array.from({ length: 3000 }, () => random.int(32, 126)));
  const noted = Buffer.concat([Buffer.from("a note\n".repeat(2000)), noise, long]);
  const repeated = Buffer.alloc(MIB, "0,\n");
  const files: ZipFile[] = [
    { name: "stored.csv", content: long, method: 0 },
    { name: "packed.csv", content: long },
    { name: "noted.csv", content: noted },
    { name: "repeated.csv", content: repeated },
    { name: "exact.csv", content: long.subarray(0, headBytes) },
    { name: "more.csv", content: long.subarray(0, headBytes + 1) },
    { name: "short.csv", content: CONTENT },
    { name: "no-deflate.csv", content: long, packed: Buffer.alloc(5000, 0xff) },
    { name: "cut.csv", content: long, packed: deflateRawSync(long).subarray(0, 1000) },
  ];
  const archive = zip(files);
  const heads = new Map<string, Buffer | null>();
  for await (const found of findEntries("a.zip", inMemory(archive), headBytes)) {
    assert.ok("source" in found);
    heads.set(found.source.entry[0]!, found.head);
  }
  const head = (content: Buffer) => content.subarray(0, headBytes);
  assert.deepEqual(Object.fromEntries(heads), {
    "stored.csv": head(long),
    "packed.csv": head(long),
    "noted.csv": head(noted),
    "repeated.csv": head(repeated),
    "more.csv": head(long),
    // What is small is read as a whole.
    "exact.csv": null,
    "short.csv": null,
    // Nothing can be read of it, or its end is missing: reading says so.
    "no-deflate.csv": null,
    "cut.csv": null,
  });
});

test("entries come in the order of the archive, folders left out, archives inside opened", async (t) => {
  const inner = (name: string) => zip([{ name, content: CONTENT }]);
  const path = put(
    folder(t),
    "archive.zip",
    zip([
      { name: "z.csv", content: CONTENT },
      { name: "days/", content: "" },
      { name: "days/2.zip", content: inner("2.csv") },
      { name: "days/1.zip", content: inner("1.csv"), method: 0 },
      { name: "a.csv.gz", content: gzipSync(CONTENT) },
      { name: "line\nbreak\u001b[31m.csv", content: CONTENT },
    ]),
  );
  assert.deepEqual(await names(path), [
    "z.csv",
    "days/2.zip/2.csv",
    "days/1.zip/1.csv",
    "a.csv.gz",
    "line\nbreak\u001b[31m.csv",
  ]);
  const { entries } = await listContainer(path);
  assert.ok(entries.every(({ bytes }) => bytes === CONTENT.length));
  assert.equal(entryName(entries[1]!), `${path}/days/2.zip/2.csv`);
  assert.deepEqual(structuredClone(entries), entries, "an entry is plain data");
});

test("entries that cannot be read are refused one by one, the others are listed", async (t) => {
  const bad: [string, Partial<ZipFile>, RegExp][] = [
    ["../up.csv", {}, /leads out of the archive/],
    ["a/../../up.csv", {}, /leads out of the archive/],
    ["/etc/prices.csv", {}, /leads out of the archive/],
    ["C:/prices.csv", {}, /leads out of the archive/],
    ["..\\up.csv", {}, /backslashes/],
    ["", {}, /without a name/],
    ["folder-with-data/", {}, /name of a folder/],
    ["secret.csv", { flags: 1 }, /encrypted/],
    ["deflate64.csv", { method: 9 }, /Deflate64/],
    ["lzma.csv", { method: 14 }, /LZMA/],
    ["method77.csv", { method: 77 }, /method 77/],
    ["stored.csv", { method: 0, declared: { bytes: 1 } }, /two sizes/],
    ["long.csv", { declared: { compressedBytes: 1e9 } }, /cut off/],
    ["far.csv", { declared: { headerOffset: 1e9 } }, /cut off/],
    ["shifted.csv", { declared: { headerOffset: 7 } }, /not where/],
  ];
  const files = bad.map(([name, rest]) => ({ name, content: CONTENT, ...rest }));
  const good = { content: CONTENT };
  const path = put(
    folder(t),
    "archive.zip",
    zip([
      { name: "first.csv", ...good },
      ...files,
      { name: "last.csv", ...good },
      { name: "first.csv", ...good },
    ]),
  );
  assert.deepEqual(await names(path), ["first.csv", "last.csv"]);
  const listing = await listContainer(path);
  assert.ok(listing.refused.every(({ failed, path: of }) => failed && of === path));
  const reasons = refusals(listing);
  for (const [name, , reason] of bad) assert.match(reasons[name] ?? "not refused", reason, name);
  assert.match(reasons["first.csv"]!, /name of an entry before it/);
});

test("archives are opened two deep and no deeper", async (t) => {
  const third = zip([{ name: "3.csv", content: CONTENT }]);
  const second = zip([
    { name: "3.zip", content: third },
    { name: "3.gz", content: gzipSync(CONTENT), method: 0 },
    { name: "2.csv", content: CONTENT },
  ]);
  const path = put(folder(t), "1.zip", zip([{ name: "2.zip", content: second }]));
  assert.deepEqual(await names(path), ["2.zip/2.csv"]);
  const reasons = refusals(await listContainer(path));
  assert.deepEqual(Object.keys(reasons), ["2.zip/3.zip", "2.zip/3.gz"]);
  assert.match(reasons["2.zip/3.zip"]!, /inside of 2 others/);
});

test("a damaged archive inside costs itself alone", async (t) => {
  const inner = zip([{ name: "a.csv", content: CONTENT }]);
  const path = put(
    folder(t),
    "archive.zip",
    zip([
      { name: "bad.zip", content: inner.subarray(0, inner.length - 5) },
      { name: "wrong.zip", content: inner, declared: { crc32: 1 } },
      { name: "good.zip", content: inner },
    ]),
  );
  assert.deepEqual(await names(path), ["good.zip/a.csv"]);
  const reasons = refusals(await listContainer(path));
  assert.match(reasons["bad.zip"]!, /is cut off or damaged/);
  assert.match(reasons["wrong.zip"]!, /checksum/);
});

test("what has nothing to read in it is refused without being a failure", async (t) => {
  const root = folder(t);
  const workbook = [
    { name: "[Content_Types].xml", content: "<x/>" },
    { name: "xl/sheet1.xml", content: "<x/>" },
  ];
  const path = put(
    root,
    "archive.zip",
    zip([
      { name: "report.xlsx", content: zip(workbook) },
      { name: "no.zip", content: zip([]) },
    ]),
  );
  for (const [name, content] of [
    ["empty.zip", zip([])],
    ["folders.zip", zip([{ name: "a/", content: "" }])],
  ] as const) {
    const { entries, refused } = await listContainer(put(root, name, content));
    assert.deepEqual(entries, []);
    assert.deepEqual(
      refused.map(({ reason, failed }) => [reason, failed]),
      [["is an archive without a file in it", false]],
    );
  }
  const listing = await listContainer(path);
  assert.deepEqual(listing.entries, []);
  assert.ok(listing.refused.every(({ failed }) => !failed));
  assert.match(refusals(listing)["report.xlsx"]!, /Excel/);
});

test("a file that is not there, or is none, is refused with the system's reason", async (t) => {
  const root = folder(t);
  assert.match(
    refusals(await listContainer(`${root}/none.zip`))[""]!,
    /^cannot be read: no such file.*ENOENT/,
  );
  assert.match(refusals(await listContainer(root))[""]!, /^cannot be read: .*EISDIR/);
});

test("a bomb is refused before it is inflated", async (t) => {
  const root = folder(t);
  const zeros = Buffer.alloc(70 * MIB);
  const packed = deflateRawSync(zeros, { level: 9 });
  const bomb = put(
    root,
    "bomb.zip",
    zip([
      { name: "b.csv", content: zeros, packed },
      { name: "a.csv", content: CONTENT },
    ]),
  );
  assert.deepEqual(await names(bomb), ["a.csv"]);
  assert.match(refusals(await listContainer(bomb))["b.csv"]!, /more than 200 times/);

  const many = Array.from({ length: 4100 }, (_, i) => ({
    name: `${i}`,
    content: "x",
    declared: { bytes: 64 * MIB },
  }));
  const listing = await listContainer(put(root, "many.zip", zip(many)));
  assert.deepEqual(listing.entries, []);
  assert.match(refusals(listing)[""]!, /more than 256 GiB/);

  const twice = { name: "a.csv", content: prices(10_000) };
  const overlap = zip([
    twice,
    {
      ...twice,
      name: "b.csv",
      packed: Buffer.alloc(0),
      declared: { headerOffset: 0, compressedBytes: deflateRawSync(twice.content).length },
    },
  ]);
  assert.match(refusals(await listContainer(put(root, "overlap.zip", overlap)))[""]!, /overlap/);

  const start = deflateRawSync(zip([]));
  const large = {
    name: "large.zip",
    content: "",
    packed: Buffer.concat([start, Buffer.alloc(2 * MIB)]),
    declared: { bytes: 300 * MIB },
  };
  assert.match(
    refusals(await listContainer(put(root, "large.zip", zip([large]))))["large.zip"]!,
    /larger than 256 MiB/,
  );
});

test("an archive with too many entries is refused as a whole, wherever they are", async (t) => {
  const root = folder(t);
  const entries = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `${i}`, content: "", method: 0 }));
  const flat = zip([], { zip64: true, entryCount: 100_001 });
  assert.match(
    refusals(await listContainer(put(root, "flat.zip", flat)))[""] ?? "",
    /more than 100000 entries/,
  );
  const half = zip(entries(50_001), {});
  const nested = zip([
    { name: "a.csv", content: CONTENT },
    { name: "1.zip", content: half },
    { name: "2.zip", content: half },
  ]);
  const listing = await listContainer(put(root, "nested.zip", nested));
  assert.deepEqual(listing.entries, []);
  assert.match(refusals(listing)[""]!, /more than 100000 entries/);
});

test("a directory that has more entries than it counts is damaged: none may be lost in silence", async (t) => {
  const files = ["a", "b", "c"].map((name) => ({ name, content: CONTENT }));
  for (const entryCount of [0, 2, 4]) {
    const listing = await listContainer(put(folder(t), "wrapped.zip", zip(files, { entryCount })));
    assert.deepEqual(listing.entries, [], `${entryCount}`);
    assert.match(refusals(listing)[""]!, /damaged/);
  }
});

test("names are read in their encoding", async (t) => {
  const utf8 = zip([{ name: "préços.csv", content: CONTENT }]);
  assert.deepEqual(await names(put(folder(t), "utf8.zip", utf8)), ["préços.csv"]);
});

test("Zip64 records and comments are understood", async (t) => {
  const files: ZipFile[] = [
    { name: "a.csv", content: CONTENT, zip64: true },
    { name: "b.csv", content: CONTENT },
  ];
  for (const options of [
    { zip64: true },
    { comment: "made by hand" },
    { zip64: true, comment: "x".repeat(60_000) },
  ]) {
    const { listing, contents } = await readAll(put(folder(t), "archive.zip", zip(files, options)));
    assert.deepEqual(listing.refused, []);
    assert.deepEqual(
      [...contents],
      [
        ["a.csv", CONTENT],
        ["b.csv", CONTENT],
      ],
    );
  }
});

test("the size of gzip content is its own word where that can be true, else a guess", async (t) => {
  const root = folder(t);
  const size = async (content: Buffer) => (await listContainer(put(root, "a.gz", content))).entries[0]!.bytes;
  const one = gzipSync(CONTENT);
  assert.equal(await size(one), CONTENT.length);
  assert.equal(
    await size(Buffer.concat([one, one, one, gzipSync("end")])),
    8 * (one.length * 3 + gzipSync("end").length),
  );
  assert.equal(await size(one.subarray(0, 10)), 80);
});
