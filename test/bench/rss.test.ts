import assert from "node:assert/strict";
import { test } from "node:test";
import { type RssSample, rssOf, rssTrend } from "../../bench/rss.js";

function samples(rssBytesOf: (second: number) => number, seconds = 90): RssSample[] {
  return Array.from({ length: seconds + 1 }, (_, second) => ({
    seconds: second,
    rssBytes: rssBytesOf(second),
  }));
}

test("the slope of a straight line is its own, whenever sampling began", () => {
  const line = samples((second) => 300e6 + 1000 * second);
  assert.ok(Math.abs(rssTrend(line).bytesPerHour - 3.6e6) < 1);
  const later = line.map((sample) => ({ ...sample, seconds: sample.seconds + 5000 }));
  assert.ok(Math.abs(rssTrend(later).bytesPerHour - 3.6e6) < 1);
  assert.deepEqual({ ...rssTrend(later), bytesPerHour: 0 }, { ...rssTrend(line), bytesPerHour: 0 });
});

test("memory that does not change has no slope", () => {
  assert.deepEqual(rssTrend(samples(() => 5e6)), {
    firstThirdBytes: 5e6,
    lastThirdBytes: 5e6,
    bytesPerHour: 0,
  });
});

test("thirds are of the time, and a peak does not move their medians", () => {
  const { firstThirdBytes, lastThirdBytes } = rssTrend(
    samples((second) =>
      second === 3 || second === 80 ? 900e6 : second < 30 ? 100e6 : second < 60 ? 1 : 200e6,
    ),
  );
  assert.equal(firstThirdBytes, 100e6);
  assert.equal(lastThirdBytes, 200e6);
  // Samples that were missed do not shift them.
  const sparse = samples((second) => (second < 50 ? 1e6 : 2e6)).filter(({ seconds }) => seconds % 10 === 0);
  assert.deepEqual([rssTrend(sparse).firstThirdBytes, rssTrend(sparse).lastThirdBytes], [1e6, 2e6]);
});

test("two samples make no trend", () => {
  assert.throws(() => rssTrend(samples(() => 1, 1)), /three seconds/);
});

test("memory is read from the system, that of a process that has ended is not known", () => {
  const rss = rssOf(process.pid)!;
  assert.ok(rss > 20e6 && rss < 4e9, String(rss));
  assert.ok(Math.abs(rss - process.memoryUsage.rss()) < 50e6);
  assert.equal(rssOf(2 ** 30), undefined);
});
