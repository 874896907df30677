import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeTable } from "../../bench/size-table.js";
import { memoryRecord } from "./made-up-records.js";

test("peak memory is in proportion to that of the first size, within 80 columns", () => {
  const { sizes } = memoryRecord([200, 250]);
  sizes[1]!.runs[0]!.peakRssBytes = 240e6;
  const lines = sizeTable(sizes).split("\n");
  assert.match(lines[1]!, /^1x +500 +30 +2\.00 +200 +200 +200 +1\.00$/);
  assert.match(lines[2]!, /^10x +5000 +300 +2\.00 +245 +240 +250 +1\.23$/);
  for (const line of lines) assert.ok(line.length <= 80, line);
});
