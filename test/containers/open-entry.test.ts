import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { setTimeout, setImmediate as turn } from "node:timers/promises";
import { deflateRawSync, gzipSync } from "node:zlib";
import { type ContainerEntry, EntryError } from "../../src/containers/container-entry.js";
import { listContainer } from "../../src/containers/list-container.js";
import { openEntry } from "../../src/containers/open-entry.js";
import { folder, put } from "../helpers/folder.js";
import { Random } from "../helpers/random.js";
import { drain, prices, readAll } from "./helpers.js";
import { type ZipFile, zip } from "./zip-writer.js";

const SMALL = prices(2000);
/** Inflated in several steps of half a MiB. */
const LARGE = prices(5_000_000);
const MIB = 2 ** 20;

async function onlyEntry(path: string): Promise<ContainerEntry> {
  const { entries } = await listContainer(path);
  assert.equal(entries.length, 1);
  return entries[0]!;
}

/** What reading the one entry of a file that holds `content` gives. */
async function drainFile(t: TestContext, content: Uint8Array, step = MIB) {
  return drain(await openEntry(await onlyEntry(put(folder(t), "data", content))), step);
}

test("every way of packing gives the same bytes, whatever the size of the reads", async (t) => {
  const root = folder(t);
  for (const content of [Buffer.alloc(0), Buffer.from("x"), SMALL]) {
    const file = { name: "a.csv", content };
    const forms: Record<string, Uint8Array> = {
      deflated: zip([file]),
      stored: zip([{ ...file, method: 0 }]),
      descriptor: zip([{ ...file, descriptor: true }]),
      zip64: zip([{ ...file, zip64: true }], { zip64: true }),
      nested: zip([{ name: "i.zip", content: zip([file]) }]),
      "nested, stored": zip([{ name: "i.zip", content: zip([file]), method: 0 }]),
      "nested, with descriptors": zip([
        { name: "i.zip", content: zip([{ ...file, descriptor: true }]), descriptor: true },
      ]),
      gzip: gzipSync(content),
      "gzip in zip": zip([{ name: "a.gz", content: gzipSync(content) }]),
      "gzip, several members": Buffer.concat(
        [0, 1, 700].map((at, i, cuts) => gzipSync(content.subarray(at, cuts[i + 1]))),
      ),
      "gzip, padded": Buffer.concat([gzipSync(content), Buffer.alloc(100_000)]),
      plain: content,
    };
    for (const [form, bytes] of Object.entries(forms)) {
      const entry = await onlyEntry(put(root, "data", bytes));
      for (const step of [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000, MIB]) {
        const { bytes: read, error } = await drain(await openEntry(entry), step);
        assert.equal(error, null, `${form}, ${step}`);
        assert.ok(read.equals(content), `${form}, ${content.length} bytes by ${step}`);
      }
    }
  }
});

test("large entries are streamed: same bytes, and reads are filled", async (t) => {
  const root = folder(t);
  const noise = Buffer.alloc(3_000_000, new Random(7).digits(9973));
  for (const content of [LARGE, noise, Buffer.concat([LARGE, noise])]) {
    const file = { name: "a.csv", content };
    const inner = { name: "i.zip", content: zip([file]) };
    const cuts = [0, 1, 1_500_000, 1_500_001, content.length];
    const members = cuts.slice(1).map((cut, i) => gzipSync(content.subarray(cuts[i], cut)));
    const forms = [
      zip([file]),
      zip([{ ...file, method: 0 }]),
      zip([inner]),
      zip([{ ...inner, method: 0 }]),
      Buffer.concat(members),
    ];
    for (const bytes of forms) {
      const entry = await onlyEntry(put(root, "data", bytes));
      for (const step of [9973, MIB, 16 * MIB]) {
        const { bytes: read, error } = await drain(await openEntry(entry), step);
        assert.equal(error, null);
        assert.ok(read.equals(content));
      }
      const source = await openEntry(entry);
      assert.equal(
        await source.read(Buffer.alloc(MIB), 0, MIB),
        MIB,
        "a read is filled while there are bytes",
      );
      await source.close();
    }
  }
});

test("what the directory declares is enforced while inflating", async (t) => {
  const zeros = Buffer.alloc(70 * MIB);
  const packed = deflateRawSync(zeros, { level: 9 });
  const cases: [Partial<ZipFile>, RegExp, number][] = [
    [{ content: SMALL, declared: { crc32: 1 } }, /checksum/, 0],
    [{ content: SMALL, method: 0, declared: { crc32: 1 } }, /checksum/, 0],
    [{ content: SMALL, declared: { bytes: 1999 } }, /holds more/, 0],
    [{ content: SMALL, declared: { bytes: 0 } }, /holds more/, 0],
    [{ content: SMALL, declared: { bytes: 2001 } }, /size is not/, 0],
    [{ content: SMALL, declared: { bytes: 3 * MIB } }, /size is not/, 0],
    [{ content: SMALL, declared: { compressedBytes: 200 } }, /cut off/, 0],
    [{ content: SMALL, packed: Buffer.concat([deflateRawSync(SMALL), SMALL]) }, /end before/, 0],
    [{ content: SMALL, packed: prices(500) }, /damaged/, 0],
    [{ content: LARGE, packed: Buffer.concat([deflateRawSync(LARGE), SMALL]) }, /end before/, 5 * MIB],
    [{ content: LARGE, declared: { bytes: 4_999_999 } }, /holds more/, 4_999_999],
    [{ content: LARGE, declared: { bytes: 5_000_001 } }, /size is not/, 5_000_000],
    [{ content: LARGE, declared: { crc32: 1 } }, /checksum/, 4_999_999],
    [{ content: LARGE, method: 0, declared: { crc32: 1 } }, /checksum/, 4_999_999],
    [{ content: zeros, packed, declared: { bytes: 1000 } }, /holds more/, 0],
    [{ content: zeros, packed, declared: { bytes: 3 * MIB } }, /holds more/, 3 * MIB],
  ];
  for (const [file, reason, most] of cases) {
    const path = put(folder(t), "data.zip", zip([{ name: "a.csv", content: "", ...file }]));
    const { bytes, error } = await drain(await openEntry(await onlyEntry(path)), MIB);
    assert.match(error?.message ?? "no error", reason);
    assert.ok(error?.message.startsWith(`${path}/a.csv `), "the message names file and entry");
    assert.ok(bytes.length <= most, `${reason}: ${bytes.length} bytes were given`);
    assert.ok(bytes.equals(Buffer.from(file.content as Buffer).subarray(0, bytes.length)));
  }
});

test("gzip: damage, truncation, what comes after the end, and bombs are errors", async (t) => {
  const packed = gzipSync(SMALL);
  const flipped = Buffer.from(packed);
  flipped[packed.length - 5]! ^= 1;
  const cases: [Buffer, RegExp][] = [
    [packed.subarray(0, -1), /cut off/],
    [packed.subarray(0, 2), /cut off/],
    [flipped, /damaged: incorrect/],
    [Buffer.concat([packed, Buffer.from("more,rows\n")]), /damaged/],
    [Buffer.concat([packed, Buffer.alloc(20), Buffer.from("more,rows\n")]), /not gzip comes after/],
    [Buffer.concat([packed, Buffer.alloc(20), packed]), /not gzip comes after/],
    [Buffer.concat([packed, packed.subarray(0, 1)]), /cut off/],
    [Buffer.from([0x1f, 0x8b, 7, 7, 7]), /damaged/],
    [gzipSync(Buffer.alloc(70 * MIB), { level: 9 }), /more than 200 times/],
  ];
  for (const [content, reason] of cases)
    assert.match((await drainFile(t, content)).error?.message ?? "no error", reason);
});

test("what is given before an error does not depend on when and how it is read", async (t) => {
  const root = folder(t);
  const forms = [
    zip([{ name: "a.csv", content: LARGE }]),
    gzipSync(LARGE),
    zip([{ name: "a.csv", content: LARGE, method: 0 }]),
  ];
  for (const bytes of forms) {
    bytes[Math.floor(bytes.length * 0.7)]! ^= 0xff;
    const entry = await onlyEntry(put(root, "data", bytes));
    const lengths = new Set<number>();
    for (const [step, turns] of [
      [MIB, 0],
      [MIB, 50],
      [9973, 0],
      [65_536, 3],
      [16 * MIB, 0],
    ] as const) {
      const pause = async () => {
        for (let i = 0; i < turns; i++) await turn();
      };
      const { bytes: read, error } = await drain(await openEntry(entry), step, pause);
      assert.ok(error instanceof EntryError);
      lengths.add(read.length);
    }
    assert.equal(lengths.size, 1, [...lengths].join());
    assert.ok([...lengths][0]! > 500_000);
  }
});

test("a source can be closed at any time, and leaves no file open", async (t) => {
  const root = folder(t);
  const random = new Random(1);
  const large = zip([{ name: "a.csv", content: LARGE }]);
  // Damage in the step that is under way when the source is left alone: its error must not go astray.
  const noise = Buffer.from(Array.from({ length: 50_000 }, () => random.int(0, 255)));
  const broken = [140_000, 270_000, 400_000].map((at) => {
    const bytes = Buffer.from(large);
    bytes.set(noise, at);
    return bytes;
  });
  const contents = [...broken, large, gzipSync(LARGE), zip([{ name: "a.csv", content: SMALL }])];
  const paths = contents.map((bytes, i) => put(root, `${i}`, bytes));
  const openFiles = () => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0);
  const before = openFiles();
  for (const path of paths) {
    const entry = await onlyEntry(path);
    for (const reads of [0, 1, 2]) {
      const source = await openEntry(entry);
      for (let i = 0; i < reads; i++) await source.read(Buffer.alloc(100), 0, 100).catch(() => {});
      if (reads > 0) await setTimeout(10);
      await source.close();
      await source.close();
    }
  }
  // Files are closed on other threads, which a busy machine may let wait.
  for (let i = 0; i < 3000 && openFiles() !== before; i++) await setTimeout(10);
  assert.equal(openFiles(), before);
});

test("a file that changed since it was listed is an error, never wrong bytes", async (t) => {
  const path = put(
    folder(t),
    "data.zip",
    zip([{ name: "i.zip", content: zip([{ name: "a.csv", content: SMALL }]) }]),
  );
  const entry = await onlyEntry(path);
  writeFileSync(path, zip([{ name: "i.zip", content: zip([{ name: "a.csv", content: prices(2000, 2) }]) }]));
  await assert.rejects(openEntry(entry), (error: EntryError) =>
    error.message.startsWith(`${path}/i.zip is `),
  );
  truncateSync(path, 10);
  await assert.rejects(openEntry(entry), /data.zip\/i.zip is cut off/);
  rmSync(path);
  await assert.rejects(openEntry(entry), { code: "ENOENT" });
});

test("every entry of a large archive is found, in any order", async (t) => {
  const files = Array.from({ length: 1000 }, (_, i) => ({
    name: `${i}.csv`,
    content: prices(50 + (i % 400), i),
    method: (i % 2) * 8,
  }));
  const { listing, contents } = await readAll(put(folder(t), "archive.zip", zip(files)));
  assert.deepEqual(listing.refused, []);
  for (const { name, content } of files) assert.deepEqual(contents.get(name), content);
});
