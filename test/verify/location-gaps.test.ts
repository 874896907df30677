import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { before, test } from "node:test";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { readFooter } from "../../src/parquet/read-footer.js";
import { MarketClock } from "../../src/time/market-clock.js";
import { checkPart, type PartResult } from "../../src/verify/check-part.js";
import { FindingList } from "../../src/verify/checks.js";
import { joinParts } from "../../src/verify/join-parts.js";
import { dayRows, daysFrom } from "../helpers/datasets.js";
import { folder, put } from "../helpers/folder.js";
import { loadEncoders, parquetFile, sorted } from "../helpers/parquet-files.js";
import { forSeedsAsync, type Random } from "../helpers/random.js";
import { ENERGY, type Row } from "../helpers/rows.js";

before(loadEncoders);

const HOUR_MS = 3_600_000;

/** Nine days of a few locations, each of which comes and goes; now and then an interval is missing for all. */
function rowsWithGaps(random: Random): Row[] {
  const rows = dayRows(daysFrom("2024-05-01", "2024-05-09"), random.int(2, 5));
  const away = new Map<string, number>();
  const lost = new Set([...new Set(rows.map(({ start }) => start))].filter(() => random.chance(0.02)));
  return rows.filter(({ start, entity }) => {
    const name = String(entity[0]);
    if ((away.get(name) ?? 0) > start) return false;
    if (!random.chance(0.03)) return !lost.has(start);
    away.set(name, start + random.pick([1, 2, 20, 30, 47, 48, 60]) * HOUR_MS);
    return false;
  });
}

/** How often a location comes back within two days, and lacks intervals that others have. */
function gapsOf(rows: readonly Row[]): { gaps: number; intervals: number } {
  const starts = [...new Set(rows.map(({ start }) => start))];
  const found = { gaps: 0, intervals: 0 };
  for (const name of new Set(rows.map(({ entity }) => entity[0]))) {
    const own = rows.filter(({ entity }) => entity[0] === name).map(({ start }) => start);
    for (const [i, start] of own.entries()) {
      const before = own[i - 1];
      if (before === undefined || start - before > 48 * HOUR_MS) continue;
      const missing = starts.filter((each) => each > before && each < start).length;
      found.intervals += missing;
      if (missing > 0) found.gaps++;
    }
  }
  return found;
}

test("gaps of locations are those that a naive model finds, however the file is cut into parts", async (t) => {
  let all = 0;
  await forSeedsAsync(12, async (random) => {
    const rows = rowsWithGaps(random);
    const days = [...new Set(rows.map(({ date }) => date))];
    const groups = [];
    for (const day of days) {
      const ofDay = rows.filter(({ date }) => date === day);
      groups.push(await encodeRowGroup(ENERGY, sorted(ENERGY, ofDay), "zstd"));
    }
    const path = put(folder(t), "file.parquet", parquetFile(ENERGY, groups));
    const handle = await open(path, "r");
    const { row_groups } = (await readFooter(handle)).metadata;
    await handle.close();
    const wanted = gapsOf(rows);
    all += wanted.gaps;
    for (const size of [1, 4, days.length]) {
      const parts: PartResult[] = [];
      for (let first = 0; first < row_groups.length; first += size) {
        const task = { path, file: "file", table: "energy", iso: "PJM", year: 2024 } as const;
        const rowGroups = row_groups.slice(first, first + size);
        parts.push(
          await checkPart({ ...task, timeZone: "America/New_York", rowGroups, firstRowGroup: first }),
        );
      }
      const findings = new FindingList("file");
      for (const part of parts) findings.absorb(part);
      joinParts(parts, new MarketClock("America/New_York"), null, findings);
      const result = findings.result();
      const gaps = result.findings.filter(({ check }) => check === "location-gap");
      const omitted = result.omitted.find(({ check }) => check === "location-gap")?.count ?? 0;
      assert.equal(gaps.length + omitted, wanted.gaps, `${size} row groups a part`);
      if (omitted > 0) continue;
      const named = gaps.map(({ message }) => Number.parseInt(message, 10));
      assert.equal(
        named.reduce((sum, count) => sum + count, 0),
        wanted.intervals,
      );
    }
  });
  assert.ok(all > 30, `only ${all} gaps were tried`);
});
