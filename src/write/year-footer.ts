import type { RowGroup } from "hyparquet";
import { SCHEMA_VERSION, TABLES } from "../arrow/tables.js";
import {
  countDays,
  DAY_COUNTS_KEY,
  type DayCounts,
  dayCountsText,
  withMonths,
} from "../parquet/day-counts.js";
import { footerBytes } from "../parquet/footer.js";
import { FooterIndex } from "../parquet/footer-index.js";
import { moveRowGroup } from "../parquet/move-row-group.js";
import { schemaOf } from "../parquet/table-schema.js";
import { monthOfDay } from "../time/calendar.js";
import type { Piece } from "./pieces.js";
import type { YearFileContext } from "./year-context.js";

/**
 * The footer of a year file, from the first byte after its row groups on.
 *
 * @param rowGroupOf all that is known of a piece; offsets count from its first byte
 */
export function yearFooter(
  { iso, feed }: YearFileContext,
  year: number,
  pieces: readonly Piece[],
  days: DayCounts | null,
  rowGroupOf: (piece: Piece) => RowGroup,
): Uint8Array {
  const unmoved = pieces.map(unmovedEntry);
  const moved = pieces.filter((_, index) => unmoved[index] === null);
  const footer = footerBytes(
    schemaOf(TABLES[feed.table]),
    moved.map((piece) => moveRowGroup(rowGroupOf(piece), piece.offset)),
    [
      { key: "gridparquet.schema_version", value: SCHEMA_VERSION },
      { key: "gridparquet.table", value: feed.table },
      { key: "gridparquet.iso", value: iso },
      { key: "gridparquet.market", value: feed.market },
      { key: "gridparquet.feed", value: feed.feed },
      { key: "gridparquet.year", value: String(year) },
      { key: "gridparquet.time_zone", value: feed.timeZone },
      ...(days === null ? [] : [{ key: DAY_COUNTS_KEY, value: dayCountsText(days) }]),
    ],
    BigInt(pieces.reduce((sum, { rows }) => sum + rows, 0)),
  );
  if (moved.length === pieces.length) return footer;
  const index = new FooterIndex(footer);
  const entries = index.rowGroups.map(({ entry }) => entry).values();
  return index.withRowGroups(unmoved.map((entry) => entry ?? entries.next().value!));
}

/** What a footer says of a piece that lies where that has it; null of any other. */
function unmovedEntry({ rowGroup, offset }: Piece): Uint8Array | null {
  return rowGroup !== null && "entry" in rowGroup && rowGroup.offset === offset ? rowGroup.entry : null;
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
