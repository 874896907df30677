import type { FeedDays, PriceSeries, ReportModel } from "../../src/report/report-model.js";
import { NO_ROWS } from "../../src/run/options.js";
import { daysFromDate } from "../../src/time/calendar.js";

/** A name that would do harm where it is not escaped. */
export const HOSTILE = `<script>alert("x")</script>&amp;\n"' onload=alert(1) \u202egnp.csv`;

export const YEAR = 2024;
const FIRST_DAY = daysFromDate(YEAR, 1, 1);
const DAYS = 366;

export interface ModelSize {
  feeds: number;
  /** Locations of each feed. */
  locations: number;
}

/** A run and a data set that were never there, with every kind of problem. */
export function madeUpModel({ feeds, locations }: ModelSize = { feeds: 3, locations: 2 }): ReportModel {
  const names = Array.from({ length: feeds }, (_, i) => `feed_${i}`);
  const outputs = names.map((feed) => ({
    ...{ path: `out/energy/${feed}.parquet`, table: "energy" as const, iso: "PJM", market: "DA", feed },
    ...{ year: YEAR, rows: 1000, rowGroups: 1, bytes: 8000 },
  }));
  const rows = { ...NO_ROWS, recordsRead: 1010, rowsRead: 1010, rowsWritten: 1000, rowsRejected: 10 };
  return {
    version: "1.2.3",
    writtenAt: new Date(Date.UTC(2025, 0, 2)),
    out: HOSTILE,
    coverage: names.map(feedDays),
    prices: { series: names.flatMap((feed) => seriesOf(feed, locations)), notes: [`of ${HOSTILE}`] },
    outputs,
    run: {
      startedAt: new Date(Date.UTC(2025, 0, 1)),
      samples: Array.from({ length: 500 }, (_, i) => ({
        seconds: i / 5,
        rssBytes: 2e8 + 1e6 * (i % 50),
        rows: i * 1000,
        bytes: i * 4e7,
      })),
      summary: {
        status: "partial",
        exitCode: 2,
        elapsedSeconds: 100,
        peakRssBytes: 2.5e8,
        totals: { ...rows, files: 1, filesSkipped: 2, unmappedWords: 1, bytesIn: 2e10, bytesOut: 8000 },
        outputs,
        skipped: [
          { file: HOSTILE, reason: `has ${HOSTILE}` },
          { file: `${HOSTILE}2`, reason: `has ${HOSTILE}` },
        ],
        passedOver: [{ iso: "PJM", feed: "feed_0", records: 5, reason: HOSTILE }],
        failures: [
          { file: HOSTILE, message: `failed: ${HOSTILE}` },
          { file: "", message: "of the run" },
        ],
        unmapped: [{ iso: "PJM", feed: "feed_0", column: "location_type", value: HOSTILE }],
        resumed: [],
        rejects: HOSTILE,
        report: null,
        stages: { plan: 1, unpack: 0, decode: 60, encode: 30, merge: 0, wait: 5, append: 2, publish: 1 },
        files: [{ file: HOSTILE, feed: "feed_0", bytesIn: 2e10, ...rows, seconds: 1, retries: 0 }],
      },
      rejected: {
        rows: [
          { feed: HOSTILE, file: HOSTILE, line: "3", column: HOSTILE, reason: HOSTILE, record: HOSTILE },
          { feed: "PJM/feed_0", file: "a.csv", line: "", column: "", reason: "no total", record: "" },
        ],
        problem: null,
      },
    },
  };
}

/** The second feed has a gap and a partial day, the others are whole. */
function feedDays(feed: string, i: number): FeedDays {
  const dayRows = new Array<number>(DAYS).fill(24);
  if (i !== 1) return { iso: "PJM", market: "DA", feed, firstDay: FIRST_DAY, dayRows, partial: [] };
  dayRows.fill(0, 100, 103);
  const partial = { day: FIRST_DAY + 200, intervals: 12, expectedIntervals: 24 };
  return {
    ...{ iso: "PJM", market: "DA", feed, firstDay: FIRST_DAY, dayRows },
    partial: [{ ...partial, rowsPerInterval: 1, expectedRowsPerInterval: 1 }],
  };
}

function seriesOf(feed: string, locations: number): PriceSeries[] {
  return Array.from({ length: locations }, (_, i) => ({
    ...{ iso: "PJM", market: "DA", feed, table: "energy" as const },
    name: i === 1 ? HOSTILE : `LOCATION ${i}`,
    kind: i === 0 ? "HUB" : "",
    days: Array.from({ length: DAYS }, (_, day) => ({
      day: FIRST_DAY + day,
      low: -5.25 - i,
      mean: 30 + 10 * i + 5 * Math.sin(day / 9),
      high: 90.5 + (day === 300 ? 4000 : 0),
    })),
    hours: Array.from({ length: 24 }, (_, hour) => 20 + hour),
  }));
}
