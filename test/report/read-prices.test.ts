import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { writePjmAncillary, writePjmDay } from "../../src/demo/pjm-files.js";
import { choosePrices } from "../../src/report/price-choice.js";
import { readPrices } from "../../src/report/read-prices.js";
import { convert } from "../../src/run/convert.js";
import type { OutputFile } from "../../src/run/options.js";
import { isoDate } from "../../src/time/calendar.js";
import { seenPath } from "../../src/write/publish-seen.js";
import { type SeenEntry, seenText } from "../../src/write/seen-list.js";
import { folder } from "../helpers/folder.js";

const OUTPUT: OutputFile = {
  ...{ path: "", table: "energy", iso: "PJM", market: "DA", feed: "da_hourly" },
  ...{ year: 2024, rows: 1, rowGroups: 1, bytes: 1 },
};

test("hubs come first, then zones, then what is there the longest; names of several places are left out", async (t) => {
  const out = folder(t);
  const entry = (name: string, type: string | null, days = ["2024-01-01", "2024-12-31"]): SeenEntry => ({
    ...{ values: [name, null, type, null, null], firstDay: days[0]!, lastDay: days[1]! },
  });
  const twice = { ...entry("TWICE", "HUB"), values: ["TWICE", 2, "HUB", null, null] };
  const entries = [
    entry("NODE A", "NODE", ["2024-06-01", "2024-12-31"]),
    entry("NODE B", "NODE"),
    ...[entry("ENDED", null, ["2020-01-01", "2023-01-01"]), entry("ZONE", "ZONE"), entry("HUB", "HUB")],
    ...[entry("TWICE", "HUB"), twice],
  ];
  const path = seenPath(out, "PJM", "energy");
  mkdirSync(dirname(path), { recursive: true });
  const feeds = [{ feed: "da_hourly", market: "DA", entries }];
  writeFileSync(path, seenText({ iso: "PJM", table: "energy", feeds }));
  const [prices, ...others] = await choosePrices(out, [OUTPUT, { ...OUTPUT, year: 2025 }], 4);
  assert.deepEqual(others, []);
  assert.deepEqual(
    prices!.chosen.map(({ values }) => values[0]),
    ["HUB", "ZONE", "NODE B", "NODE A"],
  );
  assert.deepEqual(
    prices!.files.map(({ year }) => year),
    [2025, 2024],
  );
});

test("no list, no prices", async (t) => {
  assert.deepEqual(await choosePrices(folder(t), [OUTPUT], 4), []);
  assert.deepEqual(await readPrices(folder(t), [OUTPUT]), { series: [], notes: [] });
});

test("where there are too many rows the last days are read; whole ones, and a note says so", async (t) => {
  const root = folder(t);
  const dates = ["2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"];
  for (const date of dates) {
    await writePjmDay(join(root, "in"), { feed: "da_hourly", date, nodeCount: 10 });
    await writePjmAncillary(join(root, "in"), { date });
  }
  const out = join(root, "out");
  const { outputs } = await convert({ inputs: [join(root, "in")], out, rowGroupSize: 100, threads: 1 });
  const whole = await readPrices(out, outputs);
  assert.deepEqual(whole.notes, []);
  const energy = whole.series.filter(({ feed }) => feed === "da_hourly");
  assert.ok(energy.length >= 3, `${energy.length} locations`);
  for (const { days } of energy)
    assert.deepEqual(
      days.map(({ day }) => isoDate(day)),
      dates,
    );
  assert.ok(whole.series.some(({ feed }) => feed === "as_hourly"));

  // 24 hours of 10 nodes are 240 rows, in row groups of 100
  const ancillaryRows = outputs.reduce((sum, { feed, rows }) => sum + (feed === "as_hourly" ? rows : 0), 0);
  const cut = await readPrices(out, outputs, ancillaryRows + 350);
  assert.deepEqual(cut.notes, ["PJM da_hourly has so many rows that only its last days are shown."]);
  const last = cut.series.filter(({ feed }) => feed === "da_hourly");
  assert.deepEqual(last[0]!.days, energy[0]!.days.slice(-1));
});

test("a year file that is gone is said, and the other feeds are read", async (t) => {
  const root = folder(t);
  await writePjmDay(join(root, "in"), { feed: "da_hourly", date: "2024-12-30", nodeCount: 3 });
  await writePjmAncillary(join(root, "in"), { date: "2024-12-30" });
  const out = join(root, "out");
  const { outputs } = await convert({ inputs: [join(root, "in")], out, threads: 1 });
  const moved = outputs.map((each) =>
    each.feed === "da_hourly" ? { ...each, path: join(out, "no") } : each,
  );
  const { series, notes } = await readPrices(out, moved);
  assert.match(
    notes.join(),
    /^Prices of PJM da_hourly could not be read: no such file or folder \(ENOENT\)\.$/,
  );
  assert.ok(series.length > 0 && series.every(({ feed }) => feed === "as_hourly"));
});
