import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_SAMPLES, RunSamples } from "../../src/report/run-samples.js";
import { ratePoints } from "../../src/report/run-section.js";
import type { JobProgress } from "../../src/run/options.js";

const job = (rowsDecoded: number, bytesDone: number): JobProgress => ({
  ...{ iso: "PJM", state: "running", filesTotal: 1, filesDone: 0, bytesTotal: 1 },
  ...{ bytesDone, rowsDecoded },
});

for (const count of [0, 1, MAX_SAMPLES, MAX_SAMPLES + 1, 3 * MAX_SAMPLES, 40_000]) {
  test(`${count} samples are at most ${MAX_SAMPLES}, in order, with the peak among them`, () => {
    const samples = new RunSamples();
    const peak = Math.floor(count / 3);
    for (let i = 0; i < count; i++) {
      const rssBytes = i === peak ? 1_000_000 : i % 1000;
      samples.add({ elapsedSeconds: i / 10, rssBytes, jobs: [job(i * 5, i * 7), job(i * 5, 0)] });
    }
    const { list } = samples;
    assert.ok(list.length <= MAX_SAMPLES);
    assert.ok(count < 2 || list.length >= Math.min(count, MAX_SAMPLES) / 2);
    for (const [i, { seconds, rows, bytes }] of list.entries()) {
      assert.ok(i === 0 || seconds > list[i - 1]!.seconds);
      assert.deepEqual([rows, bytes], [Math.round(seconds * 100), Math.round(seconds * 70)]);
    }
    if (count > 0) assert.equal(Math.max(...list.map(({ rssBytes }) => rssBytes)), 1_000_000);
  });
}

test("throughput is bytes by seconds, from the run's start on", () => {
  const samples = Array.from({ length: 100 }, (_, i) => ({
    seconds: 1 + i / 10,
    rssBytes: 1,
    rows: i,
    bytes: (1 + i / 10) * 5e6,
  }));
  for (const { rate } of ratePoints(samples)) assert.ok(Math.abs(rate - 5e6) < 1, String(rate));
  assert.deepEqual(ratePoints([]), []);
});
