import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { before, type TestContext, test } from "node:test";
import { MAX_DESCRIPTIONS } from "../../src/arrow/name-limits.js";
import { rowGroupEnds } from "../../src/order/calendar-cuts.js";
import type { OutputFile } from "../../src/run/options.js";
import { rowsByDuckDb } from "../helpers/duckdb.js";
import { folder } from "../helpers/folder.js";
import { batchOfNames } from "../helpers/many-names.js";
import { countByFile, sortedModel } from "../helpers/model.js";
import { loadEncoders, metadataOf } from "../helpers/parquet-files.js";
import { forSeedsAsync, type Random } from "../helpers/random.js";
import { ENERGY, energyRow, type Row, randomEnergyRows } from "../helpers/rows.js";
import { YearFileBench } from "../helpers/year-files.js";

before(loadEncoders);

const FIRST_DAY = Date.UTC(2024, 0, 20) / 86_400_000;

interface Written {
  bytes: Buffer;
  output: OutputFile;
  bench: YearFileBench;
}

/** Writes batches of rows, in the order given, to a year file; checks the accounts and that nothing is left over. */
async function write(
  t: TestContext,
  batches: readonly Row[][],
  options: { target: number; seed?: number; flushes?: Random },
): Promise<Written> {
  const out = folder(t);
  const bench = new YearFileBench(out, options.target, options);
  for (const rows of batches) {
    await bench.add(rows);
    if (options.flushes?.chance(0.4)) await bench.file.flush();
  }
  const output = (await bench.file.publish())!;
  const all = batches.flat();
  const expected = sortedModel(ENERGY, all);
  assert.deepEqual(Object.fromEntries(bench.file.accepted), countByFile(all));
  assert.deepEqual(Object.fromEntries(bench.file.written), countByFile(expected.rows));
  assert.deepEqual(Object.fromEntries(bench.file.dropped), Object.fromEntries(expected.dropped));
  assert.ok(Math.abs(bench.credits.used) < 1, `${bench.credits.used} bytes were not given back`);
  assert.deepEqual(readdirSync(dirname(output.path)), ["pjm_da_hourly_2024.parquet"]);
  const bytes = readFileSync(output.path);
  assert.equal(output.bytes, bytes.length);
  assert.equal(output.rows, expected.rows.length);
  return { bytes, output, bench };
}

/** Rows cut into batches of any size, in their order. */
function cut(random: Random, rows: readonly Row[]): Row[][] {
  const most = random.pick([3, 30, 300]);
  const batches: Row[][] = [];
  for (let at = 0; at < rows.length; ) {
    const size = random.int(1, most);
    batches.push(rows.slice(at, at + size));
    at += size;
  }
  return batches;
}

/** Rows at random in which no two of one key have the same version: their order does not matter. */
function randomRows(random: Random, count: number): Row[] {
  const versions = new Map<string, number>();
  const days = random.pick([1, 4, 25]);
  const rows = randomEnergyRows(random, count, {
    days,
    firstDay: FIRST_DAY,
    locations: random.pick([2, 9]),
    files: 4,
  });
  return rows.map((row) => {
    const key = JSON.stringify([row.start, ...row.entity.slice(0, 3)]);
    const version = (versions.get(key) ?? 0) + 1;
    versions.set(key, version);
    return { ...row, measures: row.measures.with(5, version) };
  });
}

const byTime = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => a.start - b.start);

async function expectRows(path: string, rows: readonly Row[]): Promise<void> {
  const expected = sortedModel(ENERGY, rows).rows.map((row) => ({ ...row, file: 0 }));
  assert.deepEqual(await rowsByDuckDb(ENERGY, path), expected);
}

/** Row counts of the row groups that the calendar gives the rows. */
function rowGroupSizes(rows: readonly Row[], target: number): number[] {
  const sorted = sortedModel(ENERGY, rows).rows;
  const intervals = sorted.reduce<{ start: number; date: number; rows: number }[]>((sum, { start, date }) => {
    if (sum.at(-1)?.start === start) sum.at(-1)!.rows++;
    else sum.push({ start, date, rows: 1 });
    return sum;
  }, []);
  const ends = rowGroupEnds(
    {
      date: Int32Array.from(intervals, ({ date }) => date),
      rows: Int32Array.from(intervals, ({ rows: count }) => count),
    },
    target,
  );
  const starts = [...new Set(sorted.map(({ start }) => start))];
  const countBefore = (end: number) => sorted.filter(({ start }) => start < (starts[end] ?? Infinity)).length;
  return ends.map((end, index) => countBefore(end) - (index === 0 ? 0 : countBefore(ends[index - 1]!)));
}

test("rows in any order and in any batches give the same bytes", async (t) => {
  let merges = 0;
  await forSeedsAsync(12, async (random, seed) => {
    const rows = randomRows(random, random.int(1, 500));
    const target = random.int(10, 200);
    const reference = await write(t, [byTime(rows)], { target });
    await expectRows(reference.output.path, rows);
    const groups = metadataOf(reference.bytes).row_groups.map(({ num_rows }) => Number(num_rows));
    assert.deepEqual(groups, rowGroupSizes(rows, target));
    const variants: [Row[][], Random?][] = [
      [cut(random, byTime(rows))],
      [cut(random, rows)],
      [cut(random, random.shuffle(rows))],
      [cut(random, byTime(rows).reverse()), random],
    ];
    for (const [batches, flushes] of variants) {
      const { bytes, bench } = await write(t, batches, { target, seed, flushes });
      merges += bench.pool.ran.merge;
      assert.ok(bytes.equals(reference.bytes), `${batches.length} batches, target ${target}`);
    }
  });
  assert.ok(merges > 40, `only ${merges} merges were tried`);
});

test("of duplicates of one version the later one stays, however the rows are cut and flushed", async (t) => {
  await forSeedsAsync(6, async (random, seed) => {
    const rows = randomEnergyRows(random, 300, { days: 2, firstDay: FIRST_DAY, locations: 2, files: 3 });
    const target = random.int(10, 100);
    const reference = await write(t, [rows], { target });
    await expectRows(reference.output.path, rows);
    for (let round = 0; round < 3; round++) {
      const { bytes } = await write(t, cut(random, rows), { target, seed, flushes: random });
      assert.ok(bytes.equals(reference.bytes));
    }
  });
});

test("twenty pieces that overlap are merged eight at a time", async (t) => {
  const files = Array.from({ length: 20 }, (_, file) =>
    Array.from({ length: 48 }, (_, hour) =>
      energyRow(Date.UTC(2024, 0, 30, hour), file % 3 === 0 ? "same" : `L${file}`, file, { file }),
    ),
  );
  const out = folder(t);
  const bench = new YearFileBench(out, 48);
  for (const rows of files) {
    await bench.add(rows);
    await bench.file.flush();
  }
  const output = (await bench.file.publish())!;
  assert.ok(bench.pool.ran.read > 20, "intermediate pieces were read again");
  assert.ok(bench.pool.widestMerge <= 8, `${bench.pool.widestMerge} pieces were merged at once`);
  await expectRows(output.path, files.flat());
  const dropped = Object.fromEntries(bench.file.dropped);
  assert.deepEqual(dropped, { 0: 48, 3: 48, 6: 48, 9: 48, 12: 48, 15: 48 });
  const { bytes } = await write(t, [files.flat()], { target: 48 });
  assert.ok(readFileSync(output.path).equals(bytes));
});

test("rows in order of time, without duplicates, are written once and never read again", async (t) => {
  await forSeedsAsync(10, async (random) => {
    const { rows } = sortedModel(ENERGY, randomRows(random, 400));
    // Batches end where an interval does, as files do.
    const batches: Row[][] = [];
    for (const row of rows) {
      const last = batches.at(-1);
      if (last !== undefined && (last.at(-1)!.start === row.start || random.chance(0.8))) last.push(row);
      else batches.push([row]);
    }
    const { bench } = await write(t, batches, { target: random.int(10, 100) });
    assert.deepEqual([bench.pool.ran.read, bench.pool.ran.merge], [0, 0]);
  });
});

/** Rows of a location in every sixth hour of the first 24 days of some months: 96 in each. */
function yearOf(location: string, file: number, months = 12): Row[] {
  return Array.from({ length: months * 96 }, (_, index) => {
    const [month, hour] = [Math.floor(index / 96), (index % 96) * 6];
    const start = Date.UTC(2024, month, 1, hour);
    return energyRow(start, location, file * 1000 + index / 100, { file });
  });
}

test("location after location: months that fit a row group are made side by side, with the same bytes", async (t) => {
  // The last file tells of a location again.
  const files = ["C", "A", "D", "B", "A"].map((location, file) => yearOf(location, file));
  const rows = files.flat();
  const reference = await write(t, [byTime(rows)], { target: 500 });
  let most = 0;
  const out = folder(t);
  const bench = new YearFileBench(out, 500);
  let running = 0;
  const { run } = bench.pool;
  const counting: typeof run = async (task, transfer) => {
    most = Math.max(most, ++running);
    try {
      return await run(task, transfer);
    } finally {
      running--;
    }
  };
  Object.assign(bench.context, { pool: counting });
  for (const file of files) {
    await bench.add(file);
    await bench.file.flush();
    await bench.file.settle();
  }
  most = 0;
  const output = (await bench.file.publish())!;
  assert.ok(readFileSync(output.path).equals(reference.bytes));
  assert.deepEqual(Object.fromEntries(bench.file.dropped), { 1: 12 * 96 });
  assert.deepEqual([bench.pool.ran.combine, bench.pool.ran.merge], [12, 0]);
  assert.ok(most > 1, `${most} at once`);
});

test("components that lie in several pieces are joined; of a month without totals no row group is left", async (t) => {
  const out = folder(t);
  const bench = new YearFileBench(out, 500, { joined: true });
  const half = (component: number, months: number): Row[] =>
    yearOf("A", component, months).map((row) => ({
      ...row,
      measures: row.measures.map((_, index) => (index === component ? index + 1 : null)),
    }));
  // March has no totals, and April nothing but totals.
  for (const rows of [half(1, 3), half(0, 2), half(0, 4).slice(3 * 96)]) {
    await bench.add(rows);
    await bench.file.flush();
  }
  const output = (await bench.file.publish())!;
  assert.equal(output.rows, 3 * 96);
  assert.equal(output.rowGroups, 3);
  assert.equal(bench.file.orphans.length, 96);
  const [first] = await rowsByDuckDb(ENERGY, output.path);
  assert.deepEqual(first!.measures.slice(0, 3), [1, 2, null]);
});

test("only the months whose pieces overlap are merged", async (t) => {
  const hours = (month: number, from: number, to: number): Row[] =>
    Array.from({ length: to - from }, (_, hour) =>
      energyRow(Date.UTC(2024, month, 1, from + hour), "A", hour),
    );
  const out = folder(t);
  const bench = new YearFileBench(out, 24);
  for (const rows of [hours(4, 0, 24), hours(1, 0, 30), hours(2, 0, 24), hours(1, 20, 48)]) {
    await bench.add(rows);
    await bench.file.flush();
  }
  const output = (await bench.file.publish())!;
  assert.equal(output.rows, 24 + 48 + 24);
  assert.equal(output.rowGroups, 4);
  assert.equal(bench.pool.ran.read, 4, "February came as two pieces, twice");
});

test("many changes of file within a row group are attributed through the side file", async (t) => {
  const rows = Array.from({ length: 600 }, (_, index) =>
    energyRow(Date.UTC(2024, 0, 1, index % 24), `L${index % 29}`, index, { file: index % 7 }),
  );
  const { bytes } = await write(t, [rows], { target: 1000 });
  const inPieces = await write(t, [rows.slice(0, 300), rows.slice(300)], { target: 150 });
  const whole = await write(t, [rows], { target: 150 });
  assert.ok(inPieces.bytes.equals(whole.bytes));
  assert.ok(!bytes.equals(whole.bytes));
});

test("the output says what it is, and the file repeats it", async (t) => {
  const { output, bytes } = await write(t, [[energyRow(Date.UTC(2024, 0, 1), "A", 1)]], { target: 10 });
  const path = "energy/iso=PJM/market=DA/feed=da_hourly/year=2024/pjm_da_hourly_2024.parquet";
  assert.ok(output.path.endsWith(path));
  assert.deepEqual(
    { ...output, path: "", bytes: 0 },
    {
      path: "",
      table: "energy",
      iso: "PJM",
      market: "DA",
      feed: "da_hourly",
      year: 2024,
      rows: 1,
      rowGroups: 1,
      bytes: 0,
    },
  );
  const pairs = metadataOf(bytes).key_value_metadata?.map(({ key, value }) => [key, value]);
  assert.deepEqual(Object.fromEntries(pairs ?? []), {
    "gridparquet.schema_version": "1",
    "gridparquet.table": "energy",
    "gridparquet.iso": "PJM",
    "gridparquet.market": "DA",
    "gridparquet.feed": "da_hourly",
    "gridparquet.year": "2024",
    "gridparquet.time_zone": "UTC",
    "gridparquet.days": '{"first":"2024-01-01","rows":[1],"intervals":[1]}',
  });
});

test("a year without rows gives no file", async (t) => {
  const out = folder(t);
  const bench = new YearFileBench(out, 10);
  assert.equal(await bench.file.publish(), null);
  await bench.file.discard();
  assert.deepEqual(readdirSync(out), []);
});

/** Names of all files below a folder. */
function filesBelow(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

test("a year of more locations than any market has fails, and gives back what its rows counted for", async (t) => {
  for (const most of [1, 3]) {
    const out = folder(t);
    const bench = new YearFileBench(out, 100_000);
    // More than fit into one table; of three of them some are read while rows still come.
    for (let from = 0; from <= most * MAX_DESCRIPTIONS; from += MAX_DESCRIPTIONS / 2 + 1) {
      const batch = batchOfNames(from, MAX_DESCRIPTIONS / 2 + 1);
      await bench.addSegment({ batch, from: 0, to: batch.rows });
    }
    assert.equal(bench.file.failure !== null, most === 3);
    await assert.rejects(
      bench.file.publish(),
      /rows are of more than 200,000 locations, .* convert without it/,
    );
    await bench.file.discard();
    assert.deepEqual(filesBelow(out), []);
    assert.ok(Math.abs(bench.credits.used) < 1, `${bench.credits.used} bytes were not given back`);
  }
});

test("a year that is discarded leaves nothing, and gives back what its rows counted for", async (t) => {
  const out = folder(t);
  const bench = new YearFileBench(out, 24);
  const hours = Array.from({ length: 100 }, (_, hour) => energyRow(Date.UTC(2024, 0, 1, hour), "A", hour));
  for (let at = 0; at < hours.length; at += 10) await bench.add(hours.slice(at, at + 10));
  assert.ok(bench.file.pendingRows > 0);
  await bench.file.discard();
  assert.deepEqual(filesBelow(out), []);
  assert.ok(Math.abs(bench.credits.used) < 1, `${bench.credits.used} bytes were not given back`);
});

test("when a month cannot be merged, what is at work ends, nothing is left, and no place is lost", async (t) => {
  const out = folder(t);
  const bench = new YearFileBench(out, 500);
  let calls = 0;
  bench.pool.fail = ({ name }) => (name === "combine" && calls++ === 1 ? new Error("out of luck") : null);
  for (const [file, location] of ["B", "A"].entries()) {
    await bench.add(yearOf(location, file));
    await bench.file.flush();
  }
  await assert.rejects(bench.file.publish(), /out of luck/);
  assert.ok(calls < 12, "later months are not begun any more");
  await bench.file.discard();
  assert.deepEqual(filesBelow(out), []);
  for (let place = 0; place < 3; place++) await bench.encoding.acquire();
});

for (const name of ["encode", "merge", "read"] as const) {
  test(`when a task ${name} fails, the year fails, its part files go, an older file stays`, async (t) => {
    const out = folder(t);
    const hours = Array.from({ length: 72 }, (_, hour) => energyRow(Date.UTC(2024, 0, 1, hour), "A", hour));
    const old = new YearFileBench(out, 24);
    await old.add(hours.slice(0, 10));
    const { path } = (await old.file.publish())!;
    const bytes = readFileSync(path);

    const bench = new YearFileBench(out, 24);
    let calls = 0;
    bench.pool.fail = (task) => (task.name === name && calls++ === 1 ? new Error("out of luck") : null);
    for (let round = 0; round < 2; round++) {
      await bench.add(hours);
      await bench.file.flush();
    }
    await assert.rejects(bench.file.publish(), /out of luck/);
    await bench.file.discard();
    const kept = relative(out, path);
    assert.deepEqual(filesBelow(out).sort(), [join("_gridparquet", "manifest", `${kept}.json`), kept]);
    assert.ok(readFileSync(path).equals(bytes));
    assert.ok(Math.abs(bench.credits.used) < 1, `${bench.credits.used} bytes were not given back`);
  });
}
