import assert from "node:assert/strict";
import { test } from "node:test";
import { growthTarget, peerTargets } from "../../bench/peers/peer-targets.js";
import type { PeerResult } from "../../bench/table.js";
import { targetLine } from "../../bench/target.js";

const peer = (name: string, wallSeconds: number, megabytes: number, outputBytes = 100): PeerResult => ({
  ...{ name, does: "", rows: 1, sorted: true, outputBytes },
  runs: [{ wallSeconds, cpuSeconds: 2 * wallSeconds, peakRssBytes: megabytes * 1e6 }],
});
const OWN = [
  peer("gridparquet-zstd", 1, 110),
  peer("gridparquet-snappy", 0.5, 50),
  peer("gridparquet-1-thread", 1.7, 90),
];

test("targets are held against the peers, the gap and the floor are said", () => {
  const results = [...OWN, peer("duckdb-year-zstd", 2.5, 200), peer("duckdb-file-zstd", 1.2, 300, 95)];
  assert.deepEqual(peerTargets(results).map(targetLine), [
    "wall / DuckDB by year          0.40 x         <= 0.50 x        met by 20 %",
    "wall / fastest peer            0.83 x         <= 0.67 x        missed by 24 %, floor MISSED",
    "peak memory / DuckDB by year   0.55 x         <= 0.45 x        missed by 22 %, floor met",
    "bytes / DuckDB, one file       1.05 x         <= 1.10 x        met by 4 %",
    "2 threads against 1            1.70 x         >= 1.80 x        missed by 6 %, floor met",
  ]);
});

test("what did not run is not measured", () => {
  const texts = peerTargets(OWN.slice(0, 1)).map(targetLine);
  assert.ok(texts.every((text) => text.endsWith("not measured")));
});

test("memory is compared between the smallest and the largest input", () => {
  const { measured } = growthTarget([peer("gridparquet-zstd", 1, 100)], [peer("gridparquet-zstd", 9, 108)]);
  assert.equal(measured?.toFixed(2), "1.08");
});
