import { SCHEMA_VERSION, TABLES } from "../arrow/tables.js";
import {
  countDays,
  DAY_COUNTS_KEY,
  type DayCounts,
  dayCountsText,
  withMonths,
} from "../parquet/day-counts.js";
import { footerBytes } from "../parquet/footer.js";
import { moveRowGroup } from "../parquet/move-row-group.js";
import { schemaOf } from "../parquet/table-schema.js";
import { monthOfDay } from "../time/calendar.js";
import type { Piece } from "./pieces.js";
import type { YearFileContext } from "./year-context.js";

/** The footer of a year file, from the first byte after its row groups on. */
export function yearFooter(
  { iso, feed }: YearFileContext,
  year: number,
  pieces: readonly Piece[],
  days: DayCounts | null,
): Uint8Array {
  const rowGroups = pieces.map((piece) => moveRowGroup(piece.rowGroup, piece.offset));
  return footerBytes(schemaOf(TABLES[feed.table]), rowGroups, [
    { key: "gridparquet.schema_version", value: SCHEMA_VERSION },
    { key: "gridparquet.table", value: feed.table },
    { key: "gridparquet.iso", value: iso },
    { key: "gridparquet.market", value: feed.market },
    { key: "gridparquet.feed", value: feed.feed },
    { key: "gridparquet.year", value: String(year) },
    { key: "gridparquet.time_zone", value: feed.timeZone },
    ...(days === null ? [] : [{ key: DAY_COUNTS_KEY, value: dayCountsText(days) }]),
  ]);
}

/**
 * What a year file holds of each day.
 *
 * @param before what the file held that is added to; null where none is
 * @param months those to be counted anew: of the others it holds what it held
 */
export function yearDays(
  pieces: readonly Piece[],
  before: DayCounts | null,
  months: ReadonlySet<number>,
): DayCounts | null {
  if (before === null) return countDays(pieces.map(({ intervals }) => intervals));
  const counted = pieces.filter(({ intervals }) => months.has(monthOfDay(intervals.date[0]!)));
  const days = countDays(counted.map(({ intervals }) => intervals));
  return withMonths(before, months, days);
}
