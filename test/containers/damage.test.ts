import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { folder } from "../helpers/folder.js";
import { forSeedsAsync } from "../helpers/random.js";
import { prices, readAll } from "./helpers.js";
import { zip } from "./zip-writer.js";

const A = prices(3000, 1);
const B = prices(900, 2);
const LARGE = prices(1_200_000, 3);
const KNOWN = [A, B, LARGE];

const inner = zip([
  { name: "a.csv", content: A },
  { name: "b.csv", content: B, descriptor: true },
]);
const ARCHIVES: Record<string, Buffer> = {
  deflated: zip([
    { name: "a.csv", content: A },
    { name: "b.csv", content: B, descriptor: true },
  ]),
  stored: zip([
    { name: "a.csv", content: A, method: 0 },
    { name: "b.csv", content: B, method: 0 },
  ]),
  zip64: zip([{ name: "a.csv", content: A, zip64: true }], { zip64: true, comment: "a comment at the end" }),
  nested: zip([
    { name: "i.zip", content: inner },
    { name: "b.csv", content: B },
  ]),
  "nested, stored": zip([{ name: "i.zip", content: inner, method: 0 }]),
  gzip: gzipSync(A),
  "gzip in zip": zip([{ name: "a.gz", content: gzipSync(A) }]),
};

/** Reads `bytes` as a file: everything in it must be right or an error; nothing may hang, crash or be made up. */
async function checkDamaged(path: string, bytes: Uint8Array, step?: number): Promise<number> {
  writeFileSync(path, bytes);
  const { listing, contents } = await readAll(path, step);
  assert.ok(listing.entries.length + listing.refused.length > 0, "something is said about every file");
  let right = 0;
  for (const [name, content] of contents) {
    if (content instanceof Error) continue;
    const isFileItself = name === "" && content.equals(bytes);
    assert.ok(
      isFileItself || KNOWN.some((known) => known.equals(content)),
      `${name} has bytes that nobody wrote`,
    );
    right++;
  }
  return right;
}

test("an archive that is cut off at every 11th byte", { timeout: 600_000 }, async (t) => {
  const path = `${folder(t)}/cut.zip`;
  for (const [name, bytes] of Object.entries(ARCHIVES)) {
    for (let length = 4; length < bytes.length; length += name === "zip64" ? 1 : 11) {
      assert.equal(await checkDamaged(path, bytes.subarray(0, length)), 0, `${name}, ${length} bytes`);
    }
    assert.ok((await checkDamaged(path, bytes)) > 0, name);
  }
});

test("gzip with several members, cut off: only at the end of one it looks whole", {
  timeout: 600_000,
}, async (t) => {
  const path = `${folder(t)}/cut.gz`;
  const parts = [A.subarray(0, 1000), A.subarray(1000)].map((part) => gzipSync(part));
  const bytes = Buffer.concat(parts);
  for (let length = 2; length < bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    const content = (await readAll(path)).contents.get("")!;
    if (length === parts[0]!.length) assert.deepEqual(content, A.subarray(0, 1000));
    else assert.ok(content instanceof Error, `${length}`);
  }
});

test("a large entry that is cut off at every 9,700th byte", { timeout: 600_000 }, async (t) => {
  const path = `${folder(t)}/cut.gz`;
  const packed = gzipSync(LARGE);
  for (let length = 97; length < packed.length; length += 9700) {
    assert.equal(await checkDamaged(path, packed.subarray(0, length)), 0);
  }
  const archive = zip([{ name: "a.csv", content: LARGE }]);
  // The directory stays, so that the damage is met while inflating.
  for (let at = 97; at < archive.length - 200; at += 9700) {
    const damaged = Buffer.from(archive);
    damaged.fill(0, at, archive.length - 200);
    assert.equal(await checkDamaged(path, damaged), 0, `${at}`);
  }
});

test("random bytes after the magic of a zip or of gzip", { timeout: 600_000 }, async (t) => {
  await fuzz(t, (random) => {
    const bytes = Buffer.from(Array.from({ length: random.int(4, 2000) }, () => random.int(0, 255)));
    bytes.set(
      random.pick([
        [0x50, 0x4b, 3, 4],
        [0x50, 0x4b, 5, 6],
        [0x50, 0x4b, 7, 8],
        [0x1f, 0x8b, 8, 0],
      ]),
    );
    return bytes;
  });
});

test("archives with some bytes changed", { timeout: 600_000 }, async (t) => {
  const archives = Object.values(ARCHIVES);
  await fuzz(t, (random) => {
    const bytes = Buffer.from(random.pick(archives));
    for (let i = random.int(1, 4); i > 0; i--) {
      // Half of the changes go where the directory is, which is small beside the data.
      const from = random.chance(0.5) ? Math.max(0, bytes.length - 250) : 0;
      bytes[random.int(from, bytes.length - 1)] = random.pick([0, 1, 0x50, 0xff, random.int(0, 255)]);
    }
    return bytes;
  });
});

async function fuzz(
  t: TestContext,
  make: (random: Parameters<Parameters<typeof forSeedsAsync>[1]>[0]) => Buffer,
) {
  const path = `${folder(t)}/fuzz`;
  await forSeedsAsync(300, async (random) => {
    await checkDamaged(path, make(random), random.pick([7, 4096, 1 << 20]));
  });
}
