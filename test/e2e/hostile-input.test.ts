import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { zip } from "../containers/zip-writer.js";
import {
  type CliRun,
  checkAccounts,
  convertJson,
  dayLines,
  filesBelow,
  readRejects,
  runCli,
  tempFolder,
} from "./helpers.js";

/*
 * Files are data: nothing in one, or in its name, makes a run write outside of its folder, act on the terminal, hang,
 * or take memory without end.
 */

const { header, records } = dayLines({ feed: "da_hourly", date: "2025-06-04", nodeCount: 1 });
const ROWS = 24;
const DAY = [header, ...records, ""].join("\n");
const NAME = header.split(",").indexOf("pnode_name");
const VOLTAGE = header.split(",").indexOf("voltage");
const TOTAL = header.split(",").indexOf("total_lmp_da");

/** Most memory of a run with one thread, in bytes: several times what it takes, and less than a file below. */
const MAX_MEMORY = 400e6;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ACTS_ON_TERMINAL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

function assertHarmless({ stdout, stderr }: CliRun): void {
  for (const text of [stdout, stderr]) assert.doesNotMatch(text, ACTS_ON_TERMINAL);
}

/** A folder `in` with files, and nothing else beside it. */
function folderWith(
  t: TestContext,
  files: Record<string, string | Uint8Array>,
): { root: string; input: string } {
  const root = tempFolder(t);
  const input = join(root, "in");
  mkdirSync(input);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(input, name), content);
  return { root, input };
}

/** Files below `root` that are neither input nor where a run may write. */
function strays(root: string): string[] {
  return filesBelow(root).filter(
    (name) =>
      !/^in\//.test(name) &&
      !/^out\/energy\/iso=PJM\/market=DA\/feed=da_hourly\/year=2025\/[^/]+\.parquet$/.test(name) &&
      !/^out\/_gridparquet\/[\w./=-]+$/.test(name),
  );
}

const ESCAPES = "\u001b]0;mine\u0007\u001b[2J\u009b31m\u202e\r\n\u2028";

test("names with line breaks and escape codes are printed in escapes, wherever they stand", async (t) => {
  const { root, input } = folderWith(t, {
    [`good${ESCAPES}.csv`]: DAY,
    [`junk${ESCAPES}.csv`]: `${ESCAPES}\n1\n`,
    [`cut${ESCAPES}.gz`]: gzipSync(DAY).subarray(0, 40),
    [`bad${ESCAPES}.csv`]: `${header}\n${records[0]!.replace(/,[^,]*$/, `,${JSON.stringify(ESCAPES)}`)}\n`,
    "names.zip": zip([
      { name: `in${ESCAPES}.csv`, content: DAY },
      { name: `junk${ESCAPES}.csv`, content: `a${ESCAPES}\n` },
    ]),
    "words.csv": [
      header,
      ...records.map((line) => line.split(",").with(NAME, "\u001b[31mA").join(",")),
      "",
    ].join("\n"),
  });
  mkdirSync(join(input, `folder${ESCAPES}`));
  writeFileSync(join(input, `folder${ESCAPES}`, "day.csv"), DAY);
  const out = join(root, "out");
  for (const more of [
    [],
    ["--json"],
    ["--dry-run"],
    ["--dry-run", "--json"],
    ["--log-level", "debug"],
    ["--strict"],
  ]) {
    const run = await runCli(["convert", input, "--out", out, ...more]);
    assert.ok([0, 1, 2].includes(run.code ?? -1), run.stderr);
    assert.ok(run.stdout.length > 0);
    assertHarmless(run);
    if (more.includes("--json")) {
      const { skipped } = JSON.parse(run.stdout) as { skipped: { file: string }[] };
      assert.ok(
        skipped.some(({ file }) => file === join(input, `junk${ESCAPES}.csv`)),
        "a program reads the name as it is",
      );
    }
  }
  const missing = [`missing${ESCAPES}`, `${ESCAPES}*.csv`, join(input, `junk${ESCAPES}.csv`)];
  for (const name of missing) assertHarmless(await runCli(["convert", name, "--out", out]));
  assertHarmless(await runCli(["convert", input, "--out", join(input, `good${ESCAPES}.csv`)]));
  assertHarmless(await runCli(["convert", input, "--out", out, "--config", join(input, `none${ESCAPES}`)]));
  assertHarmless(await runCli(["convert", input, "--out", out, "--iso", ESCAPES, "--feed", ESCAPES]));
  assert.deepEqual(strays(root), []);
});

test("names in archives that lead elsewhere, cells and headers that do: nothing is written there", async (t) => {
  const root = tempFolder(t);
  const cell = (text: string) => [
    header,
    ...records.map((line) => line.split(",").with(NAME, text).join(",")),
    "",
  ];
  const names = [
    "../evil.csv",
    "../../evil.csv",
    "/tmp/evil.csv",
    "C:\\evil.csv",
    "a\\..\\evil.csv",
    "good.csv",
    "good.csv",
  ];
  mkdirSync(join(root, "in"));
  writeFileSync(join(root, "in", "names.zip"), zip(names.map((name) => ({ name, content: DAY }))));
  writeFileSync(join(root, "in", "cells.csv"), cell("../../../evil").join("\n"));
  writeFileSync(join(root, "in", "$(touch evil);`touch evil`.csv"), cell("$(touch evil)").join("\n"));
  const wide = [`${header},../../evil,__proto__`, ...records.map((line) => `${line},x,y`), ""];
  writeFileSync(join(root, "in", "header.csv"), wide.join("\n"));
  const input = join(root, "in");
  const { summary, run } = await convertJson([input, "--out", join(root, "out")], { cwd: root });
  assert.equal(run.code, 2);
  assert.deepEqual(
    summary.failures.map(({ file }) => file.slice(`${input}/names.zip/`.length)).sort(),
    names.toSorted().slice(0, 5).concat("good.csv").sort(),
  );
  checkAccounts(summary);
  assert.equal(summary.totals.rowsRejected, 0);
  assert.deepEqual(strays(root), []);
});

test("pipes, devices and links in a circle are passed over with a reason, and never opened", {
  skip: process.platform === "win32" && "there are no such files",
  // A run that opens one waits for ever.
  timeout: 120_000,
}, async (t) => {
  const { root, input } = folderWith(t, { "day.csv": DAY });
  execFileSync("mkfifo", [join(input, "pipe.csv")]);
  symlinkSync("pipe.csv", join(input, "link-to-pipe.csv"));
  symlinkSync("/dev/zero", join(input, "zero.csv"));
  symlinkSync("/dev/stdin", join(input, "stdin.csv"));
  symlinkSync(".", join(input, "itself"));
  symlinkSync("../in", join(input, "around"));
  const { summary, run } = await convertJson([input, "--out", join(root, "out")]);
  assert.equal(run.code, 0, run.stdout);
  assert.equal(summary.totals.rowsWritten, ROWS);
  const passed = summary.skipped.filter(({ reason }) => reason === "is neither a file nor a folder");
  assert.ok(passed.length >= 2, JSON.stringify(summary.skipped));
  assert.ok(passed.some(({ file }) => file.endsWith("pipe.csv")));
  for (const name of ["pipe.csv", "zero.csv"]) {
    const one = await runCli(["convert", join(input, name), "--out", join(root, "out")]);
    assert.equal(one.code, 1);
    assert.match(one.stderr, /is neither a file nor a folder/);
  }

  const config = join(root, "config");
  mkdirSync(config);
  execFileSync("mkfifo", [join(config, "feeds.yaml")]);
  const configured = await runCli(["feeds", "--config", config]);
  assert.equal(configured.code, 1);
  assert.match(configured.stderr, /feeds\.yaml: it is not a file/);
  execFileSync("mkfifo", [join(root, "gridparquet.config.yaml")]);
  const settings = await runCli(["convert", input, "--out", join(root, "out")], { cwd: root });
  assert.equal(settings.code, 64);
  assert.match(settings.stderr, /cannot read gridparquet\.config\.yaml: it is not a file/);
});

const LONG = 100 << 20;

/** Writes a file of parts without holding it. */
function writeLong(path: string, parts: readonly (string | number)[]): void {
  const file = openSync(path, "w");
  const block = Buffer.alloc(1 << 20, "x");
  for (const part of parts) {
    if (typeof part === "string") writeSync(file, part);
    else
      for (let left = part; left > 0; left -= block.length)
        writeSync(file, block, 0, Math.min(left, block.length));
  }
  closeSync(file);
}

test("a line of 100 MB, quoted or not, with an end or without: one reject, and memory stays bounded", async (t) => {
  const { root, input } = folderWith(t, {});
  const [first, second] = records as [string, string];
  writeLong(join(input, "a-last.csv"), [header, "\n", first, "\n", LONG]);
  writeLong(join(input, "b-quoted.csv"), [header, "\n", first, '\n"', LONG, '"\n', second, "\n"]);
  const inside = second.split(",");
  const [before, after] = [inside.slice(0, NAME).join(","), inside.slice(NAME + 1).join(",")];
  writeLong(join(input, "c-name.csv"), [
    header,
    "\n",
    first,
    `\n${before},`,
    LONG,
    `,${after}\n`,
    second,
    "\n",
  ]);
  writeLong(join(input, "d-header.csv"), [LONG, "\n", first, "\n"]);
  // Nothing but NUL, which takes no place on most disks.
  const holes = openSync(join(input, "e-holes.csv"), "w");
  writeSync(holes, `${header}\n${first}\n`);
  ftruncateSync(holes, LONG);
  closeSync(holes);
  const { summary, run } = await convertJson([input, "--out", join(root, "out"), "--threads", "1"]);
  assert.equal(run.code, 2, run.stderr);
  assert.deepEqual(
    checkAccounts(summary).map(({ file, rowsRead, rowsRejected }) => [
      file.slice(-5, -4),
      rowsRead,
      rowsRejected,
    ]),
    [
      ["t", 2, 1],
      ["d", 3, 1],
      ["e", 3, 1],
      ["s", 2, 1],
    ],
  );
  for (const { reason, record } of readRejects(summary)) {
    assert.match(reason, /longer than 1048576 bytes|quote is opened and not closed/);
    assert.ok(record.length <= 65_536);
  }
  assert.deepEqual(summary.skipped, [
    { file: join(input, "d-header.csv"), reason: "has no line break in its first 16384 bytes" },
  ]);
  assert.ok(summary.peakRssBytes < MAX_MEMORY, `${summary.peakRssBytes} bytes`);
});

test("cells of a megabyte that are nearly a number, a unit or all spaces are rejected in no more than their length", {
  // What takes the square of the length takes the better part of an hour.
  timeout: 300_000,
}, async (t) => {
  const size = (1 << 20) - 1000;
  const cell = (place: number, text: string) => records[1]!.split(",").with(place, text).join(",");
  const bad = [
    cell(NAME, `x${" ".repeat(size)}x`),
    cell(NAME, `x${"\t".repeat(size)}x`),
    cell(NAME, `"${" ".repeat(size)}x\u0007"`),
    cell(TOTAL, `${"9".repeat(size)}x`),
    cell(TOTAL, "9".repeat(size)),
    cell(TOTAL, `1.${"0".repeat(size)}e`),
    cell(TOTAL, "(".repeat(size)),
    cell(TOTAL, "-".repeat(size)),
    cell(TOTAL, `"1${",000".repeat(size >> 2)}x"`),
    cell(VOLTAGE, `${"a".repeat(size)}1`),
    cell(VOLTAGE, `1${" ".repeat(size)}1`),
    cell(0, "1/".repeat(size >> 1)),
    cell(0, "9".repeat(size)),
    `${",".repeat(size)}`,
    `"${'""'.repeat(size >> 1)}`,
  ];
  const { root, input } = folderWith(t, {
    "day.csv": [header, records[0], ...bad, records[2], ""].join("\n"),
  });
  const { summary, run } = await convertJson([input, "--out", join(root, "out"), "--threads", "1"]);
  assert.equal(run.code, 2);
  const { rowsWritten, rowsRejected } = summary.totals;
  assert.deepEqual([rowsWritten, rowsRejected], [2, bad.length]);
  assert.ok(summary.peakRssBytes < MAX_MEMORY);
  checkAccounts(summary);
});

test("headers of very many columns", async (t) => {
  const wide = Array.from({ length: 100_000 }, (_, column) => `c${column}`).join();
  const fits = ",".repeat(5000);
  const { root, input } = folderWith(t, {
    "unknown.csv": `${wide}\n${"1,".repeat(99_999)}1\n`,
    "known-columns-first.csv": `${header},${wide}\n${records[0]}${",1".repeat(100_000)}\n`,
    "within.csv": [header, ...records, ""].map((line) => (line === "" ? "" : line + fits)).join("\n"),
  });
  const { summary, run } = await convertJson([input, "--out", join(root, "out")]);
  assert.equal(run.code, 0, run.stdout);
  assert.equal(summary.totals.rowsWritten, ROWS);
  assert.deepEqual(
    summary.skipped.map(({ reason }) => reason),
    Array(2).fill("has no line break in its first 16384 bytes"),
  );
});

test("archives in archives in archives, and bombs, are refused, and what lies beside them is read", async (t) => {
  const inner = zip([{ name: "day.csv", content: DAY }]);
  let deep = inner;
  for (let depth = 0; depth < 6; depth++) deep = zip([{ name: "i.zip", content: deep }]);
  const zeros = Buffer.alloc(80 << 20);
  const { root, input } = folderWith(t, {
    "day.csv": DAY,
    "deep.zip": deep,
    "bomb.zip": zip([{ name: "bomb.csv", content: zeros }]),
    "bomb.gz": gzipSync(Buffer.concat([Buffer.from(DAY), zeros])),
    // Says that it is small.
    "liar.zip": zip([
      { name: "liar.csv", content: Buffer.concat([Buffer.from(DAY), zeros]), declared: { bytes: 5000 } },
    ]),
  });
  const { summary, run } = await convertJson([input, "--out", join(root, "out"), "--threads", "1"]);
  assert.equal(run.code, 2);
  assert.deepEqual([...new Set(summary.failures.map(({ file }) => file.slice(input.length + 1)))].sort(), [
    "bomb.gz",
    "bomb.zip/bomb.csv",
    "deep.zip/i.zip/i.zip",
    "liar.zip/liar.csv",
  ]);
  assert.ok(summary.totals.rowsWritten >= ROWS);
  checkAccounts(summary);
  assert.ok(summary.peakRssBytes < MAX_MEMORY, `${summary.peakRssBytes} bytes`);
});

const OWN = `iso: TEST
title: Test
time_zone: UTC
feeds:
  da_hourly:
    title: Prices
    table: energy
    market: DA
    interval_minutes: 60
    confirmed: false
    columns:
      interval_start_utc: { from: Begin, timestamp: [YYYY-MM-DDTHH:mm:ss] }
      location: { from: Name }
      lmp_total: { from: Price }
`;
const BOMB = [..."bcdefghij"].map(
  (name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghi"[i]}`).join()}]\n`,
);

/** Texts of definitions, with the line and what is said of it. */
const MISTAKES: [string, string, number, RegExp][] = [
  ["a feed that leads elsewhere", OWN.replace("da_hourly:", "../../evil:"), 6, /must be lower-case letters/],
  ["an ISO that leads elsewhere", OWN.replace("TEST", "../../EVIL"), 1, /must be upper-case letters/],
  ["a table that is none", OWN.replace("energy", "../evil"), 7, /energy/],
  ["a market that is none", OWN.replace("DA\n", "'../evil'\n"), 8, /DA/],
  [
    "aliases that stand for billions of values",
    `a: &a [x]\n${BOMB.join("")}${OWN}`,
    5,
    /aliases that stand for far too much/,
  ],
  [
    "a merge of no map",
    OWN.replace("{ from: Name }", "{ <<: [x], from: Name }"),
    13,
    /Merge sources must be maps/,
  ],
  ["a tag that names code", OWN.replace("Prices", "!!js/function 'process.exit(7)'"), 6, /Unresolved tag/],
  ["a tag of the library", OWN.replace("Prices", "!!binary aGk="), 6, /Unresolved tag/],
  ["nesting without end", `${OWN}deep: ${"[".repeat(200_000)}\n`, 15, /nested too deeply/],
  ["keys that are maps", `${OWN}? { a: b }\n: c\n`, 15, /keys must be strings/],
  [
    "a key with a line break",
    OWN.replace("da_hourly:", `${JSON.stringify(ESCAPES)}:`),
    6,
    /must be lower-case/,
  ],
];

test("own definitions are data: each mistake with its file and line, no name leads out of the folder", async (t) => {
  const { root, input } = folderWith(t, { "own.csv": "Begin,Name,Price\n2025-01-01T00:00:00,A,1\n" });
  const config = join(root, "config");
  mkdirSync(config);
  for (const [name, text, line, message] of MISTAKES) {
    writeFileSync(join(config, "own.yaml"), text);
    const run = await runCli(["convert", "in", "--out", "out", "--config", "config"], { cwd: root });
    assert.equal(run.code, 1, name);
    assert.match(
      run.stderr,
      new RegExp(`^gridparquet: the feed definitions have .*\n(.*\n)*config/own\\.yaml:${line}: `),
      name,
    );
    assert.match(run.stderr, message, name);
    assert.ok(run.stderr.split("\n").length < 30, `${name}: not all of very many mistakes`);
    assertHarmless(run);
  }
  assert.deepEqual(filesBelow(root).sort(), ["config/own.yaml", "in/own.csv"]);

  writeFileSync(join(config, "own.yaml"), OWN.replace("Prices", JSON.stringify(ESCAPES)));
  for (const args of [["feeds"], ["feeds", "--json"], ["convert", input, "--out", join(root, "out")]]) {
    const run = await runCli([...args, "--config", config]);
    assert.equal(run.code, 0, run.stderr);
    assertHarmless(run);
  }
});

test("settings in a file of the folder are data, too", async (t) => {
  const { root } = folderWith(t, { "day.csv": DAY });
  const cases: [string, RegExp][] = [
    [`a: &a [x]\n${BOMB.join("")}`, /gridparquet\.config\.yaml:5: has aliases that stand for far too much/],
    ["threads: !!js/function x\n", /gridparquet\.config\.yaml:1: Unresolved tag/],
    [`out: ${"[".repeat(200_000)}`, /gridparquet\.config\.yaml:1: is nested too deeply/],
    [`"${"\\e[2J"}": 1\n`, /gridparquet\.config\.yaml:1: \\x1b\[2J is not an option/],
  ];
  for (const [text, message] of cases) {
    writeFileSync(join(root, "gridparquet.config.yaml"), text);
    const run = await runCli(["convert", "in", "--out", "out"], { cwd: root });
    assert.equal(run.code, 64, run.stderr);
    assert.match(run.stderr, message);
    assertHarmless(run);
  }
});

test("a folder of very many empty files, and a file that may not be read", async (t) => {
  const { root, input } = folderWith(t, { "day.csv": DAY });
  const many = join(input, "many");
  mkdirSync(many);
  for (let i = 0; i < 5000; i++) closeSync(openSync(join(many, `${i}.csv`), "w"));
  const locked = join(input, "locked.csv");
  writeFileSync(locked, DAY);
  chmodSync(locked, 0);
  const { summary, run } = await convertJson([input, "--out", join(root, "out")]);
  assert.equal(summary.skipped.filter(({ reason }) => reason === "is empty").length, 5000);
  // Who may do everything can read it.
  const reads = process.getuid?.() === 0 || process.platform === "win32";
  assert.equal(run.code, reads ? 0 : 2);
  if (!reads)
    assert.deepEqual(summary.failures, [
      { file: locked, message: "cannot be read: permission denied (EACCES)" },
    ]);
  assert.equal(summary.totals.rowsWritten, ROWS);
  const shown = await runCli(["convert", input, "--out", join(root, "out")]);
  assert.ok(shown.stdout.split("\n").length < 60, "not all of them are listed");
});
