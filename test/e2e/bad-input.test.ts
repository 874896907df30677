import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  assertNothingLeft,
  checkAccounts,
  convertJson,
  dayLines,
  filesBelow,
  readRejects,
  runCli,
  tempFolder,
  writeDays,
} from "./helpers.js";

/* Bad input is said, not guessed: what is wrong, where, and the rest goes on. */

const DAY = { feed: "da_hourly", date: "2025-06-04", nodeCount: 3 } as const;
const GOOD_ROWS = 72;

interface BadRecord {
  name: string;
  change: (cells: string[]) => string | Buffer;
  column: string;
  reason: RegExp;
}

/** A record with one cell replaced. */
function cell(column: string, text: string, reason: RegExp): BadRecord {
  const position = dayLines(DAY).header.split(",").indexOf(column);
  assert.ok(position >= 0, column);
  const change = (cells: string[]) => cells.with(position, text).join(",");
  return { name: `${column} ${text}`, change, column, reason };
}

const STAMP = "datetime_beginning_utc";
const BAD_RECORDS: readonly BadRecord[] = [
  cell("total_lmp_da", "1e5", /"1e5" is in exponent notation/),
  cell("total_lmp_da", "NaN", /"NaN" stands for no number/),
  cell("congestion_price_da", "(1.25)", /"\(1\.25\)" is in parentheses/),
  cell("marginal_loss_price_da", '"1,234.50"', /"1,234\.50" has thousands separators/),
  cell("total_lmp_da", "", /is empty/),
  cell("total_lmp_da", "12.3.4", /"12\.3\.4" is not a number/),
  cell("pnode_name", "", /is empty/),
  cell("pnode_id", "1.5", /"1\.5" is not a whole number/),
  cell("version_nbr", "4000000000", /"4000000000" is not a whole number of 32 bits/),
  cell("voltage", "138 MV", /"138 MV" is not a number of KV/),
  cell(STAMP, "2/30/2025 5:00:00 AM", /"2\/30\/2025 5:00:00 AM" is not a time/),
  cell(STAMP, "6/4/2025 13:00:00 PM", /is not a time/),
  cell(STAMP, "6/4/1989 5:00:00 AM", /not in a year from 1990 to 2100/),
  cell(STAMP, "6/4/2101 5:00:00 AM", /not in a year from 1990 to 2100/),
  cell(STAMP, "6/4/2025 5:05:00 AM", /not at a whole 60 minutes/),
  {
    name: "a NUL byte",
    change: (cells) => cells.with(3, "PJM\0RTO").join(","),
    column: "",
    reason: /has a NUL byte/,
  },
  {
    name: "not UTF-8",
    change: (cells) => Buffer.from(cells.with(3, "CAF\xc9").join(","), "latin1"),
    column: "",
    reason: /is not UTF-8 text/,
  },
  { name: "a field too few", change: (cells) => cells.slice(1).join(","), column: "", reason: /13 fields/ },
  { name: "a field too many", change: (cells) => [...cells, ""].join(","), column: "", reason: /15 fields/ },
  {
    name: "a quote inside a field",
    change: (cells) => cells.with(3, 'A"B').join(","),
    column: "",
    reason: /a quote stands inside an unquoted field/,
  },
  {
    name: "a name over two lines",
    change: (cells) => cells.with(3, '"A\nB"').join(","),
    column: "pnode_name",
    reason: /has a control character/,
  },
];

test("a bad record is rejected with file, line, column and reason, and its neighbours stay", async (t) => {
  const folder = tempFolder(t);
  const { header, records } = dayLines(DAY);
  const chunks: Buffer[] = [Buffer.from(`${header}\r\n`)];
  const wanted: { line: string; bytes: Buffer; bad: BadRecord }[] = [];
  let line = 2;
  for (const [index, record] of records.entries()) {
    const bad = index % 3 === 1 ? BAD_RECORDS[(index - 1) / 3] : undefined;
    const bytes = Buffer.from(bad === undefined ? record : bad.change(record.split(",")));
    if (bad !== undefined) wanted.push({ line: `${line}`, bytes, bad });
    chunks.push(bytes, Buffer.from("\r\n"));
    line += bytes.filter((byte) => byte === 10).length + 1;
  }
  assert.equal(wanted.length, BAD_RECORDS.length);
  const file = join(folder, "day.csv");
  writeFileSync(file, Buffer.concat(chunks));
  const out = join(folder, "out");
  const { summary, run } = await convertJson([file, "--out", out]);

  assert.deepEqual([run.code, summary.status], [2, "partial"]);
  const [account] = checkAccounts(summary);
  assert.equal(account!.rowsRead, GOOD_ROWS);
  assert.equal(account!.rowsRejected, BAD_RECORDS.length);
  assert.equal(account!.rowsWritten, GOOD_ROWS - BAD_RECORDS.length);
  const rejects = readRejects(summary);
  assert.equal(rejects.length, wanted.length);
  for (const [index, { line, bytes, bad }] of wanted.entries()) {
    const reject = rejects[index]!;
    assert.deepEqual([reject.file, reject.line, reject.column], [file, line, bad.column], bad.name);
    assert.match(reject.reason, bad.reason, bad.name);
    assert.equal(reject.record, bytes.toString("utf8"), bad.name);
  }
  assertNothingLeft(out);
});

test("records that another program would have mended: all rejected, none guessed", async (t) => {
  const folder = tempFolder(t);
  const { header, records } = dayLines(DAY);
  const file = join(folder, "day.csv");
  const bad = records.map((record) => record.replace(/,True,1$/, ",True,one"));
  writeFileSync(file, [header, ...bad].join("\n"));
  const { summary, run } = await convertJson([file, "--out", join(folder, "out")]);
  assert.deepEqual([run.code, summary.outputs], [2, []]);
  assert.equal(summary.totals.rowsRejected, GOOD_ROWS);
  assert.equal(readRejects(summary).length, GOOD_ROWS);
  checkAccounts(summary);
});

/** A folder with one good file and the ones given. */
async function folderWith(t: TestContext, files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = join(tempFolder(t), "in");
  await writeDays(folder, [{ ...DAY, date: "2025-06-03" }]);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

test("files that are not understood are skipped with the reason; the run is complete without them", async (t) => {
  const { header } = dayLines(DAY);
  const input = await folderWith(t, {
    "empty.csv": "",
    "blank.csv": "\r\n\r\n",
    "header.csv": `${header}\r\n`,
    "header-cut.csv": header,
    "junk.csv": Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) & 255),
    "notes.csv": "dear diary,\ntoday I downloaded files\n",
    "nearly.csv": `${header.replace("total_lmp_da", "lmp")}\n1,2\n`,
    "twice.csv": `${header},total_lmp_da\n1,2\n`,
    "quotes.csv": `"${header}\n1,2\n`,
  });
  const out = join(input, "..", "out");
  const { summary, run } = await convertJson([input, "--out", out]);
  assert.deepEqual([run.code, summary.status, summary.failures], [0, "complete", []]);
  assert.equal(summary.totals.rowsWritten, GOOD_ROWS);
  const reasons = Object.fromEntries(
    summary.skipped.map(({ file, reason }) => [file.slice(input.length + 1), reason]),
  );
  assert.deepEqual(reasons, {
    "blank.csv": "has nothing but blank lines",
    "empty.csv": "is empty",
    "header-cut.csv": "has a header and no records",
    "header.csv": "has a header and no records",
    "junk.csv": "is not text: its first line has bytes that no CSV file has",
    "nearly.csv": "has nearly the header of PJM/da_hourly, but no column total_lmp_da",
    "notes.csv": "has a header that no known feed has",
    "quotes.csv": "has a first line that is not a CSV header",
    "twice.csv": "has two columns of one name in its header",
  });
  checkAccounts(summary);
});

test("a file that ends in the middle of a record loses that record and no other", async (t) => {
  const { header, records } = dayLines(DAY);
  const whole = [header, ...records].join("\r\n");
  const input = await folderWith(t, {
    "cut.csv": whole.slice(0, -30),
    // the last record is whole, only its line break is missing
    "unterminated.csv": whole.replaceAll("6/4/2025", "7/4/2025").replaceAll("6/5/2025", "7/5/2025"),
  });
  const { summary, run } = await convertJson([input, "--out", join(input, "..", "out")]);
  assert.deepEqual([run.code, summary.status], [2, "partial"]);
  const [reject, ...more] = readRejects(summary);
  assert.deepEqual(more, []);
  assert.equal(reject!.line, `${GOOD_ROWS + 1}`);
  assert.match(reject!.reason, /^the file ends in the middle of a record: \d+ of 14 fields$/);
  assert.equal(summary.totals.rowsWritten, 3 * GOOD_ROWS - 1);
  checkAccounts(summary);
});

test("a file or folder that cannot be read is a failure; the others are converted", async (t) => {
  const input = await folderWith(t, {});
  symlinkSync("nowhere.csv", join(input, "dangling.csv"));
  symlinkSync("circle", join(input, "circle"));
  symlinkSync(".", join(input, "itself"));
  const { summary, run } = await convertJson([input, "--out", join(input, "..", "out")]);
  assert.deepEqual([run.code, summary.status], [2, "partial"]);
  assert.deepEqual(summary.failures, [
    {
      file: join(input, "circle"),
      message: "cannot be read: symbolic links lead in a circle (ELOOP)",
    },
    { file: join(input, "dangling.csv"), message: "cannot be read: no such file or folder (ENOENT)" },
  ]);
  assert.equal(summary.totals.rowsWritten, GOOD_ROWS);
  checkAccounts(summary);

  const dry = await runCli(["convert", input, "--out", join(input, "..", "out"), "--dry-run"]);
  assert.equal(dry.code, 2);
  assert.match(dry.stdout, /2 failures\n.*\n {2}cannot be read: [^\n]*\(ELOOP\)\n {4}circle\n/s);
});

test("a run that cannot be done at all: one message with what, where and what to do, exit code 1", async (t) => {
  const cwd = tempFolder(t);
  await writeDays(join(cwd, "in"), [DAY]);
  mkdirSync(join(cwd, "empty", "within"), { recursive: true });
  mkdirSync(join(cwd, "junk"));
  writeFileSync(join(cwd, "junk", "junk.csv"), Uint8Array.of(0, 1, 2, 10, 3));
  writeFileSync(join(cwd, "junk", "notes.txt"), "hello\n");
  writeFileSync(join(cwd, "file"), "mine");
  const cases: [string[], string, RegExp][] = [
    [["missing", "--out", "out"], "input-missing", /^missing: there is no such file or folder$/],
    [["in", "missing/*.csv", "--out", "out"], "input-missing", /^missing\/\*\.csv: no file fits/],
    [["empty", "--out", "out"], "input-empty", /^there is no file in empty$/],
    [
      ["junk", "--out", "out"],
      "nothing-recognised",
      /^no file can be converted:\n {2}junk\/junk\.csv is not/,
    ],
    [["in", "--out", "file"], "output-not-writable", /^cannot write to file: a part of the path is a file/],
    [["in", "--out", "file/a/b"], "output-not-writable", /^cannot write to file\/a\/b: a part of the path/],
    [
      ["in", "--out", "in/out"],
      "output-inside-input",
      /^the output folder in\/out lies inside the input in$/,
    ],
    [["in", "--out", "in"], "output-inside-input", /^the output folder in lies inside the input in$/],
  ];
  for (const [args, code, message] of cases) {
    const run = await runCli(["convert", ...args], { cwd });
    assert.deepEqual([run.code, run.stdout], [1, ""], args.join(" "));
    assert.match(run.stderr, /^gridparquet: .+\n( {2}.+\n)+$/);
    const json = await runCli(["convert", ...args, "--json"], { cwd });
    const printed = JSON.parse(json.stdout) as { error: { code: string; message: string; hint: string } };
    assert.equal(printed.error.code, code);
    assert.match(printed.error.message, message);
    assert.ok(printed.error.hint.length > 10);
  }
  assert.deepEqual(filesBelow(join(cwd, "out")), []);
  assert.equal(readFileSync(join(cwd, "file"), "utf8"), "mine");
  assert.equal(filesBelow(join(cwd, "in")).length, 1);
});

test("wrong usage: exit code 64 and the right word to type", async (t) => {
  const cwd = tempFolder(t);
  const cases: [string[], RegExp][] = [
    [["convert"], /no inputs and no --out given/],
    [["convert", "in", "--out", "out", "--threads", "0"], /--threads/],
    [["convert", "in", "--out", "out", "--iso", "PJMM"], /PJM\b/],
    [["convert", "in", "--out", "out", "--sequental"], /--sequential/],
    [["konvert"], /convert/],
  ];
  for (const [args, wanted] of cases) {
    const run = await runCli(args, { cwd });
    assert.deepEqual([run.code, run.stdout], [64, ""], args.join(" "));
    assert.match(run.stderr, wanted);
  }
});
