import assert from "node:assert/strict";
import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { convert, rollback, type UpdateSummary, update } from "../../src/index.js";
import { UPDATE_FAILPOINTS } from "../../src/run/failpoints.js";
import { Random } from "../helpers/random.js";
import { assertNothingLeft, dayLines, digests, filesBelow, runCli, tempFolder } from "./helpers.js";

/*
 * Updates at random against a model that is too simple to be wrong: a map from key to record. What the dataset should
 * hold is one conversion of the records that are left, byte by byte.
 */

const DAYS = [
  "2024-12-30",
  "2024-12-31",
  "2025-01-01",
  "2025-01-02",
  "2025-01-03",
  "2025-01-31",
  "2025-02-01",
];
const NODES = 3;
const { header } = dayLines({ feed: "da_hourly", date: DAYS[0]!, nodeCount: NODES });
const COLUMNS = header.split(",");
const VERSION = COLUMNS.indexOf("version_nbr");
const PRICE = COLUMNS.indexOf("total_lmp_da");
const KEY = [COLUMNS.indexOf("datetime_beginning_utc"), COLUMNS.indexOf("pnode_id")];

type Model = Map<string, string[]>;

interface InputFile {
  path: string;
  records: string[][];
}

const keyOf = (record: readonly string[]): string => KEY.map((column) => record[column]).join("|");
const startOf = ({ records }: InputFile): number => Date.parse(`${records[0]![KEY[0]!]} UTC`);

/** Files in plan order: by their first interval, then their path. */
function inPlanOrder(files: readonly InputFile[]): InputFile[] {
  return [...files].sort((a, b) => startOf(a) - startOf(b) || (a.path < b.path ? -1 : 1));
}

function apply(model: Model, files: readonly InputFile[]): void {
  for (const { records } of inPlanOrder(files)) {
    for (const record of records) {
      const before = model.get(keyOf(record));
      if (before === undefined || Number(record[VERSION]) >= Number(before[VERSION]))
        model.set(keyOf(record), record);
    }
  }
}

class Bench {
  readonly random: Random;
  readonly input: string;
  readonly out: string;
  readonly folder: string;
  readonly rowGroupSize: number;
  files: InputFile[] = [];
  #version = 0;
  #clock = Date.UTC(2025, 5, 1);

  constructor(t: TestContext, seed: number) {
    this.random = new Random(seed);
    this.folder = tempFolder(t);
    this.input = join(this.folder, "in");
    this.out = join(this.folder, "out");
    this.rowGroupSize = this.random.pick([5, 50, 72, 100, 200, 100_000]);
    mkdirSync(this.input);
  }

  /** Writes a file with records of some days, or writes one anew; versions repeat unless told. */
  write(path: string, areVersionsUnique: boolean): InputFile {
    const { random } = this;
    const first = random.int(0, DAYS.length - 1);
    const days = DAYS.slice(first, first + random.int(1, 2));
    const whole = random.chance(0.6);
    const records = days
      .flatMap((date) => dayLines({ feed: "da_hourly", date, nodeCount: NODES }).records)
      .filter(() => whole || random.chance(0.4))
      .map((line) => line.split(","));
    if (records.length === 0) return this.write(path, areVersionsUnique);
    const version = areVersionsUnique ? ++this.#version : random.int(1, 2);
    for (const record of records) {
      record[VERSION] = `${version}`;
      if (random.chance(0.5)) record[PRICE] = (random.int(-5000, 20_000) / 100).toFixed(2);
    }
    writeFileSync(path, `${[header, ...records.map((record) => record.join(","))].join("\r\n")}\r\n`);
    // No two files look the same, however fast they are written.
    this.#clock += 1000;
    utimesSync(path, this.#clock / 1000, this.#clock / 1000);
    return { path, records };
  }

  /** The dataset holds what the model holds: the bytes are those of one conversion of its records. */
  async check(model: Model, what: string): Promise<void> {
    const records = [...model.values()];
    const file = join(this.folder, "all.csv");
    const fresh = join(this.folder, "fresh");
    rmSync(fresh, { recursive: true, force: true });
    writeFileSync(file, `${[header, ...records.map((record) => record.join(","))].join("\r\n")}\r\n`);
    const { rowGroupSize } = this;
    const summary = await convert({ inputs: [file], out: fresh, rowGroupSize, threads: 1 });
    assert.equal(summary.totals.rowsWritten, records.length);
    assert.deepEqual(digests(this.out), digests(fresh), what);
    assertNothingLeft(this.out);
  }

  update(): Promise<UpdateSummary> {
    return update({ inputs: [this.input], out: this.out, keepPrevious: true, threads: 2, checkpointMs: 0 });
  }
}

/** Every file of the output with the time of its last change. */
function times(out: string): Record<string, number> {
  return Object.fromEntries(filesBelow(out).map((name) => [name, statSync(join(out, name)).mtimeMs]));
}

const FAILPOINTS = ["part:appended", "checkpoint:done", "year:rewritten", "year:after-footer"].concat([
  "year:before-rename",
  "year:after-rename",
  "year:published",
  "record:before",
  ...UPDATE_FAILPOINTS,
]);

async function walk(t: TestContext, seed: number, areVersionsUnique: boolean): Promise<void> {
  const bench = new Bench(t, seed);
  const { random, input, out } = bench;
  for (let index = 0; index < random.int(1, 4); index++)
    bench.files.push(bench.write(join(input, `f${random.int(100, 999)}_${index}.csv`), areVersionsUnique));
  const model: Model = new Map();
  apply(model, bench.files);
  const { rowGroupSize } = bench;
  await convert({ inputs: [input], out, rowGroupSize, threads: 2 });
  await bench.check(model, "converted");
  for (let step = 0; step < 3; step++) {
    const before = new Map(model);
    const added: InputFile[] = [];
    for (let index = random.int(1, 3); index > 0; index--) {
      const again = random.chance(0.3) ? random.pick(bench.files) : null;
      const path = again?.path ?? join(input, `f${random.int(100, 999)}_${step}${index}.csv`);
      const file = bench.write(path, areVersionsUnique);
      bench.files = [...bench.files.filter((known) => known.path !== path), file];
      added.splice(0, added.length, ...added.filter((known) => known.path !== path), file);
    }
    apply(model, added);
    rmSync(join(out, "_gridparquet", "previous"), { recursive: true, force: true });
    const isKilled = random.chance(0.5);
    if (isKilled) {
      const failpoint = `${random.pick(FAILPOINTS)}:${random.int(1, 2)}`;
      const args = ["update", input, "--out", out, "--keep-previous", "--batch-size", "1"];
      await runCli(args, { env: { GRIDPARQUET_FAILPOINT: failpoint } });
    }
    const summary = await bench.update();
    assert.equal(summary.status, "complete", JSON.stringify(summary.failures));
    const what = `seed ${seed}, step ${step}, killed: ${isKilled}`;
    await bench.check(model, what);
    const known = times(out);
    const again = await bench.update();
    assert.equal(again.totals.files, 0, `${what}: read again`);
    assert.equal(again.update.filesUnchanged, bench.files.length);
    assert.deepEqual(times(out), known);
    if (!areVersionsUnique || isKilled || !random.chance(0.5)) continue;
    await rollback(out);
    await bench.check(before, `${what}: rolled back`);
    assert.deepEqual(await rollback(out), []);
    await bench.update();
    await bench.check(model, `${what}: updated once more`);
  }
}

for (let seed = 1; seed <= 2; seed++) {
  test(`updates at random, revisions of equal version, seed ${seed}`, (t) => walk(t, seed, false));
  test(`updates at random, with rollbacks, seed ${seed}`, (t) => walk(t, seed + 102, true));
}
