import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { listOpenFile } from "../../src/containers/list-container.js";
import { inMemory } from "../../src/containers/random-access.js";
import { contentSample } from "../../src/feeds/content-sample.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { recogniseFile } from "../../src/feeds/recognise.js";
import { zip } from "../containers/zip-writer.js";
import { dayLines } from "../e2e/helpers.js";

const FEEDS = loadFeeds();

/** The samples of what an archive or a packed file holds. */
async function samplesOf(bytes: Uint8Array): Promise<number[]> {
  const file = inMemory(bytes);
  const { entries } = await listOpenFile("a", file);
  return entries.map((entry) => contentSample(entry, file, null));
}

/** The sample of a CSV file. */
async function sampleOf(day: Buffer): Promise<number> {
  const source = { path: "a.csv", entry: [], bytes: day.length, locations: [], gzip: false };
  const found = await recogniseFile(source, FEEDS, new Set(), null, { file: inMemory(day), head: null });
  assert.ok("feed" in found, "reason" in found ? found.reason : "");
  return found.sample;
}

/** Text of a size with another byte at each of the places. */
function text(size: number, ...places: number[]): Buffer {
  const bytes = Buffer.alloc(size, "0123456789,");
  for (const place of places) bytes.write("x", place);
  return bytes;
}

test("of a CSV file a change of the first and of the last 2 KB is seen, whatever its size", async () => {
  const { header, records } = dayLines({ feed: "da_hourly", date: "2025-06-01", nodeCount: 30 });
  for (const count of [1, 12, 13, 25, 100, 170, 300, 700]) {
    const day = Buffer.from([header, ...records.slice(0, count), ""].join("\n"));
    const changed = (place: number): Buffer => {
      const other = Buffer.from(day);
      other[place] = other[place] === 0x31 ? 0x32 : 0x31;
      return other;
    };
    const before = await sampleOf(day);
    assert.equal(await sampleOf(Buffer.from(day)), before);
    const first = header.length + 40;
    const places = [
      first,
      Math.min(2047, day.length - 2),
      Math.max(first, day.length - 2048),
      day.length - 2,
    ];
    for (const place of places) {
      if (day[place] === 0x0a) continue;
      assert.notEqual(await sampleOf(changed(place)), before, `${place} of ${day.length}`);
    }
  }
});

test("of what is packed a change anywhere is seen, and in an archive only of that entry", async () => {
  const size = 300_000;
  for (const place of [10, size / 2, size - 10]) {
    const [plain, changed] = [text(size), text(size, place)];
    const [[a], [b]] = [await samplesOf(gzipSync(plain)), await samplesOf(gzipSync(changed))];
    assert.notEqual(a, b);
    for (const method of [0, 8]) {
      const pack = (content: Buffer): Uint8Array =>
        zip([
          { name: "a.csv", content, method },
          { name: "b.csv", content: plain, method },
        ]);
      const [before, after] = [await samplesOf(pack(plain)), await samplesOf(pack(changed))];
      assert.notEqual(before[0], after[0]);
      assert.equal(before[1], after[1]);
    }
  }
});
