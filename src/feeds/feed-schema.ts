import * as v from "valibot";
import { TABLES, type TableName } from "../arrow/tables.js";
import { DATE_FORMS, TIMESTAMP_FORMS } from "./feed-definition.js";

/*
 * The shape of a file in config/: one ISO, its vocabularies and its feeds. Validation names the key that is wrong;
 * load-feeds.ts turns the key into a line.
 */

export const Name = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_]*$/, "must be lower-case letters, digits and _"),
);
const Header = v.pipe(v.string(), v.minLength(1));
export const Vocabulary = v.record(
  v.string(),
  v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, "must be a word like HUB")),
);

const Forms = <T extends string>(known: readonly T[]) => v.pipe(v.array(v.picklist(known)), v.minLength(1));
const Words = v.record(
  v.string(),
  v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, "must be a word like HUB")),
);

const Column = v.strictObject({
  /** Header of the CSV column; `#1` for the first one, whatever it is called. */
  from: Header,
  /** Forms that a time stamp may have; the first one that fits is read. */
  timestamp: v.optional(Forms(TIMESTAMP_FORMS)),
  /** Forms that a date may have. */
  date: v.optional(Forms(DATE_FORMS)),
  /** Value of `repeated_hour` that marks the second pass. */
  yes: v.optional(v.string()),
  /** Whether some of the feed's files lack the column, which must be one that may be null. */
  optional: v.optional(v.literal(true)),
  /** Name of a vocabulary that translates the ISO's words. */
  vocabulary: v.optional(v.string()),
  /** Words by what the text begins with; "" for all else. */
  prefixes: v.optional(Words),
  /** Unit that follows the number in the cell. */
  unit: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z]+$/, "must be letters only"))),
  /** The ISO's sign is the opposite of the table's. */
  negate: v.optional(v.boolean()),
});

export const Feed = v.strictObject({
  title: v.pipe(v.string(), v.minLength(1)),
  table: v.picklist(Object.keys(TABLES) as [TableName, ...TableName[]]),
  market: v.picklist(["DA", "RT"]),
  /** Length of an interval: a whole number of them fits into an hour. */
  interval_minutes: v.pipe(v.number(), v.picklist([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60])),
  /** Whether the definition was checked against a real file. */
  confirmed: v.boolean(),
  /** Usual file names, `*` for anything; asked only where two feeds share a header. */
  file_names: v.optional(v.array(v.string()), []),
  /** Headers that are not used and tell the feed from others with its columns: all its files have them, ... */
  with: v.optional(v.array(Header), []),
  /** ... or none has. */
  without: v.optional(v.array(Header), []),
  columns: v.record(v.string(), Column),
  /** Whether intervals begin at whole multiples of their length. */
  on_grid: v.optional(v.boolean(), true),
  /** How the second pass of the repeated hour is told. */
  repeated_hour: v.optional(v.picklist(["marked", "by_order"]), "marked"),
  /** The short day may name its hours by their ends. */
  short_day_by_end: v.optional(v.boolean(), false),
  /** Kinds of records by their first column. */
  record_types: v.optional(
    v.strictObject({ column: Header, data: v.string(), other: v.array(v.string()), trailer: v.string() }),
  ),
  /** Headers of columns that hold the prices of one product each, and the product's word. */
  products: v.optional(Words, {}),
  /** The same, of products that some of the feed's files do not have. */
  optional_products: v.optional(Words, {}),
  /** Records of one component of the price each. */
  components: v.optional(
    v.strictObject({ column: Header, measures: v.record(v.string(), v.string()), value: v.optional(Header) }),
  ),
  /** Headers of columns that hold the prices of one hour each, `*` for the hour's number. */
  hours: v.optional(
    v.strictObject({
      header: v.pipe(v.string(), v.regex(/^[^*]*\*[^*]*$/, "must have one * for the hour's number")),
      last: v.optional(v.picklist([24, 25]), 24),
    }),
  ),
  /** Forms of the operating day where it stands above the header. */
  date_above: v.optional(Forms(DATE_FORMS)),
  /** Headers with the value that records must have to be taken. */
  only: v.optional(v.record(v.string(), v.string()), {}),
  /** Texts of which one stands above the header. */
  preamble: v.optional(v.array(v.string()), []),
  /** Entity columns that are the same for all rows. */
  constants: v.optional(Words, {}),
  /** Measures computed as what is left of lmp_total. */
  remainders: v.optional(v.array(v.string()), []),
  /** Known headers that are not used. */
  ignored: v.optional(v.array(Header), []),
  /** Known headers that are not used and always say the same of one location (or product), such as its equipment. */
  descriptive: v.optional(v.array(Header), []),
});

export const IsoName = v.pipe(
  v.string(),
  v.regex(/^[A-Z][A-Z0-9]*$/, "must be upper-case letters and digits"),
);

export const ConfigFile = v.strictObject({
  iso: IsoName,
  title: v.pipe(v.string(), v.minLength(1)),
  /** Other names of the ISO that a folder or a file may have, such as ISO-NE. */
  also_called: v.optional(v.array(v.pipe(v.string(), v.regex(/[A-Za-z]/, "must have a letter"))), []),
  /** IANA zone of the market's own clock. */
  time_zone: v.pipe(v.string(), v.check(isTimeZone, "is not a time zone that this platform knows")),
  vocabularies: v.optional(v.record(v.string(), Vocabulary), {}),
  feeds: v.record(Name, Feed),
});
export type ConfigFile = v.InferOutput<typeof ConfigFile>;

/** A feed as its file has it. */
export type FeedInput = v.InferOutput<typeof Feed>;
export type ColumnInput = v.InferOutput<typeof Column>;

function isTimeZone(zone: string): boolean {
  // The list has no aliases such as US/Eastern; making a format knows them but takes ten times as long.
  if (Intl.supportedValuesOf("timeZone").includes(zone)) return true;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
