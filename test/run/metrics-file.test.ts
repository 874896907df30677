import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MetricsFile, type RunState } from "../../src/run/metrics-file.js";
import { NO_ROWS } from "../../src/run/options.js";
import { prometheusText } from "../../src/run/prometheus-text.js";
import { BATCH_SECONDS } from "../../src/run/protocol.js";
import { folder } from "../helpers/folder.js";
import { samplesOf } from "../helpers/prometheus.js";

const STATE: RunState = {
  progress: {
    elapsedSeconds: 1.5,
    rssBytes: 100,
    jobs: [
      {
        ...{ iso: "PJM", state: "running", filesTotal: 9, filesDone: 4, bytesTotal: 90, bytesDone: 40 },
        rowsDecoded: 400,
      } as RunState["progress"]["jobs"][number],
    ],
  },
  peakRssBytes: 200,
  memoryLimitBytes: 1000,
  creditShare: 0.5,
  batches: { count: 3, seconds: 11.5, buckets: [...BATCH_SECONDS.map((_, i) => (i === 1 ? 2 : 0)), 1] },
  workerDeaths: 1,
};
const TOTALS = { ...NO_ROWS, files: 9, filesSkipped: 0, unmappedWords: 0, bytesIn: 90, bytesOut: 30 };

test("the text format: help, type, labels with every escape, buckets that add up", () => {
  const text = prometheusText([
    {
      name: "a_total",
      help: "One\nline \\ more.",
      type: "counter",
      samples: [{ labels: { file: 'a "b"\\\n' }, value: 1.5 }, { value: 0 }],
    },
    { name: "b_seconds", help: "B.", type: "histogram", bounds: [0.5, 2], counts: [1, 2, 4], sum: 9.25 },
  ]);
  assert.equal(
    text,
    [
      "# HELP a_total One\\nline \\\\ more.",
      "# TYPE a_total counter",
      'a_total{file="a \\"b\\"\\\\\\n"} 1.5',
      "a_total 0",
      "# HELP b_seconds B.",
      "# TYPE b_seconds histogram",
      'b_seconds_bucket{le="0.5"} 1',
      'b_seconds_bucket{le="2"} 3',
      'b_seconds_bucket{le="+Inf"} 7',
      "b_seconds_sum 9.25",
      "b_seconds_count 7",
      "",
    ].join("\n"),
  );
});

test("a run's metrics are there from its beginning, and say at its end how it ended", async (t) => {
  const out = folder(t);
  const path = join(out, "gridparquet.prom");
  const file = new MetricsFile(path, () => STATE, assert.fail);
  await file.finish({ exitCode: 0, totals: { ...TOTALS, rowsWritten: 390, rowsRejected: 10 } });
  const samples = samplesOf(readFileSync(path, "utf8"));
  assert.equal(samples.get("gridparquet_run_in_progress"), 0);
  assert.equal(samples.get("gridparquet_run_exit_code"), 0);
  assert.equal(samples.get('gridparquet_decoded_rows_total{iso="PJM"}'), 400);
  assert.equal(samples.get("gridparquet_written_rows_total"), 390);
  assert.equal(samples.get("gridparquet_rejected_rows_total"), 10);
  assert.equal(samples.get("gridparquet_resident_memory_bytes"), 100);
  assert.equal(samples.get("gridparquet_credit_share_ratio"), 0.5);
  assert.equal(samples.get('gridparquet_batch_duration_seconds_bucket{le="+Inf"}'), 3);
  assert.equal(samples.get('gridparquet_batch_duration_seconds_bucket{le="10"}'), 2);
  const age = Date.now() / 1000 - samples.get("gridparquet_last_success_timestamp_seconds")!;
  assert.ok(age >= 0 && age < 3600);
  assert.deepEqual(readdirSync(out), ["gridparquet.prom"]);
});

test("a run that fails keeps the time of the last one that did not", async (t) => {
  const path = join(folder(t), "gridparquet.prom");
  writeFileSync(path, "gridparquet_last_success_timestamp_seconds 1700000000\n");
  await new MetricsFile(path, () => STATE, assert.fail).finish({ exitCode: 2, totals: TOTALS });
  const samples = samplesOf(readFileSync(path, "utf8"));
  assert.equal(samples.get("gridparquet_last_success_timestamp_seconds"), 1_700_000_000);
  assert.equal(samples.get("gridparquet_run_exit_code"), 2);
});

test("a file that cannot be written is warned of once, and hurts nothing", async (t) => {
  const warnings: string[] = [];
  const path = join(folder(t), "missing", "gridparquet.prom");
  const file = new MetricsFile(
    path,
    () => STATE,
    (message) => warnings.push(message),
  );
  await file.finish({ exitCode: 1, totals: null });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /^cannot write the metrics to .*gridparquet\.prom: no such file or folder/);
});
