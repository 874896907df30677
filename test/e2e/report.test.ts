import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeErcotDam } from "../../src/demo/ercot-files.js";
import { writePjmAncillary } from "../../src/demo/pjm-files.js";
import { type PackedSeries, unpackDays } from "../../src/report/page/price-plots.js";
import type { ConvertSummary } from "../../src/run/options.js";
import { STAGES } from "../../src/run/stage-clock.js";
import { isoDate } from "../../src/time/calendar.js";
import { Oracle, quoted } from "./duckdb.js";
import {
  AUTUMN,
  assertNothingLeft,
  checkAccounts,
  convertJson,
  filesBelow,
  NEW_YEAR,
  runCli,
  SPRING,
  tempFolder,
  writeDays,
} from "./helpers.js";

const DATES = [...NEW_YEAR, ...SPRING, ...AUTUMN];

/** The page's data, and the names of its locations. */
function readPage(file: string): { text: string; names: string[]; series: PackedSeries[] } {
  const text = readFileSync(file, "utf8");
  const [, json] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(text)!;
  const names = [...text.matchAll(/<option value="\d+" data-title="([^"]*)"/g)].map(([, title]) => title!);
  return { text, names, series: (JSON.parse(json!) as { series: PackedSeries[] }).series };
}

/** A folder with files of two feeds of energy and one of ancillary services. */
async function makeInput(folder: string): Promise<string> {
  const input = join(folder, "input");
  mkdirSync(input);
  await writeDays(
    input,
    DATES.map((date) => ({ feed: "da_hourly" as const, date, nodeCount: 20 })),
  );
  for (const date of SPRING) await writePjmAncillary(input, { date });
  for (const date of AUTUMN) await writeErcotDam(input, { date, nodeCount: 20 });
  return input;
}

test("convert and status write pages whose prices and days are those of the data", async (t) => {
  const folder = tempFolder(t);
  const out = join(folder, "out");
  const page = join(folder, "reports", "new", "run.html");
  const input = await makeInput(folder);
  const { summary, run } = await convertJson([input, "--out", out, "--report", page]);
  assert.equal(run.code, 0, run.stderr);
  checkAccounts(summary);
  assert.equal(summary.page, page);
  assert.deepEqual(filesBelow(join(folder, "reports")), [join("new", "run.html")], "nothing else is left");
  assertNothingLeft(out);

  const { stages } = summary;
  assert.deepEqual(Object.keys(stages!).sort(), ["plan", ...STAGES].sort());
  for (const name of ["plan", "decode", "encode", "append", "publish"] as const)
    assert.ok(stages![name] > 0, `${name}: ${stages![name]} s`);

  const { text, names, series } = readPage(page);
  assert.match(text, /✓ complete/);
  assert.match(text, /PJM da_hourly in 2025: 8 whole, 0 partial, 299 missing/);
  assert.equal(names.length, series.length);
  for (const feed of ["PJM da_hourly", "PJM as_hourly", "ERCOT dam_spp"])
    assert.ok(
      names.some((name) => name.endsWith(feed)),
      feed,
    );

  const status = join(folder, "status.html");
  const told = await runCli(["status", out, "--report", status]);
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /\nreport: .*status\.html\n$/);
  assert.match(readPage(status).text, /What the data set holds/);
  assert.deepEqual(readPage(status).series, series);

  await comparePrices(t, out, names, series);
});

async function comparePrices(
  t: Parameters<typeof tempFolder>[0],
  out: string,
  names: readonly string[],
  series: readonly PackedSeries[],
): Promise<void> {
  const oracle = await Oracle.open();
  t.after(() => oracle.close());
  let compared = 0;
  for (const [i, title] of names.entries()) {
    const [, name, iso, feed] = /^(.*?)(?: \([^()]*\))?, (\S+) (\S+)$/.exec(title)!;
    if (feed === "as_hourly") continue;
    const location = name!.replaceAll("&amp;", "&");
    const rows = await oracle.rows(`
      SELECT CAST(operating_date AS VARCHAR) AS date, min(lmp_total) AS low, avg(lmp_total) AS mean,
             max(lmp_total) AS high
      FROM read_parquet(${quoted(`${out}/energy/iso=${iso}/market=*/feed=${feed}/*/*.parquet`)})
      WHERE location = ${quoted(location)} GROUP BY ALL ORDER BY ALL`);
    const days = unpackDays(series[i]!).filter((day) => day !== null);
    assert.equal(days.length, rows.length, title);
    for (const [at, { date, low, mean, high }] of rows.entries()) {
      const day = days[at]!;
      assert.equal(isoDate(day.day), date);
      for (const [own, theirs] of [
        [day.low, low],
        [day.mean, mean],
        [day.high, high],
      ])
        assert.ok(Math.abs((own as number) - (theirs as number)) < 0.0051, `${title} ${date}`);
    }
    compared++;
  }
  assert.ok(compared >= 8, `${compared} locations`);
}

test("update writes the page of its run, with the days that the data set has then", async (t) => {
  const folder = tempFolder(t);
  const input = join(folder, "input");
  const out = join(folder, "out");
  const page = join(folder, "update.html");
  mkdirSync(input);
  const days = SPRING.map((date) => ({ feed: "da_hourly" as const, date, nodeCount: 3 }));
  await writeDays(input, days.slice(0, 2));
  assert.equal((await runCli(["convert", input, "--out", out, "--quiet"])).code, 0);
  await writeDays(input, days.slice(2));

  const added = await runCli(["update", input, "--out", out, "--report", page]);
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /^1 day added; 2 files unchanged\n[\s\S]*\nreport: .*update\.html\n$/);
  const { text, series } = readPage(page);
  assert.match(text, /✓ complete/);
  assert.match(text, /PJM da_hourly in 2025: 3 whole, 0 partial, 0 missing/);
  assert.equal(unpackDays(series[0]!).length, 3);

  const nothing = await runCli(["update", input, "--out", out, "--report", page, "--json"]);
  assert.equal(nothing.code, 0, nothing.stderr);
  assert.equal((JSON.parse(nothing.stdout) as ConvertSummary).page, page);
  assert.match(readPage(page).text, /PJM da_hourly in 2025: 3 whole[\s\S]*No file was read or written/);

  const lost = await runCli(["update", input, "--out", out, "--report", join(page, "below-a-file.html")]);
  assert.equal(lost.code, 2);
  assert.match(lost.stdout, /the report\s+was not written: /);
});

test("rejected records are shown as they are, with where they came from", async (t) => {
  const folder = tempFolder(t);
  const [path] = await writeDays(folder, [{ feed: "da_hourly", date: SPRING[0]!, nodeCount: 3 }]);
  writeFileSync(path!, readFileSync(path!, "utf8").replace(/\n[^,]*,/, '\n<img src="x">,'));
  const page = join(folder, "run.html");
  const { summary, run } = await convertJson([path!, "--out", join(folder, "out"), "--report", page]);
  assert.equal(run.code, 2);
  assert.equal(summary.totals.rowsRejected, 1);
  const { text } = readPage(page);
  assert.match(text, /! partial/);
  assert.match(text, /1 row rejected/);
  assert.match(text, /<pre>[^<]*&lt;img src=/);
  assert.match(text, /, line 2/);
});

test("a report that cannot be written leaves the data and makes the run partial", async (t) => {
  const folder = tempFolder(t);
  const [path] = await writeDays(folder, [{ feed: "da_hourly", date: SPRING[0]!, nodeCount: 3 }]);
  const out = join(folder, "out");
  const page = join(path!, "below-a-file.html");
  const { summary, run } = await convertJson([path!, "--out", out, "--report", page]);
  assert.equal(run.code, 2);
  assert.equal(summary.status, "partial");
  assert.equal(summary.page, undefined);
  assert.equal(summary.failures.length, 1);
  assert.equal(summary.failures[0]!.file, page);
  assert.match(summary.failures[0]!.message, /^the report was not written: /);
  assert.ok(statSync(summary.outputs[0]!.path).size > 0);

  const told = await runCli(["status", out, "--report", page]);
  assert.equal(told.code, 2);
  assert.match(told.stderr, /below-a-file\.html: the report was not written: /);
  assert.match(told.stdout, /PJM/);
});

test("a report must be called .html, and a dry run has none", async (t) => {
  const folder = tempFolder(t);
  const [path] = await writeDays(folder, [{ feed: "da_hourly", date: SPRING[0]!, nodeCount: 3 }]);
  const args = ["convert", path!, "--out", join(folder, "out"), "--report"];
  const wrong = await runCli([...args, "report.txt"]);
  assert.equal(wrong.code, 64);
  assert.match(wrong.stderr, /--report must be a file whose name ends in \.html, not 'report\.txt'/);
  const dry = await runCli([...args, join(folder, "dry.html"), "--dry-run"]);
  assert.equal(dry.code, 0);
  assert.match(dry.stderr, /--report is left out: a dry run has nothing to report/);
  assert.ok(!filesBelow(folder).includes("dry.html"));
});
