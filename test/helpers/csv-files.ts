import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import type { Random } from "./random.js";

/** How often things go wrong in a generated file, from 0 to 1. */
export interface Trouble {
  /** Cells that do not fit their column. */
  badCells: number;
  /** Records with a field too many or too few. */
  badCounts: number;
  /** Blank lines. */
  blanks: number;
  /** Bytes that break the quoting or the text: stray quotes, NUL, broken UTF-8. */
  bytes: number;
}

export const NO_TROUBLE: Trouble = { badCells: 0, badCounts: 0, blanks: 0, bytes: 0 };
export const MUCH_TROUBLE: Trouble = { badCells: 0.04, badCounts: 0.03, blanks: 0.05, bytes: 0 };

export interface CsvFile {
  feed: FeedDefinition;
  header: string[];
  /** The records, after the header; Latin-1 text that stands for bytes. */
  text: string;
}

const EXTRA = ["row_is_current", "datetime_beginning_ept", "equipment", "note", "comment"];

/** A file of a feed with its columns, and some that it does not know, in any order. */
export function randomCsv(random: Random, feed: FeedDefinition, records: number, trouble: Trouble): CsvFile {
  const extra = EXTRA.filter(() => random.chance(0.4));
  const known = feed.columns.map(({ from }) => (random.chance(0.2) ? from.toUpperCase() : from));
  const header = random.chance(0.3) ? [...known, ...extra] : random.shuffle([...known, ...extra]);
  return { feed, header, text: randomRecords(random, feed, header, records, trouble) };
}

export function randomRecords(
  random: Random,
  feed: FeedDefinition,
  header: readonly string[],
  records: number,
  trouble: Trouble,
): string {
  const breaks = random.pick([["\n"], ["\r\n"], ["\n", "\r\n"]]);
  const stamps = Array.from({ length: 4 }, () => randomStamp(random, feed));
  const styled = random.chance(0.5);
  let text = "";
  for (let i = 0; i < records; i++) {
    const cells = header.map((name) => {
      const bad = random.chance(trouble.badCells);
      const cell = bad ? random.pick(BAD_CELLS) : goodCell(random, feed, name, stamps);
      return styled ? restyle(random, cell) : quoteIfNeeded(cell);
    });
    if (random.chance(trouble.badCounts)) cells.splice(random.int(0, cells.length - 1), 1);
    if (random.chance(trouble.badCounts)) cells.splice(random.int(0, cells.length), 0, "extra");
    let record = Buffer.from(cells.join(",")).toString("latin1");
    if (random.chance(trouble.bytes)) record = damage(random, record);
    text += record + random.pick(breaks);
    if (random.chance(trouble.blanks)) text += random.pick(breaks);
  }
  return random.chance(0.3) ? text.replace(/\r?\n$/, "") : text;
}

function randomStamp(random: Random, feed: FeedDefinition): string {
  const from = Date.UTC(random.pick([1999, 2023, 2024]), 0, 1);
  const step = feed.intervalMinutes * 60_000;
  const instant = from + random.int(0, 366 * 24 - 1) * 3_600_000 + random.int(0, 3_600_000 / step - 1) * step;
  const date = new Date(instant);
  const [iso] = date.toISOString().split(".");
  const forms = feed.columns.flatMap(({ reading }) => (reading.kind === "timestamp" ? reading.forms : []));
  if (!forms.includes("M/D/YYYY h:mm:ss AM") || random.chance(0.2)) return iso!;
  const hour = date.getUTCHours();
  const day = `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`;
  return `${day} ${hour % 12 || 12}:${iso!.slice(14)} ${hour < 12 ? "AM" : "PM"}`;
}

const NAMES = ["PJM-RTO", "WOLFCREE", "Zürich, 東京", 'the "old" bus', "x", "", "  A B  ", "Łódź 😀", "AEP"];
const SMALL = ["0", "-0", "7", "-12", "+3", ".2", "-.37", "100.", "0.000001", "-0.342860", "1234567.891"];
const LONG = ["0.1234567890123456789", "-12345678901234567890.5", "000000000000000000001.25"];

function goodCell(random: Random, feed: FeedDefinition, name: string, stamps: readonly string[]): string {
  const column = feed.columns.find(({ from }) => from.toLowerCase() === name.toLowerCase());
  if (column === undefined)
    return random.pick(["", "True", "T1", "1/1/2025 12:00:00 AM", "two\nlines", 'a "b"']);
  const { reading } = column;
  if (reading.kind === "timestamp") return random.chance(0.9) ? stamps[0]! : random.pick(stamps);
  if (reading.kind === "quantity") return random.pick(["138 KV", "500 KV", "13.8 kv", "69KV", ""]);
  if (reading.kind === "integer") return column.to === "version" ? random.pick(["1", "2", ""]) : id(random);
  if (reading.kind === "text") {
    if (reading.map !== undefined) return random.pick([...Object.keys(reading.map), "NEWTYPE", ""]);
    // A required name is missing rarely: the record is rejected for it.
    return random.chance(0.05) ? random.pick(NAMES) : random.pick(NAMES.filter((text) => text.trim() !== ""));
  }
  if (random.chance(0.1)) return random.pick([...SMALL, ...LONG]);
  // Around the number of digits up to which a double is exact.
  if (random.chance(0.1)) return `${random.digits(random.int(7, 9))}.${random.digits(random.int(7, 9))}`;
  return (random.int(-300_000, 300_000) / 100).toFixed(random.pick([2, 6]));
}

const id = (random: Random): string => random.pick(["1", "51288", "5021611", "123456789012345", ""]);

const BAD_CELLS = [
  "1e5",
  "NaN",
  "(1.25)",
  "1,234.50",
  "1.2.3",
  "-",
  "abc",
  "2/30/2024 1:00:00 AM",
  "138 MW",
  "a\tb",
];
BAD_CELLS.push(
  "1/1/2024 13:00:00 AM",
  "1/1/2024 1:07:30 AM",
  "2024-01-01T25:00:00",
  "99999999999",
  "1/1/1200",
  "\x07",
);

function quoteIfNeeded(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** The same cell in another spelling: quoted without need, or with spaces around it. */
function restyle(random: Random, cell: string): string {
  const spaced = random.chance(0.1) ? random.pick([` ${cell}`, `${cell} `, `\t ${cell}  `]) : cell;
  return random.chance(0.15) ? `"${spaced.replaceAll('"', '""')}"` : quoteIfNeeded(spaced);
}

/** Puts one or two bytes into a record, or takes some out. */
function damage(random: Random, record: string): string {
  const at = random.int(0, record.length);
  const bytes = random.pick(['"', '"', '""', "\0", "\xff", "\xc3", "\xe2\x82", "\r", ",", "\n", '"\n', ""]);
  return record.slice(0, at) + bytes + record.slice(at + random.pick([0, 0, 1, 5]));
}
