import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { PartFile } from "../../src/write/part-file.js";
import { folder } from "../helpers/folder.js";
import { loadEncoders, metadataOf } from "../helpers/parquet-files.js";
import { energyRow, type Row } from "../helpers/rows.js";
import { YearFileBench } from "../helpers/year-files.js";

/* Days are added to a year file whose first row groups stay as they are: they are copied while rows still come. */

before(loadEncoders);

const HOURS = 24;
const DAYS = 20;

/** A day's prices at some locations, from 25 January on: the days are of two months. */
function dayRows(day: number, locations: readonly string[] = ["A", "B"]): Row[] {
  return Array.from({ length: HOURS }, (_, hour) =>
    locations.map((name) => energyRow(Date.UTC(2024, 0, 25 + day, hour), name, day * HOURS + hour)),
  ).flat();
}

/** A row group for each day. */
const TARGET = dayRows(0).length;

const daysFrom = (first: number, end: number): Row[] =>
  Array.from({ length: end - first }, (_, i) => dayRows(first + i)).flat();

/** Writes a year file anew; returns its path. */
async function written(t: TestContext, rows: readonly Row[]): Promise<{ out: string; path: string }> {
  const out = folder(t);
  const bench = new YearFileBench(out, TARGET);
  await bench.add(rows);
  return { out, path: (await bench.file.publish())!.path };
}

/** The bytes of a year file with these rows that is written at once. */
async function wholeBytes(t: TestContext, rows: readonly Row[]): Promise<Buffer> {
  return readFileSync((await written(t, rows)).path);
}

/** Waits until what lies before a row group of a year file has been copied. */
async function untilCopied(path: string, rowGroup: number): Promise<void> {
  const { columns } = metadataOf(readFileSync(path)).row_groups[rowGroup - 1]!;
  const { meta_data } = columns.at(-1)!;
  const from = meta_data!.dictionary_page_offset ?? meta_data!.data_page_offset;
  const end = Number(from + meta_data!.total_compressed_size);
  const copy = `${path}.sorted`;
  while (!existsSync(copy) || statSync(copy).size < end) await delay(1);
  assert.equal(statSync(copy).size, end, "nothing more is copied");
  assert.ok(readFileSync(copy).equals(readFileSync(path).subarray(0, end)));
}

function assertNothingLeft(path: string): void {
  assert.deepEqual(readdirSync(dirname(path)), [path.slice(dirname(path).length + 1)]);
}

test("row groups before all rows that came are copied while more come, and the file is as one written at once", async (t) => {
  const { out, path } = await written(t, daysFrom(0, DAYS));
  const inode = statSync(path).ino;
  const bench = await YearFileBench.toUpdate(out, TARGET);
  await bench.add(dayRows(DAYS));
  await untilCopied(path, DAYS);
  await bench.add(dayRows(DAYS + 1));
  await bench.file.publish();
  await bench.file.discard();
  assert.ok(readFileSync(path).equals(await wholeBytes(t, daysFrom(0, DAYS + 2))));
  assert.notEqual(statSync(path).ino, inode);
  assertNothingLeft(path);
});

test("of what was copied that stays which comes before rows that came later in the run", async (t) => {
  for (const day of [0, 3, DAYS - 1]) {
    const { out, path } = await written(t, daysFrom(0, DAYS));
    const bench = await YearFileBench.toUpdate(out, TARGET);
    await bench.add(dayRows(DAYS));
    await untilCopied(path, DAYS);
    const late = dayRows(day, ["C"]);
    await bench.add(late);
    await bench.file.publish();
    await bench.file.discard();
    assert.ok(readFileSync(path).equals(await wholeBytes(t, [...daysFrom(0, DAYS + 1), ...late])));
    assertNothingLeft(path);
  }
});

test("no more is copied than lies before the rows", async (t) => {
  const { out, path } = await written(t, [...daysFrom(0, 8), ...daysFrom(9, DAYS)]);
  const bench = await YearFileBench.toUpdate(out, TARGET);
  await bench.add(dayRows(8));
  await untilCopied(path, 8);
  await bench.file.publish();
  await bench.file.discard();
  assert.ok(readFileSync(path).equals(await wholeBytes(t, daysFrom(0, DAYS))));
});

test("without a manifest, row groups and their checksums are taken as they are found", async (t) => {
  const { out, path } = await written(t, daysFrom(0, DAYS));
  rmSync(join(out, "_gridparquet"), { recursive: true });
  const bench = await YearFileBench.toUpdate(out, TARGET);
  await bench.add(dayRows(DAYS));
  await bench.file.publish();
  await bench.file.discard();
  assert.ok(readFileSync(path).equals(await wholeBytes(t, daysFrom(0, DAYS + 1))));
  const again = await YearFileBench.toUpdate(out, TARGET);
  await again.add(dayRows(DAYS + 1));
  await again.file.publish();
  await again.file.discard();
  assert.ok(readFileSync(path).equals(await wholeBytes(t, daysFrom(0, DAYS + 2))));
});

test("rows that are there already leave the file, and no copy of it", async (t) => {
  const { out, path } = await written(t, daysFrom(0, DAYS));
  const { ino } = statSync(path);
  const bench = await YearFileBench.toUpdate(out, TARGET);
  await bench.add(dayRows(DAYS - 1));
  await untilCopied(path, DAYS - 1);
  assert.equal(await bench.file.publish(), null);
  await bench.file.discard();
  assert.equal(statSync(path).ino, ino);
  assertNothingLeft(path);
});

test("a row group that is damaged is found, wherever it lies, and the file stays", async (t) => {
  const healthy = await written(t, daysFrom(0, DAYS));
  const spans = metadataOf(readFileSync(healthy.path)).row_groups.map(({ columns }) =>
    Number(columns[0]!.meta_data!.data_page_offset),
  );
  for (const rowGroup of [0, 7, DAYS - 1]) {
    const { out, path } = await written(t, daysFrom(0, DAYS));
    const bytes = readFileSync(path);
    bytes[spans[rowGroup]! + 20]! ^= 1;
    writeFileSync(path, bytes);
    const bench = await YearFileBench.toUpdate(out, TARGET);
    await bench.add(dayRows(DAYS));
    // Of the month that rows came for, the intervals are read before the bytes are compared.
    const reason = new RegExp(`row group ${rowGroup} is not what was written|is no zstd frame`);
    await assert.rejects(bench.file.publish(), reason);
    await bench.file.discard();
    assert.ok(readFileSync(path).equals(bytes));
    assertNothingLeft(path);
  }
});

test("a copy that fails is as none, and one that is not wanted any more goes", async (t) => {
  const { out, path } = await written(t, daysFrom(0, DAYS));
  const given = await YearFileBench.toUpdate(out, TARGET);
  await given.add(dayRows(DAYS));
  await given.file.discard();
  assertNothingLeft(path);

  const { append } = PartFile.prototype;
  let left = 5;
  t.mock.method(PartFile.prototype, "append", async function (this: PartFile, bytes: Uint8Array) {
    if (this.path.endsWith(".sorted") && left > 0 && --left === 0) throw new Error("a broken disk");
    return append.call(this, bytes);
  });
  const bench = await YearFileBench.toUpdate(out, TARGET);
  await bench.add(dayRows(DAYS));
  await bench.file.publish();
  await bench.file.discard();
  assert.equal(left, 0);
  assert.ok(readFileSync(path).equals(await wholeBytes(t, daysFrom(0, DAYS + 1))));
  assertNothingLeft(path);
});
