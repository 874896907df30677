import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, suite, test } from "node:test";
import type { PjmDayOptions } from "../../src/demo/pjm-files.js";
import { type ConvertOptions, convert } from "../../src/index.js";
import {
  assertNothingLeft,
  checkAccounts,
  dayLines,
  digests,
  runCli,
  tempFolder,
  writeDays,
} from "./helpers.js";

/* Same input, same bytes out, however the work is cut and whoever does it. */

const DATES = ["2024-12-31", "2025-01-01", "2025-11-02"];
/** Far fewer rows than a day has: days are cut, and files by node make dozens of runs that overlap. */
const ROW_GROUP = 80;

const DA: Omit<PjmDayOptions, "date"> = { feed: "da_hourly", nodeCount: 16, seed: 3 };
const RT: Omit<PjmDayOptions, "date"> = { feed: "rt_hourly", nodeCount: 8, seed: 3, revisedShare: 0.1 };

const dayFiles = (feed: Omit<PjmDayOptions, "date">): PjmDayOptions[] =>
  DATES.map((date) => ({ ...feed, date }));

/** The rows of many days in one file for each node, by time as Data Miner gives them or, for odd nodes, backwards. */
function writeNodeFiles(folder: string, days: readonly PjmDayOptions[], name: string): void {
  mkdirSync(folder, { recursive: true });
  const byNode = new Map<string, string[]>();
  let header = "";
  for (const day of days) {
    const lines = dayLines(day);
    header = lines.header;
    for (const record of lines.records) {
      const node = record.split(",")[2]!;
      byNode.set(node, [...(byNode.get(node) ?? []), record]);
    }
  }
  for (const [index, [node, records]] of [...byNode].entries()) {
    const ordered = index % 2 === 0 ? records : records.reverse();
    writeFileSync(join(folder, `${name}_${node}.csv`), [header, ...ordered, ""].join("\n"));
  }
}

/** The same day again with other prices and the same versions: which of two rows stays is for the plan to say. */
function writeRivals(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [copy, seed] of [3, 5].entries()) {
    const { header, records } = dayLines({ ...DA, seed, date: "2025-01-01" });
    const dearer = records.map((record) => {
      const cells = record.split(",");
      cells[9] = `${1000 + copy}.25`;
      return cells.join(",");
    });
    writeFileSync(join(folder, `rival-${copy}_da_hrl_lmps.csv`), [header, ...dearer, ""].join("\r\n"));
  }
}

suite("the same bytes", () => {
  const folder = mkdtempSync(join(tmpdir(), "gridparquet-e2e-"));
  const input = join(folder, "input");
  let reference: Record<string, string>;
  let runs = 0;

  before(async () => {
    await writeDays(join(input, "days"), [...dayFiles(DA), ...dayFiles(RT)]);
    cpSync(join(input, "days", "da_hrl_lmps_2024-12-31.csv"), join(input, "again.csv"));
    writeNodeFiles(join(input, "nodes"), dayFiles({ ...DA, nodeCount: 24 }), "da_hrl_lmps");
    writeRivals(join(input, "rivals"));
    reference = await bytesOf({ inputs: [input] });
    assert.deepEqual(Object.keys(reference).length, 4);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Converts with small row groups; digests of what came out, by path. */
  async function bytesOf(options: Omit<ConvertOptions, "out">): Promise<Record<string, string>> {
    const out = join(folder, `out-${runs++}`);
    const summary = await convert({ rowGroupSize: ROW_GROUP, threads: 2, ...options, out });
    assert.equal(summary.status, "complete");
    assert.ok(summary.totals.rowsDeduplicated > 0);
    checkAccounts(summary);
    assertNothingLeft(out);
    const made = digests(out);
    rmSync(out, { recursive: true });
    return made;
  }

  const variants: Omit<ConvertOptions, "out" | "inputs">[] = [
    { threads: 1, maxParallel: 1 },
    { threads: 4, batchSize: 1 },
    { sequential: true },
    { chunkSize: 1 },
    { chunkSize: 7, batchSize: 7 },
    { chunkSize: 1000, threads: 4, batchSize: 1000 },
    { chunkSize: 100_000, threads: 1 },
  ];
  for (const variant of variants) {
    test(`with ${JSON.stringify(variant).replaceAll('"', "")}`, async () => {
      assert.deepEqual(await bytesOf({ inputs: [input], ...variant }), reference);
    });
  }

  test("from the command line, --sequential", async () => {
    const out = join(folder, "out-cli");
    const run = await runCli([
      ...["convert", input, "--out", out, "--sequential", "--row-group-size", `${ROW_GROUP}`],
      ...["--max-parallel", "1", "--quiet"],
    ]);
    assert.deepEqual([run.code, run.stdout], [0, ""], run.stderr);
    assert.deepEqual(digests(out), reference);
  });

  test("with the inputs named in another way and order", async () => {
    const names = (readdirSync(input, { recursive: true }) as string[]).filter((name) =>
      name.endsWith(".csv"),
    );
    const files = names.sort().map((name) => join(input, name));
    const spelled = files.map((file, at) => (at % 2 ? file : `./${relative(process.cwd(), file)}`));
    const ways: [string, string[]][] = [
      ["every file, backwards", files.toReversed()],
      ["folders and a file twice", [join(input, "rivals"), files[0]!, join(input, "nodes"), input]],
      ["a pattern", [`${input}/**/*.csv`]],
      ["relative and absolute paths in turn", spelled],
    ];
    for (const [way, inputs] of ways) assert.deepEqual(await bytesOf({ inputs }), reference, way);
  });
});

test("files by node give the same bytes as files by day, whatever the row groups", async (t) => {
  const folder = tempFolder(t);
  await writeDays(join(folder, "by-day"), [...dayFiles(DA), ...dayFiles(RT)]);
  writeNodeFiles(join(folder, "by-node"), dayFiles(DA), "da_hrl_lmps");
  writeNodeFiles(join(folder, "by-node"), dayFiles(RT), "rt_hrl_lmps");
  // Months are larger than a row group, come in several pieces that fit one, or in a single piece.
  for (const rowGroupSize of [30, 400, 200_000]) {
    const bytesOf = async (form: string, threads: number): Promise<Record<string, string>> => {
      const out = join(folder, `${form}-${rowGroupSize}-${threads}`);
      const inputs = [join(folder, form)];
      const summary = await convert({ inputs, out, rowGroupSize, threads, chunkSize: 50 });
      assert.equal(summary.status, "complete");
      checkAccounts(summary);
      return digests(out);
    };
    const expected = await bytesOf("by-day", 2);
    assert.equal(Object.keys(expected).length, 4);
    for (const threads of rowGroupSize === 400 ? [1, 2, 3] : [2])
      assert.deepEqual(
        await bytesOf("by-node", threads),
        expected,
        `${rowGroupSize} rows, ${threads} threads`,
      );
  }
});
