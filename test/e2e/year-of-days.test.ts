import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type ConvertSummary, convert } from "../../src/index.js";
import { query } from "../helpers/duckdb.js";
import { checkAccounts } from "./helpers.js";
import { EST } from "./naive-components.js";
import { CENTRAL, type Clock, EASTERN, PACIFIC } from "./naive-isos.js";

/*
 * A year of day-ahead prices of each ISO, each with its own way to tell the time: every location has 24 hours a day,
 * but 23 on the day on which the clocks go forward and 25 on the day on which they go back.
 */

const YEAR = 2025;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FIRST = Date.UTC(YEAR, 0, 1) / DAY;
const DAYS = 365;
const SHORT = Date.UTC(YEAR, 2, 9) / DAY;
const LONG = Date.UTC(YEAR, 10, 2) / DAY;
const LOCATIONS = ["MADE UP EAST", "MADE UP WEST"];

/** An hour of a day: as an instant, and as the market's clock shows its beginning. */
interface Hour {
  start: number;
  /** Number of the hour from the beginning of the day: it is also the price, so that a row tells where it belongs. */
  ordinal: number;
  /** 0 to 23. */
  wall: number;
  isSecond: boolean;
  /** `03/09/2025`. */
  date: string;
}

const pad = (number: number): string => String(number).padStart(2, "0");

/** `03/09/2025 07:00:00` of an instant in UTC. */
function usStamp(instant: number): string {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T(\d+:\d+:\d+)/.exec(
    new Date(instant).toISOString(),
  )!;
  return `${month}/${day}/${year} ${time}`;
}

/** The hours of a day, by going from midnight to midnight. */
function hoursOf(clock: Clock, day: number): Hour[] {
  const hours: Hour[] = [];
  for (let start = clock.utc(day * DAY); start < clock.utc((day + 1) * DAY); start += HOUR) {
    const wall = (start + clock.offset(start)) / HOUR - day * 24;
    const isSecond = hours.some((known) => known.wall === wall);
    hours.push({ start, ordinal: hours.length + 1, wall, isSecond, date: usStamp(day * DAY).slice(0, 10) });
  }
  return hours;
}

interface YearOfFiles {
  iso: string;
  clock: Clock;
  /** Days in a file. */
  days: number;
  name: (day: string) => string;
  file: (hours: readonly Hour[]) => string[];
}

/** A record for each location and hour, below a header. */
function plain(header: string, record: (hour: Hour, location: string, id: number) => string) {
  return (hours: readonly Hour[]) => [
    header,
    ...hours.flatMap((hour) => LOCATIONS.map((location, index) => record(hour, location, 9000 + index))),
  ];
}

function iso8601(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19);
}

const ISONE_HEADER =
  '"H","Date","Hour Ending","Location ID","Location Name","Location Type","Locational Marginal Price","Energy Component","Congestion Component","Marginal Loss Component"';

const FILES: YearOfFiles[] = [
  {
    iso: "ERCOT",
    clock: CENTRAL,
    days: 28,
    name: (day) => `${day}_DAMSPNP4190.csv`,
    file: plain(
      "DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag",
      ({ date, wall, ordinal, isSecond }, location) =>
        `${date},${pad(wall + 1)}:00,${location},${ordinal},${isSecond ? "Y" : "N"}`,
    ),
  },
  {
    iso: "NYISO",
    clock: EASTERN,
    days: 1,
    name: (day) => `${day}damlbmp_zone.csv`,
    file: plain(
      "Time Stamp,Name,PTID,LBMP ($/MWHr),Marginal Cost Losses ($/MWHr),Marginal Cost Congestion ($/MWHr)",
      ({ date, wall, ordinal }, location, id) => `${date} ${pad(wall)}:00,${location},${id},${ordinal},0,0`,
    ),
  },
  {
    iso: "ISONE",
    clock: EASTERN,
    days: 1,
    name: (day) => `WW_DALMP_ISO_${day}.csv`,
    file: (hours) => [
      ...plain(
        `"C","Day-Ahead Energy Market Hourly LMP Report"\n${ISONE_HEADER}`,
        ({ date, wall, ordinal, isSecond }, location, id) =>
          `"D","${date}","${pad(wall + 1)}${isSecond ? "X" : ""}","${id}","${location}","LOAD ZONE",${ordinal},1,0,0`,
      )(hours),
      `"T","${hours.length * LOCATIONS.length} lines"`,
    ],
  },
  {
    iso: "SPP",
    clock: CENTRAL,
    days: 28,
    name: (day) => `DA-LMP-SL-${day}0100.csv`,
    file: plain(
      "Interval,GMTIntervalEnd,Settlement Location,Pnode,LMP,MLC,MCC,MEC",
      ({ start, ordinal }, location) =>
        `${usStamp(start + HOUR + CENTRAL.offset(start))},${usStamp(start + HOUR)},${location},P,${ordinal},0,0,1`,
    ),
  },
  {
    iso: "MISO",
    clock: EST,
    days: 1,
    name: (day) => `${day}_da_expost_lmp.csv`,
    file: (hours) => [
      "Day Ahead Market ExPost LMPs",
      hours[0]!.date,
      "",
      `Node,Type,Value,${hours.map(({ wall }) => `HE ${wall + 1}`)}`,
      ...["LMP", "MCC", "MLC"].flatMap((component) =>
        LOCATIONS.map(
          (location) =>
            `${location},Hub,${component},${hours.map(({ ordinal }) => (component === "LMP" ? ordinal : 0))}`,
        ),
      ),
    ],
  },
  {
    iso: "CAISO",
    clock: PACIFIC,
    days: 28,
    name: (day) => `${day}_PRC_LMP_DAM.csv`,
    file: plain(
      "INTERVALSTARTTIME_GMT,OPR_DT,OPR_HR,NODE,MARKET_RUN_ID,LMP_TYPE,MW",
      ({ start, ordinal }, location) =>
        [`LMP,${ordinal}`, "MCE,1"]
          .map((price) => `${iso8601(start)}-00:00,,,${location},DAM,${price}`)
          .join("\n"),
    ),
  },
  {
    iso: "PJM",
    clock: EASTERN,
    days: 28,
    name: (day) => `da_hrl_lmps_${day}.csv`,
    file: plain(
      "datetime_beginning_utc,pnode_id,pnode_name,voltage,type,zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,version_nbr",
      ({ start, ordinal }, location, id) => `${iso8601(start)},${id},${location},,ZONE,,1,${ordinal},0,0,1`,
    ),
  },
];

suite("a year of days", () => {
  let root = "";
  let summary: ConvertSummary;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), "gridparquet-e2e-"));
    for (const { iso, clock, days, name, file } of FILES) {
      mkdirSync(join(root, "in", iso), { recursive: true });
      for (let day = FIRST; day < FIRST + DAYS; day += days) {
        const hours = Array.from({ length: Math.min(days, FIRST + DAYS - day) }, (_, index) =>
          hoursOf(clock, day + index),
        );
        const digits = new Date(day * DAY).toISOString().slice(0, 10).replaceAll("-", "");
        writeFileSync(join(root, "in", iso, name(digits)), `${file(hours.flat()).join("\n")}\n`);
      }
    }
    summary = await convert({ inputs: [join(root, "in")], out: join(root, "out"), threads: 2 });
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  test("nothing is rejected, dropped or skipped", () => {
    assert.equal(summary.status, "complete");
    assert.deepEqual([summary.skipped, summary.rejects, summary.totals.rowsDeduplicated], [[], null, 0]);
    checkAccounts(summary);
    // One hour less in spring, one more in autumn: the year has the same number of hours everywhere.
    assert.deepEqual(
      summary.outputs.map(({ iso, year, rows }) => [iso, year, rows]).sort(),
      FILES.map(({ iso }) => [iso, YEAR, LOCATIONS.length * DAYS * 24]).sort(),
    );
  });

  for (const { iso, clock } of FILES) {
    test(`${iso}: the hours of every day and location, from 1 and without a gap`, async () => {
      const days = await query(`
        SELECT location, operating_date - DATE '1970-01-01' AS day, count(*), max(hour_ending),
               count(DISTINCT hour_ending), epoch_ms(min(interval_start_utc)), epoch_ms(max(interval_end_utc)),
               count(*) FILTER (lmp_total <> hour_ending
                 OR epoch_ms(interval_end_utc) - epoch_ms(interval_start_utc) <> ${HOUR})
        FROM read_parquet('${root}/out/energy/iso=${iso}/**/*.parquet', hive_partitioning = false)
        GROUP BY ALL ORDER BY location, day`);
      const expected = LOCATIONS.flatMap((location) =>
        Array.from({ length: DAYS }, (_, index) => {
          const day = FIRST + index;
          const hours = iso === "MISO" ? 24 : day === SHORT ? 23 : day === LONG ? 25 : 24;
          const [from, to] = [clock.utc(day * DAY), clock.utc((day + 1) * DAY)];
          return [location, day, hours, hours, hours, from, to, 0];
        }),
      );
      assert.deepEqual(days, expected);
    });
  }
});
