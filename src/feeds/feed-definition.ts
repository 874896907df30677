import { type Remainder, remaindersOf } from "../arrow/remainders.js";
import { TABLES, type TableName } from "../arrow/tables.js";

/** Ways that a time stamp is printed. M, D and h may have one digit or two. */
export const TIMESTAMP_FORMS = [
  "M/D/YYYY h:mm:ss AM",
  "YYYY-MM-DDTHH:mm:ss",
  "M/D/YYYY H:mm:ss",
  "M/D/YYYY H:mm",
  "YYYY-MM-DDTHH:mm:ss±HH:mm",
  "YYYY-MM-DD HH:mm:ss±HH:mm",
] as const;
export type TimestampForm = (typeof TIMESTAMP_FORMS)[number];

export const DATE_FORMS = ["M/D/YYYY", "YYYY-MM-DD"] as const;
export type DateForm = (typeof DATE_FORMS)[number];

/** How a cell becomes a value of an output column, or a part of the row's interval. */
export type ColumnReading =
  /**
   * Text as it stands, less surrounding spaces; empty is null. `map` translates it to a standard word, `prefixes`
   * gives a word for what it begins with (the entry "" for all else).
   */
  | { kind: "text"; map?: Readonly<Record<string, string>>; prefixes?: Readonly<Record<string, string>> }
  | { kind: "integer" }
  /** `negate`: the ISO's sign is the opposite of the table's. */
  | { kind: "decimal"; negate?: boolean }
  /** A number followed by its unit, such as `138 KV`; the unit must be there. */
  | { kind: "quantity"; unit: string }
  | IntervalReading;

/** Readings that tell the interval: a stamp alone, or a day with its hour. */
export type IntervalReading =
  /** UTC, or the market's wall clock; the stamp at which the interval starts or ends. */
  | { kind: "timestamp"; clock: "utc" | "local"; edge: "start" | "end"; forms: readonly TimestampForm[] }
  | { kind: "date"; forms: readonly DateForm[] }
  /** `01:00`..`24:00`, `1`..`24`; `02X` is the second pass of the repeated hour. */
  | { kind: "hour_ending" }
  /** Number of the interval within its hour, from 1. */
  | { kind: "interval_of_hour" }
  /** `yes` marks the second pass of the repeated hour, and nothing else. */
  | { kind: "repeated_hour"; yes: string };

/** One output column and where it comes from. */
export interface ColumnDefinition {
  /** Output column, for example `lmp_total`; or an interval part, for example `hour_ending`. */
  readonly to: string;
  /** Header of the CSV column, as the ISO prints it; `#1` is the first column, whatever it is called. */
  readonly from: string;
  readonly reading: ColumnReading;
  /** Whether some of the feed's files lack the column; it is null then. */
  readonly optional?: boolean;
}

/** Files whose records begin with a letter that tells their kind (ISO New England). */
export interface RecordTypes {
  /** Header of the column, which is itself the kind of the header line. */
  readonly column: string;
  /** Kind of the records that hold data. */
  readonly data: string;
  /** Kinds that are passed over. */
  readonly other: readonly string[];
  /** Kind of the record that gives the number of data records. */
  readonly trailer: string;
}

/** A column of prices that stands for one product, where a record has all products side by side. */
export interface ProductColumn {
  readonly from: string;
  /** The ISO's name of the product. */
  readonly product: string;
  /** The word of the one vocabulary. */
  readonly standard: string;
  /** Whether some of the feed's files lack the column, such as those from before the product was introduced. */
  readonly optional?: boolean;
}

/** Records that hold the prices of all hours of an operating day, a column for each. */
export interface HourColumns {
  /** Their headers; `*` stands for the number of the hour, counted from the beginning of the day. */
  readonly header: string;
  /** Number of the last one: 24, or 25 where the clock is changed. */
  readonly last: number;
}

/** Records that hold one component of a price each; those of one interval and location become one row. */
export interface Components {
  /** Header of the column that names the component. */
  readonly column: string;
  /** By the ISO's name of a component: the measure that it is. */
  readonly measures: Readonly<Record<string, string>>;
  /** Header of the column with the component's value; null where the hours have a column each. */
  readonly value: string | null;
}

/** How the second pass of the hour that is repeated in autumn is told, where the clock is a wall clock. */
export type RepeatedHour =
  /** By a flag or a label in the record. */
  | "marked"
  /** Only by the order of a location's stamps: those that come again are the second pass. */
  | "by_order";

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
  /** Whether intervals begin at whole multiples of their length; off-grid stamps are rejected then. */
  readonly onGrid: boolean;
  readonly repeatedHour: RepeatedHour;
  /** An hour that the short day does not have may be named by its end (`03` for the hour that ends at 3:00). */
  readonly shortDayByEnd: boolean;
  readonly recordTypes: RecordTypes | null;
  /** Products that have a column each; a record then stands for as many rows. */
  readonly products: readonly ProductColumn[];
  readonly components: Components | null;
  readonly hours: HourColumns | null;
  /** Forms of the operating day that stands above the header; none where each record tells it. */
  readonly dateAbove: readonly DateForm[];
  /** By header: the value that records must have; all others are no prices and are passed over. */
  readonly only: Readonly<Record<string, string>>;
  /** One of these texts must stand above the header. */
  readonly preamble: readonly string[];
  /** Entity columns that are the same for all rows. */
  readonly constants: Readonly<Record<string, string>>;
  /** Measures that are what is left of `lmp_total` when the other components are taken off. */
  readonly remainders: readonly string[];
  /** Patterns of usual file names (`*` stands for anything); they only decide where headers cannot. */
  readonly fileNames: readonly string[];
  /** Headers that are not used and tell the feed from others with its columns: every file of it has them. */
  readonly with: readonly string[];
  /** The same of headers that no file of it has. */
  readonly without: readonly string[];
  readonly columns: readonly ColumnDefinition[];
  /** Names by which a path may tell the ISO, where the files do not say it; empty where the header tells it. */
  readonly isoNames: readonly string[];
  /** Headers that the feed is known to have and that are not used. */
  readonly ignored: readonly string[];
  /** Headers that are not used and always say the same of one entity: the decoder reads them along with it. */
  readonly descriptive: readonly string[];
}

/** `PJM/da_hourly`; of a feed that several ISOs have in common its own name alone. */
export function feedName(feed: FeedDefinition): string {
  return feed.isoNames.length > 0 ? feed.feed : feedKey(feed);
}

/** `PJM/da_hourly`: the name of a feed among all ISOs. */
export function feedKey(feed: { iso: string; feed: string }): string {
  return `${feed.iso}/${feed.feed}`;
}

/** Headers of a feed's columns of hours, the first hour's first. */
export function hourHeaders({ hours }: Pick<FeedDefinition, "hours">): string[] {
  if (hours === null) return [];
  return Array.from({ length: hours.last }, (_, index) => hours.header.replace("*", String(index + 1)));
}

/** Measures of a feed that are what is left of the total, by their places in its table. */
export function feedRemainders(feed: FeedDefinition): Remainder[] {
  const given =
    feed.components === null ? feed.columns.map(({ to }) => to) : Object.values(feed.components.measures);
  return remaindersOf(TABLES[feed.table], feed.remainders, given);
}
