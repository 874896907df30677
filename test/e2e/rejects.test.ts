import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { assertNothingLeft, convertJson, dayLines, filesBelow, tempFolder } from "./helpers.js";

const DAY = { feed: "da_hourly", date: "2025-06-04", nodeCount: 3 } as const;

test("rejects that cannot be written fail the ISO with the reason and do not hang the run", async (t) => {
  const folder = tempFolder(t);
  const input = join(folder, "in");
  // many more tasks than threads: what is handed out after the failure must end, too
  for (let day = 1; day <= 20; day++) {
    const { header, records } = dayLines({ ...DAY, date: `2025-06-${day < 10 ? 0 : ""}${day}` });
    mkdirSync(input, { recursive: true });
    const bad = records.with(5, "not a record");
    writeFileSync(join(input, `${day}_${day % 2 ? "da" : "rt"}.csv`), [header, ...bad, ""].join("\n"));
  }
  for (const blocked of ["pjm", join("pjm", "da_hourly.csv", "in-its-place")]) {
    const out = join(folder, `out-${blocked.length}`);
    const rejects = join(out, "_gridparquet", "rejects", blocked);
    mkdirSync(join(rejects, ".."), { recursive: true });
    writeFileSync(rejects, "in the way");
    const args = ["--out", out, "--batch-size", "1", "--chunk-size", "10", "--row-group-size", "10"];
    const { summary, run } = await convertJson([input, ...args]);
    assert.deepEqual([run.code, summary.status, summary.outputs], [1, "failed", []]);
    assert.match(
      summary.failures[0]!.message,
      /^nothing of this ISO was written: the rejects file .* cannot be/,
    );
    assertNothingLeft(out);
  }
});

test("the rejects of a feed are those of the last run", async (t) => {
  const folder = tempFolder(t);
  const { header, records } = dayLines(DAY);
  const file = join(folder, "day.csv");
  const out = join(folder, "out");
  writeFileSync(file, [header, ...records, "x,y", ""].join("\n"));
  const first = await convertJson([file, "--out", out]);
  const path = join(first.summary.rejects!, "da_hourly.csv");
  assert.equal((parse(readFileSync(path)) as unknown[]).length, 2);
  writeFileSync(file, [header, ...records, ""].join("\n"));
  const second = await convertJson([file, "--out", out]);
  assert.deepEqual([second.run.code, second.summary.rejects], [0, null]);
  assert.equal(filesBelow(out).includes("_gridparquet/rejects/pjm/da_hourly.csv"), false);
});
