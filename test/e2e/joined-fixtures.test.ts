import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { query } from "../helpers/duckdb.js";
import { checkAccounts, convertJson, digests, ROOT, readRejects, tempFolder } from "./helpers.js";

/*
 * A short and a long day of the feeds whose records hold one component of a price each (MISO), in the layout of
 * test/feeds/iso-feeds.test.ts, through the command line: only there are the components joined.
 */

const FOLDER = join(ROOT, "test", "fixtures", "miso");
const FIXTURES = readdirSync(FOLDER)
  .filter((name) => /_lmp(_final)?\.csv$/.test(name))
  .map((name) => join(FOLDER, name))
  .sort();

const SETTINGS = [[], ["--chunk-size", "24", "--row-group-size", "10", "--threads", "2"]];

const TIMES: Record<string, string> = {
  start: "strftime(interval_start_utc, '%Y-%m-%dT%H:%M:%SZ')",
  end: "strftime(interval_end_utc, '%Y-%m-%dT%H:%M:%SZ')",
  operating_date: "operating_date::VARCHAR",
};

/** The rows that are written, in the columns that a .rows file names. */
async function rowsOf(out: string, columns: readonly string[]): Promise<string[]> {
  const picked = columns.map((column) => TIMES[column] ?? column).join(", ");
  const rows = await query(`SELECT ${picked} FROM read_parquet('${out}/energy/**/*.parquet')`);
  return rows.map((row) => row.map((value) => (Object.is(value, -0) ? "-0" : (value ?? ""))).join());
}

for (const path of FIXTURES) {
  test(`${basename(path)}: the joined rows and the rejects that are written beside it`, async (t) => {
    const root = tempFolder(t);
    const [columns, ...wanted] = parse(readFileSync(`${path}.rows`)) as unknown as string[][];
    const rejects = existsSync(`${path}.rejects`)
      ? readFileSync(`${path}.rejects`, "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => line.split("\t"))
      : [];
    for (const [index, settings] of SETTINGS.entries()) {
      const out = join(root, String(index));
      const { summary, run } = await convertJson([path, "--out", out, ...settings]);
      assert.equal(run.code, rejects.length > 0 ? 2 : 0, run.stderr);
      checkAccounts(summary);
      assert.deepEqual((await rowsOf(out, columns!)).sort(), wanted.map(String).sort());
      assert.equal(summary.totals.rowsWritten, wanted.length);
      assert.equal(summary.totals.rowsRejected, 24 * rejects.length);
      const found = readRejects(summary);
      assert.deepEqual(
        found.map(({ line, column }) => [line, column]),
        rejects.map(([line, column]) => [line, column]),
      );
      for (const [place, [, , reason]] of rejects.entries())
        assert.ok(found[place]!.reason.includes(reason!), found[place]!.reason);
    }
  });
}

test("components of a day in files of their own, or days pasted into one file, give the same rows", async (t) => {
  const root = tempFolder(t);
  const write = (folder: string, name: string, lines: readonly string[]) => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, name), `${lines.join("\n")}\n`);
  };
  const days = FIXTURES.filter((path) => path.includes("rt_lmp_final")).map((path) => {
    const lines = readFileSync(path, "utf8").trimEnd().split("\r\n");
    return { name: basename(path), above: lines.slice(0, 5), records: lines.slice(5) };
  });
  assert.equal(days.length, 2);
  for (const { name, above, records } of days) {
    write("days", name, [...above, ...records]);
    for (const component of ["LMP", "MCC", "MLC"]) {
      const own = records.filter((line) => line.includes(`,${component},`));
      write("components", `${component}_${name}`, [...above, ...own]);
    }
  }
  const [first, second] = days as [(typeof days)[0], (typeof days)[0]];
  // The second day follows with its date and its header, less the title and the note.
  const more = [second.above[1]!, "", second.above[4]!, ...second.records];
  write("pasted", first.name, [...first.above, ...first.records, "", ...more]);
  const bytes: Record<string, string>[] = [];
  for (const folder of ["days", "components", "pasted"]) {
    const out = join(root, `${folder}-out`);
    const { summary, run } = await convertJson([join(root, folder), "--out", out, "--row-group-size", "30"]);
    assert.equal(run.code, 0, run.stderr);
    checkAccounts(summary);
    assert.equal(summary.totals.rowsWritten, 2 * 4 * 24);
    bytes.push(digests(out));
  }
  assert.deepEqual(bytes[1], bytes[0]);
  assert.deepEqual(bytes[2], bytes[0]);
});
