import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { MemoryLog, type MemorySamples } from "../../src/run/memory-log.js";
import { planMemory } from "../../src/run/memory-plan.js";
import { type ConvertSummary, type FileAccount, NO_ROWS } from "../../src/run/options.js";
import type { RunDetails } from "../../src/run/run-details.js";
import { writeRunRecord } from "../../src/run/run-record.js";
import { folder } from "../helpers/folder.js";

function summaryOf(count: number): ConvertSummary {
  const files = Array.from(
    { length: count },
    (_, index): FileAccount => ({
      ...NO_ROWS,
      file: `in/quote " and\nbreak ${index}.zip`,
      feed: "rtm_spp",
      bytesIn: index,
      seconds: index === 0 ? null : index / 100,
      retries: index === 1 ? 2 : 0,
    }),
  );
  return {
    status: "complete",
    exitCode: 0,
    elapsedSeconds: 1.5,
    peakRssBytes: 1,
    totals: { ...NO_ROWS, files: count, filesSkipped: 0, unmappedWords: 0, bytesIn: 1, bytesOut: 1 },
    outputs: [],
    skipped: [{ file: "in/notes.txt", reason: "has a header that no known feed has" }],
    passedOver: [],
    failures: [],
    unmapped: [],
    resumed: [],
    rejects: null,
    report: null,
    files,
  };
}

const DETAILS = {
  versions: { gridparquet: "1.2.3", node: "20.0.0", platform: "linux", arch: "x64", cpus: 2 },
  settings: { threads: 2 },
  memory: {
    plan: planMemory(
      { threads: 2, decoders: 2, chunkSize: 100, rowGroupSize: 100 },
      { bytes: 1e9, source: "option" },
    ),
    leastCreditShare: 0.5,
  },
  decoding: { workerDeaths: 1 },
  writing: { workerDeaths: 2, retries: 1 },
} satisfies Omit<RunDetails, "groups">;

function detailsOf(count: number): RunDetails {
  const group = { iso: "PJM", files: 1, rows: 5, seconds: 0.5, retries: 0, rejects: 1 };
  return { ...DETAILS, groups: Array.from({ length: count }, (_, index) => ({ ...group, index })) };
}

function samples(...at: number[]): MemorySamples {
  const log = new MemoryLog();
  const usage = { rss: 5, heapTotal: 4, heapUsed: 3, external: 2, arrayBuffers: 1 };
  for (const ms of at)
    log.add(
      ms,
      1,
      () => 65_536,
      () => usage,
    );
  return log.samples;
}

for (const [count, groups] of [
  [0, 0],
  [1, 1],
  [999, 20],
  [1000, 1000],
  [1001, 1001],
  [2500, 2500],
] as const) {
  test(`a record with ${count} files in ${groups} groups is the summary as JSON, its lines and all`, async (t) => {
    const startedAt = new Date(Date.UTC(2024, 0, 1));
    const summary = summaryOf(count);
    const details = detailsOf(groups);
    const recorded = await writeRunRecord(folder(t), startedAt, summary, details, samples());
    assert.deepEqual({ ...recorded, report: null }, summary);
    const { files, ...rest } = recorded;
    const startedText = "2024-01-01T00:00:00.000Z";
    const expected = { startedAt: startedText, ...DETAILS, ...rest, groups: details.groups, files };
    assert.equal(readFileSync(recorded.report!, "utf8"), `${JSON.stringify(expected, null, 2)}\n`);
  });
}

test("beside it lie the memory by time, and a page that names in files cannot break", async (t) => {
  const { files, ...rest } = summaryOf(3);
  const first = files[1]!;
  const summary: ConvertSummary = {
    ...rest,
    files: [...files, { ...first, file: "in/a|b`.csv", rowsRead: 1200, seconds: 1.234 }],
    status: "partial",
    failures: [{ file: "in/x.csv", message: "two\nlines" }],
    outputs: [
      {
        ...{ path: "out/a.parquet", table: "energy", iso: "PJM", market: "DA", feed: "da_hourly" },
        ...{ year: 2024, rows: 1234, rowGroups: 1, bytes: 5_600_000 },
      },
    ],
  };
  const recorded = await writeRunRecord(
    folder(t),
    new Date(0),
    summary,
    detailsOf(1),
    samples(0, 999, 1000, 2500),
  );
  const beside = (name: string) => readFileSync(join(dirname(recorded.report!), name), "utf8");
  const { units, columns } = JSON.parse(beside("memory.json")) as MemorySamples;
  assert.deepEqual(Object.keys(units), Object.keys(columns));
  assert.deepEqual(columns.elapsed, [0, 1, 2.5]);
  assert.deepEqual(columns.rss, [5, 5, 5]);
  assert.deepEqual(columns.wasmReserved, [65_536, 65_536, 65_536]);
  const page = beside("summary.md").split("\n");
  assert.equal(page[0], "# partial: run of 1970-01-01T00:00:00.000Z");
  for (const line of [
    "- memory: 1 B at its highest, of 1.0 GB; it was short, and the run slowed down",
    "- threads that died while they decoded: 1; their files were tried again",
    "- threads that died while they wrote: 2; tried again: 1",
    "| 1,234 | 5.6 MB | `out/a.parquet` |",
    "- `in/x.csv`: two lines",
    "- `in/notes.txt` has a header that no known feed has",
    "| 1.23 | 1,200 | 2 | `in/a\\|b'.csv` |",
    "- `in/a\\|b'.csv`: 2 times",
  ])
    assert.ok(page.includes(line), `${line} is missing in\n${page.join("\n")}`);
});

test("a long run keeps at most 2000 samples of its memory, evenly spaced", () => {
  const seconds = 10_000;
  const { columns } = samples(...Array.from({ length: seconds * 2 }, (_, half) => half * 500));
  const { elapsed } = columns;
  assert.ok(elapsed.length <= 2000 && elapsed.length > 900);
  for (const column of Object.values(columns)) assert.equal(column.length, elapsed.length);
  assert.equal(elapsed[0], 0);
  const steps = new Set(elapsed.slice(1).map((at, index) => at - elapsed[index]!));
  assert.ok(steps.size <= 2, `${[...steps]}`);
  assert.ok(elapsed.at(-1)! > seconds - 20);
});
