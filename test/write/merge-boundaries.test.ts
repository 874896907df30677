import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { manifestPath } from "../../src/dataset/manifest.js";
import { yearPath } from "../../src/dataset/year-path.js";
import { folder, put } from "../helpers/folder.js";
import { compareValues, sortedModel } from "../helpers/model.js";
import { loadEncoders, metadataOf, rowsByHyparquet } from "../helpers/parquet-files.js";
import { Random } from "../helpers/random.js";
import { ENERGY, energyRow, type Row } from "../helpers/rows.js";
import { YearFileBench } from "../helpers/year-files.js";

/*
 * Rows that overlap what is there, and begin or end on, just before or just after a place where its row groups are cut:
 * there a merge would lose a row, write it twice or cut it elsewhere.
 */

before(loadEncoders);

const HOUR_MS = 3_600_000;
/** Three intervals a day, over the end of a month. */
const STARTS = ["2024-01-30", "2024-01-31", "2024-02-01"].flatMap((date) =>
  [0, 8, 16].map((hour) => Date.parse(date) + hour * HOUR_MS),
);
const FROM_31_JANUARY = STARTS.slice(3);
const PATH = yearPath({ table: "energy", iso: "PJM", market: "DA", feed: "da_hourly", year: 2024 });

interface Key {
  start: number;
  location: string;
}

function rowOf({ start, location }: Key, price: number, version: number, file: number): Row {
  return energyRow(start, location, price, { measures: [price, null, null, null, null, version], file });
}

/** The bytes that one conversion gives, the batches in their order. */
async function converted(out: string, batches: readonly (readonly Row[])[], target: number): Promise<Buffer> {
  const bench = new YearFileBench(out, target);
  for (const rows of batches) await bench.add(rows);
  return readFileSync((await bench.file.publish())!.path);
}

/** Places at which a file is cut, in rows: before its first row group, between two, behind the last. */
function cutsOf(file: Buffer): number[] {
  const cuts = [0];
  for (const { num_rows } of metadataOf(file).row_groups) cuts.push(cuts.at(-1)! + Number(num_rows));
  return cuts;
}

const inOrder = (keys: readonly Key[]): Key[] =>
  [...keys].sort((a, b) => a.start - b.start || compareValues(a.location, b.location));

/** Keys on both sides of a cut: those of the rows that are there, and new ones between them. */
function keysAround(there: readonly Key[], cut: number): Key[] {
  const [last, first] = [there[cut - 1], there[cut]];
  const around = [
    ...(last === undefined ? [] : [last.location, "E"].map((location) => ({ ...last, location }))),
    // In an interval of its own.
    { start: first === undefined ? last!.start + 4 * HOUR_MS : first.start - 4 * HOUR_MS, location: "C" },
    ...(first === undefined ? [] : ["A", first.location].map((location) => ({ ...first, location }))),
  ];
  return inOrder(around);
}

/** Runs of keys around a cut: each of those on both sides of it as the first and as the last, here and there alone. */
function runsAround(random: Random, there: readonly Key[], cut: number): Key[][] {
  const around = keysAround(there, cut);
  const textOf = ({ start, location }: Key) => `${start} ${location}`;
  const known = new Set(there.map(textOf));
  const all = inOrder([...there, ...around.filter((key) => !known.has(textOf(key)))]);
  return around.flatMap((key) => {
    const at = all.findIndex((other) => textOf(other) === textOf(key));
    const [more, later] = [random.int(1, 8), random.int(0, 8)];
    return [all.slice(Math.max(0, at - more), at + 1), all.slice(at, at + later + 1)];
  });
}

/** Runs cases a few at a time: most of the time they wait for the disk. */
async function inLanes<C>(
  t: TestContext,
  cases: readonly C[],
  run: (one: C, root: string) => Promise<void>,
): Promise<void> {
  const waiting = cases.values();
  const lane = async (): Promise<void> => {
    const root = folder(t);
    for (const one of waiting) await run(one, root);
  };
  await Promise.all(Array.from({ length: 4 }, lane));
}

for (const { target, starts } of [
  // Days that are cut, a day each, two days where they are of one month.
  { target: 4, starts: FROM_31_JANUARY },
  { target: 6, starts: FROM_31_JANUARY },
  { target: 12, starts: STARTS },
]) {
  test(`an update around every cut between row groups of ${target} rows is as one conversion`, async (t) => {
    const random = new Random(target);
    const keys = starts.flatMap((start) => ["B", "D"].map((location) => ({ start, location })));
    const there = keys.map((key, index) => rowOf(key, index, 2, 0));
    const out = folder(t);
    const file = await converted(out, [there], target);
    const manifest = readFileSync(manifestPath(out, PATH));
    const cuts = cutsOf(file);
    assert.ok(cuts.length > 2);
    const inputs = cuts
      .flatMap((cut) => runsAround(random, keys, cut))
      .map((run) => run.map((key, index) => rowOf(key, 1000 + index, random.int(1, 3), 1)));
    await inLanes(t, inputs, async (input, root) => {
      put(root, PATH, file);
      put("", manifestPath(root, PATH), manifest);
      await checkUpdate(root, target, there, input);
    });
  });
}

/** Adds rows to the year file that is there, and compares with one conversion and with the model. */
async function checkUpdate(
  out: string,
  target: number,
  there: readonly Row[],
  input: readonly Row[],
): Promise<void> {
  const what = input.map(({ start, entity }) => `${new Date(start).toISOString()} ${entity[0]}`).join();
  const bench = await YearFileBench.toUpdate(out, target);
  await bench.add(input);
  await bench.file.publish();
  const updated = readFileSync(join(out, PATH));
  const model = sortedModel(ENERGY, [...there, ...input]);
  const expected = model.rows.map((row) => ({ ...row, file: 0 }));
  assert.deepEqual(await rowsByHyparquet(ENERGY, updated), expected, what);
  const whole = await converted(join(out, "whole"), [there, input], target);
  assert.ok(updated.equals(whole), `not the bytes of one conversion: ${what}`);
  const { replaced, dropped } = bench.file;
  assert.deepEqual(
    [replaced.get(1) ?? 0, dropped.get(1) ?? 0],
    [model.dropped.get(0) ?? 0, model.dropped.get(1) ?? 0],
    what,
  );
}

for (const target of [7, 9, 18]) {
  test(`node after node, in pieces that end around every cut between row groups of ${target} rows`, async (t) => {
    const locations = ["B", "D", "F"];
    const byTime = STARTS.flatMap((start, hour) =>
      locations.map((location, at) => rowOf({ start, location }, hour * 10 + at, 1, 0)),
    );
    const byNode = locations.flatMap((name) => byTime.filter(({ entity }) => entity[0] === name));
    const reference = await converted(folder(t), [byTime], target);
    assert.deepEqual(await rowsByHyparquet(ENERGY, reference), sortedModel(ENERGY, byNode).rows);
    const cuts = cutsOf(reference).map((rows) => rows / locations.length);
    const ends = new Set(cuts.flatMap((interval) => [interval - 1, interval, interval + 1]));
    const cases = [...ends].flatMap((end) => [2, 8].map((mergeFanIn) => ({ end, mergeFanIn })));
    await inLanes(t, cases, async ({ end, mergeFanIn }, root) => {
      const bench = new YearFileBench(root, target, { mergeFanIn });
      for (const rows of pieces(byNode, end)) {
        await bench.add(rows);
        await bench.file.flush();
      }
      const { path } = (await bench.file.publish())!;
      assert.ok(readFileSync(path).equals(reference), `pieces end at interval ${end}, ${mergeFanIn} at once`);
    });
  });
}

/** Rows node after node, cut at one interval: between two cuts the end of a node's rows and the beginning of the next's. */
function pieces(byNode: readonly Row[], interval: number): Row[][] {
  const cuts = byNode.flatMap((_, index) => (index > 0 && index % STARTS.length === interval ? [index] : []));
  return [0, ...cuts].map((from, index) => byNode.slice(from, cuts[index]));
}
