import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type ConvertSummary, type FileAccount, NO_ROWS } from "../../src/run/options.js";
import { writeRunRecord } from "../../src/run/run-record.js";
import { folder } from "../helpers/folder.js";

function summaryOf(count: number): ConvertSummary {
  const files = Array.from(
    { length: count },
    (_, index): FileAccount => ({
      ...NO_ROWS,
      file: `in/quote " and\nbreak ${index}.zip`,
      feed: "rtm_spp",
      bytesIn: index,
    }),
  );
  return {
    status: "complete",
    exitCode: 0,
    elapsedSeconds: 1.5,
    peakRssBytes: 1,
    totals: { ...NO_ROWS, files: count, filesSkipped: 0, unmappedWords: 0, bytesIn: 1, bytesOut: 1 },
    outputs: [],
    skipped: [{ file: "in/notes.txt", reason: "has a header that no known feed has" }],
    passedOver: [],
    failures: [],
    unmapped: [],
    rejects: null,
    report: null,
    files,
  };
}

for (const count of [0, 1, 999, 1000, 1001, 2500]) {
  test(`a record with ${count} files is the summary as JSON, its lines and all`, async (t) => {
    const startedAt = new Date(Date.UTC(2024, 0, 1));
    const summary = summaryOf(count);
    const recorded = await writeRunRecord(folder(t), startedAt, summary);
    assert.deepEqual({ ...recorded, report: null }, summary);
    const expected = { startedAt: "2024-01-01T00:00:00.000Z", ...recorded };
    assert.equal(readFileSync(recorded.report!, "utf8"), `${JSON.stringify(expected, null, 2)}\n`);
  });
}
