import type { DatasetCoverage, FeedCoverage } from "../dataset/coverage.js";
import { isoDate } from "../time/calendar.js";

/** What `status --json` prints: days as `2025-03-12`, instants as ISO 8601. */
export function statusJson({ out, feeds, stray }: DatasetCoverage, exitCode: number): object {
  const missing = feeds.reduce((sum, feed) => sum + feed.missing.length, 0);
  const partial = feeds.reduce((sum, feed) => sum + feed.partial.length, 0);
  return {
    status: missing === 0 && partial === 0 && stray.length === 0 ? "complete" : "gaps",
    exitCode,
    out,
    totals: {
      feeds: feeds.length,
      files: feeds.reduce((sum, { years }) => sum + years.length, 0),
      rows: feeds.reduce((sum, { rows }) => sum + rows, 0),
      bytes: feeds.reduce((sum, { bytes }) => sum + bytes, 0),
      missingDays: missing,
      partialDays: partial,
    },
    feeds: feeds.map(feedJson),
    stray,
  };
}

function feedJson(feed: FeedCoverage): object {
  const { table, iso, market, timeZone, rows, bytes, locations, updated, years } = feed;
  return {
    ...{ table, iso, market, feed: feed.feed, timeZone },
    firstDay: isoDate(feed.firstDay),
    lastDay: isoDate(feed.lastDay),
    days: feed.dayRows.filter((count) => count > 0).length,
    missing: feed.missing.map(isoDate),
    partial: feed.partial.map((day) => ({ ...day, day: isoDate(day.day) })),
    ...{ rows, bytes, locations },
    updated: new Date(updated).toISOString(),
    years: years.map((year) => ({
      ...year,
      firstDay: isoDate(year.firstDay),
      lastDay: isoDate(year.lastDay),
      updated: new Date(year.updated).toISOString(),
    })),
  };
}
