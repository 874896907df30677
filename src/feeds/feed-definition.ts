import type { TableName } from "../arrow/tables.js";

/** Ways that a time stamp is printed. M, D and h may have one digit or two. */
export const TIMESTAMP_FORMS = ["M/D/YYYY h:mm:ss AM", "YYYY-MM-DDTHH:mm:ss"] as const;
export type TimestampForm = (typeof TIMESTAMP_FORMS)[number];

/** How a cell becomes a value of an output column. */
export type ColumnReading =
  /** Text as it stands, less surrounding spaces; empty is null. `map` translates it to a standard word. */
  | { kind: "text"; map?: Readonly<Record<string, string>> }
  | { kind: "integer" }
  | { kind: "decimal" }
  /** A number followed by its unit, such as `138 KV`; the unit must be there. */
  | { kind: "quantity"; unit: string }
  | { kind: "timestamp"; clock: "utc"; forms: readonly TimestampForm[] };

/** One output column and where it comes from. */
export interface ColumnDefinition {
  /** Output column, for example `lmp_total`. */
  readonly to: string;
  /** Header of the CSV column, as the ISO prints it. */
  readonly from: string;
  readonly reading: ColumnReading;
}

/** A feed: one kind of file that an ISO publishes, as read from config/*.yaml and checked. Plain data. */
export interface FeedDefinition {
  readonly iso: string;
  /** Name of the feed within its ISO: `da_hourly`. */
  readonly feed: string;
  readonly title: string;
  readonly table: TableName;
  readonly market: "DA" | "RT";
  /** IANA zone of the market's own clock; operating days and hours are counted in it. */
  readonly timeZone: string;
  readonly intervalMinutes: number;
  /** Whether a real file of this feed has been read. */
  readonly confirmed: boolean;
  /** Patterns of usual file names (`*` stands for anything); they only decide where headers cannot. */
  readonly fileNames: readonly string[];
  readonly columns: readonly ColumnDefinition[];
  /** Headers that the feed is known to have and that are not used. */
  readonly ignored: readonly string[];
  /** Headers that are not used and always say the same of one entity: the decoder reads them along with it. */
  readonly descriptive: readonly string[];
}

/** `PJM/da_hourly`: the name of a feed among all ISOs. */
export function feedKey(feed: { iso: string; feed: string }): string {
  return `${feed.iso}/${feed.feed}`;
}
