import assert from "node:assert/strict";
import { test } from "node:test";
import { axisOf, packSeries } from "../../src/report/pack-prices.js";
import {
  dayReadout,
  daysMarkup,
  hourReadout,
  hoursMarkup,
  monthRows,
  NO_PRICE,
  packNumber,
  priceSentence,
  unpackDays,
} from "../../src/report/page/price-plots.js";
import { PriceSums } from "../../src/report/price-sums.js";
import { shareOut } from "../../src/report/read-prices.js";
import type { PriceDay, PriceSeries } from "../../src/report/report-model.js";
import { daysFromDate } from "../../src/time/calendar.js";
import { Random } from "../helpers/random.js";

const FIRST = daysFromDate(2024, 2, 27);

function series(days: PriceDay[], hours: (number | null)[] = new Array(24).fill(30)): PriceSeries {
  return {
    iso: "PJM",
    market: "DA",
    feed: "da_hourly",
    table: "energy",
    name: "HUB",
    kind: "HUB",
    days,
    hours,
  };
}

test("prices come back to the cent, days without prices as such", () => {
  const random = new Random(5);
  const cents = (from: number, to: number): number => random.int(from * 100, to * 100) / 100;
  const days = [0, 1, 2, 5, 6, 365].map((i) => {
    const low = cents(-150, 20);
    const mean = low + cents(0, 50);
    return { day: FIRST + i, low, mean, high: mean + cents(0, 9000) };
  });
  const unpacked = unpackDays(packSeries(series(days)));
  assert.equal(unpacked.length, 366);
  for (const [i, day] of unpacked.entries()) {
    const expected = days.find((each) => each.day === FIRST + i);
    assert.equal(day?.day, expected?.day);
    for (const name of ["low", "mean", "high"] as const)
      assert.ok(Math.abs((day?.[name] ?? 0) - (expected?.[name] ?? 0)) < 0.0051, `${i} ${name}`);
  }
});

test("prices that are far apart are kept in wider steps", () => {
  const [day] = unpackDays(packSeries(series([{ day: FIRST, low: -9999, mean: 50, high: 9_000_000 }])));
  assert.ok(Math.abs(day!.high - 9_000_000) <= 50 && Math.abs(day!.low + 9999) <= 50);
});

test("numbers of four characters", () => {
  const texts = [0, 1, 63, 64, 4095, 4096, NO_PRICE].map(packNumber);
  assert.deepEqual(texts, ["AAAA", "AAAB", "AAA_", "AABA", "AA__", "ABAA", "____"]);
});

test("one spike does not flatten a year, and the sentence says so", () => {
  const days = Array.from({ length: 366 }, (_, i) => ({
    ...{ day: FIRST + i, low: 20, mean: 30, high: i === 100 ? 5000 : 60 },
  }));
  const packed = packSeries(series(days));
  assert.ok(packed.axis.high <= 100, String(packed.axis.high));
  assert.equal(
    priceSentence(packed),
    "Mean of the 366 days 30.00 $/MWh; lowest 20.00 on 27 Feb 2024; highest 5,000.00 on 6 Jun 2024. " +
      "The rarest prices lie beyond the axis and are drawn at its end.",
  );
  assert.doesNotMatch(daysMarkup(packed), /NaN|undefined|Infinity/);
});

test("plots and readouts of gaps and of a single day", () => {
  const day = { low: -1, mean: 2, high: 3 };
  const packed = packSeries(
    series(
      [
        { day: FIRST, ...day },
        { day: FIRST + 4, ...day },
      ],
      [null, 5],
    ),
  );
  assert.match(daysMarkup(packed), /h0M.*h0"/, "days by themselves are dots");
  assert.equal(dayReadout(packed, 1), "28 Feb 2024: no prices");
  assert.equal(dayReadout(packed, 4), "2 Mar 2024: mean 2.00 $/MWh, from −1.00 to 3.00");
  assert.equal(hourReadout(packed, 0), "Hour ending 1: no prices");
  assert.equal(hourReadout(packed, 1), "Hour ending 2: mean 5.00 $/MWh");
  assert.match(hoursMarkup(packed), /class="line" d="M500/);
  assert.equal(monthRows(packed).match(/<tr>/g)?.length, 2);
});

test("axes are round, hold all values and differ where values do not", () => {
  assert.deepEqual(axisOf(0, 97), { low: 0, high: 100, ticks: [0, 20, 40, 60, 80, 100] });
  const flat = axisOf(5, 5);
  assert.ok(flat.low < 5 && flat.high > 5);
  const negative = axisOf(-3, 97);
  assert.equal(negative.low, -3);
  assert.ok(negative.ticks.every((tick) => tick >= -3));
});

test("days and hours add up", () => {
  const sums = new PriceSums();
  for (let day = 10; day < 13; day++) {
    for (let hour = 1; hour <= 25; hour++) sums.add(day, hour, day === 12 ? hour : -hour);
  }
  assert.deepEqual(sums.days(11), [
    { day: 11, low: -25, mean: -13, high: -1 },
    { day: 12, low: 1, mean: 13, high: 25 },
  ]);
  assert.deepEqual(sums.hours(12).slice(0, 3), [1, 2, 3]);
  assert.deepEqual(sums.hours(11).slice(0, 2), [0, 0]);
  assert.equal(sums.hours(10).length, 24);
  assert.equal(new PriceSums().hours(0)[0], null);
});

test("rows to read are shared out: the small take theirs, the large what is left", () => {
  assert.deepEqual(shareOut(100, [10, 500, 20, 300]), [10, 35, 20, 35]);
  assert.deepEqual(shareOut(100, [10, 20]), [10, 20]);
  assert.deepEqual(shareOut(100, []), []);
});
