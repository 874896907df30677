import assert from "node:assert/strict";
import { before, test } from "node:test";
import { calendarLines } from "../../src/cli/calendar-text.js";
import { daysText } from "../../src/cli/days-text.js";
import { main } from "../../src/cli/main.js";
import { resolveStatus } from "../../src/cli/resolve-dataset.js";
import { dayOf, dayRows, daysFrom, putYears } from "../helpers/datasets.js";
import { put } from "../helpers/folder.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { collector, folder, raw, surroundings, tooLong, usage } from "./helpers.js";

before(loadEncoders);

const PLAIN = { unicode: false, color: false };

test("days in words", () => {
  const text = (...days: string[]) => daysText(days.map(dayOf));
  const range = (first: string, last: string) => daysText(daysFrom(first, last));
  assert.equal(text(), "");
  assert.equal(text("2025-03-12"), "12 March 2025");
  assert.equal(text("2025-03-12", "2025-03-13", "2025-03-14"), "12–14 March 2025");
  assert.equal(text("2025-03-03", "2025-03-05", "2025-03-06"), "3, 5–6 March 2025");
  assert.equal(text("2025-03-03", "2025-04-03", "2026-04-03"), "3 March 2025, 3 April 2025, 3 April 2026");
  assert.equal(range("2025-02-28", "2025-03-02"), "28 February – 2 March 2025");
  assert.equal(range("2024-12-30", "2025-01-02"), "30 December 2024 – 2 January 2025");
  const several = [...daysFrom("2025-01-30", "2025-02-02"), dayOf("2025-02-04"), dayOf("2025-02-06")];
  assert.equal(daysText(several), "30 January – 2 February 2025, 4, 6 February 2025");
  assert.equal(daysText(several, "-", 2), "30 January - 2 February 2025, 4 February 2025, and 1 more day");
  assert.equal(daysText(several, "-", 1), "30 January - 2 February 2025, and 2 more days");
});

test("a calendar: a month a line, whole and empty months together", () => {
  const firstDay = dayOf("2024-01-30");
  const states = daysFrom("2024-01-30", "2025-03-02").map((day) => {
    if (day === dayOf("2024-05-31")) return "partial" as const;
    return day >= dayOf("2024-09-30") && day <= dayOf("2025-01-31")
      ? ("missing" as const)
      : ("present" as const);
  });
  assert.deepEqual(calendarLines(firstDay, states, PLAIN), [
    "2024-01                               ##",
    "2024-02 - 2024-04  all of 90 days",
    "2024-05  ##############################+",
    "2024-06 - 2024-08  all of 92 days",
    "2024-09  #############################.",
    "2024-10 - 2025-01  none of 123 days",
    "2025-02  ############################",
    "2025-03  ##",
  ]);
  const [line] = calendarLines(dayOf("2024-05-01"), ["present", "present", "missing"], {
    unicode: true,
    color: true,
  });
  assert.equal(line, "2024-05  \u001b[32m██\u001b[0m\u001b[31m·\u001b[0m");
});

/** Runs the command; `columns` makes stdout a terminal. */
async function status(args: readonly string[], terminal?: { columns: number }) {
  const [stdout, stderr] = [collector(terminal), collector()];
  const code = await main(["status", ...args], { stdout: stdout.stream, stderr: stderr.stream });
  return { code, text: stdout.text(), errors: stderr.text() };
}

test("the text fits 80 columns and says what is missing", async (t) => {
  const out = folder(t);
  const days = daysFrom("2024-02-01", "2025-03-20", ["2025-03-12", "2025-03-13", "2025-03-14"]);
  const kept = days.filter((day) => day % 50 !== 0);
  await putYears(out, dayRows(kept, 1), { iso: "CAISO", feed: "a_feed_with_a_long_name_of_some_40_letters" });
  await putYears(out, dayRows(days.slice(-30), 1));
  put(out, "energy/iso=PJM/notes.txt", "hello");
  const { code, text } = await status([out]);
  assert.equal(code, 0);
  assert.deepEqual(
    tooLong(text).filter((line) => !line.includes(out)),
    [],
  );
  assert.doesNotMatch(text, /[^\n\x20-\x7e]/);
  assert.match(text, /\n {2}3 days missing: 12-14 March 2025\n/);
  assert.match(text, /\n {2}2025-03 {2}###########\.\.\.######\n/);
  assert.match(text, /\n {2}2024 {2}2024-02-01 {2}2024-12-31 {2}\d+ of 335 /);
  assert.match(text, /1 file left out\n {2}energy\/iso=PJM\/notes\.txt\n {4}it is no year file/);
  const terminal = await status([out, "--iso", "PJM"], { columns: 80 });
  assert.ok(terminal.text.length > 0 && !terminal.text.includes("CAISO"));
});

test("on a terminal the locale and NO_COLOR decide", async () => {
  const style = async (env: NodeJS.ProcessEnv) =>
    (await resolveStatus(raw("status", "lake"), surroundings("/", env))).options.style;
  assert.deepEqual(await style({}), { unicode: false, color: true });
  assert.deepEqual(await style({ LANG: "en_US.UTF-8" }), { unicode: true, color: true });
  assert.deepEqual(await style({ LANG: "en_US.UTF-8", LC_ALL: "C" }), { unicode: false, color: true });
  assert.deepEqual(await style({ LC_CTYPE: "C.utf8", NO_COLOR: "1" }), { unicode: true, color: false });
  assert.deepEqual(await style({ LANG: "C.UTF-8", NO_COLOR: "" }), { unicode: true, color: true });
  assert.deepEqual(await style({ LANG: "C.UTF-8", TERM: "dumb" }), { unicode: false, color: false });
});

test("--strict: 2 when a day is missing or a file cannot be read, 0 when all is there", async (t) => {
  const [whole, gap, damaged] = [folder(t), folder(t), folder(t)];
  const days = daysFrom("2024-05-01", "2024-05-05");
  for (const out of [whole, damaged]) await putYears(out, dayRows(days));
  await putYears(gap, dayRows(days.filter((day) => day !== days[2])));
  put(damaged, "energy/iso=X/market=DA/feed=f/year=2024/x_f_2024.parquet", "");
  const codes = [];
  for (const out of [whole, gap, damaged]) {
    codes.push([(await status([out])).code, (await status([out, "--strict"])).code]);
  }
  assert.deepEqual(codes, [
    [0, 0],
    [0, 2],
    [0, 2],
  ]);
});

test("--json prints one object", async (t) => {
  const out = folder(t);
  await putYears(out, dayRows(daysFrom("2024-05-01", "2024-05-05", ["2024-05-03"])));
  const { code, text } = await status([out, "--json", "--strict"], { columns: 80 });
  assert.equal(code, 2);
  const printed = JSON.parse(text);
  assert.deepEqual(
    [printed.status, printed.exitCode, printed.totals.missingDays, printed.totals.rows],
    ["gaps", 2, 1, 288],
  );
  const [feed] = printed.feeds;
  assert.deepEqual(
    [feed.iso, feed.firstDay, feed.lastDay, feed.days, feed.missing, feed.partial, feed.locations],
    ["PJM", "2024-05-01", "2024-05-05", 4, ["2024-05-03"], [], null],
  );
  assert.deepEqual([feed.years[0].year, feed.years[0].missing], [2024, 1]);
});

test("wrong usage and a folder without a dataset", async (t) => {
  const out = folder(t);
  const cases: [string[], number, RegExp][] = [
    [[], 64, /no folder given\n {2}Type: gridparquet status DIR/],
    [[out, "more"], 64, /one folder at a time: more is one too many/],
    [[out, "--deep", "x"], 64, /unknown option '--deep'/],
    [[out], 1, /holds no dataset of gridparquet\n {2}Give the folder/],
    [[`${out}/missing`], 1, /there is no such folder/],
  ];
  for (const [args, wanted, message] of cases) {
    const { code, text, errors } = await status(args);
    assert.deepEqual([code, text], [wanted, ""], args.join(" "));
    assert.match(errors, message);
  }
});

test("ISOs and feeds may be named that the definitions have, and those of the dataset", async (t) => {
  const out = folder(t);
  await putYears(out, dayRows(daysFrom("2024-05-01", "2024-05-02")), { iso: "MINE", feed: "own" });
  const resolved = async (...args: string[]) =>
    (await resolveStatus(raw("status", out, ...args), surroundings(out))).options.filter;
  assert.deepEqual((await resolved("--iso", "mine", "--feed", "OWN")).feeds, ["own"]);
  assert.deepEqual((await resolved("--iso", "PJM", "--year", "2024")).years, [2024]);
  await assert.rejects(resolved("--iso", "MIN"), usage(/'MIN' is not a known ISO/, /Did you mean MINE/));
});
