import { parse } from "csv-parse/sync";
import { TABLES } from "../../src/arrow/tables.js";
import { CSV_PARSE_OPTIONS } from "../../src/csv/csv-records.js";
import type { ColumnReading, FeedDefinition } from "../../src/feeds/feed-definition.js";
import type { Row, Value } from "./rows.js";
import { WallClock } from "./wall-clock.js";

/*
 * What decoding must yield, without any of the decoder's code: csv-parse for the cells, regular expressions, Number
 * and Date for the values. All bytes are handled as Latin-1 text, one character each, so that none is lost.
 */

/** A record of a file as text; `cells` is null where csv-parse cannot read it. */
export interface ModelRecord {
  line: number;
  raw: string;
  cells: string[] | null;
}

export interface ModelReject {
  line: number;
  column: string | null;
  raw: string;
}

export interface Expected {
  records: number;
  filtered: number;
  rejects: ModelReject[];
  rows: Row[];
}

const LATIN1 = { ...CSV_PARSE_OPTIONS, encoding: "latin1" } as const;

/** Records by the rule: a quoted field may hold line breaks; a quote that never closes costs its own line. */
export function splitRecords(text: string, firstLine: number): ModelRecord[] {
  const records: ModelRecord[] = [];
  let line = firstLine;
  for (let at = 0; at < text.length; ) {
    const end = recordEnd(text, at);
    const raw = text.slice(at, end).replace(/\r?\n$/, "");
    // A CR that ends the file is left of a line break.
    const content = text[end - 1] === "\n" ? raw : raw.replace(/\r$/, "");
    if (content !== "") records.push({ line, raw: content, cells: cellsOf(content) });
    line += text.slice(at, end).split("\n").length - 1;
    at = end;
  }
  return records;
}

/** Where the record at `start` ends, its line break included. */
export function recordEnd(text: string, start: number): number {
  const lineEnd = (from: number): number => (text.indexOf("\n", from) + 1 || text.length + 1) - 1;
  const field = /("[^"]*(?:""[^"]*)*"(?!"))?[^,\n]*/y;
  for (let at = start; ; ) {
    field.lastIndex = at;
    const [whole, quoted] = field.exec(text)!;
    const unclosed = whole.startsWith('"') && quoted === undefined;
    if (unclosed) return Math.min(lineEnd(start) + 1, text.length);
    at += whole.length;
    if (at >= text.length) return text.length;
    if (text[at] === "\n") return at + 1;
    at++;
  }
}

function cellsOf(record: string): string[] | null {
  try {
    const records = parse(Buffer.from(record, "latin1"), LATIN1) as unknown as string[][];
    return records.length === 1 ? records[0]! : null;
  } catch {
    return null;
  }
}

/** Cells and first lines that csv-parse finds in a whole file; null when it refuses the file. */
export function parseWhole(text: string, firstLine: number): { line: number; cells: string[] }[] | null {
  try {
    const found = parse(Buffer.from(text, "latin1"), { ...LATIN1, info: true }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return found.map(({ record, info }) => {
      const breaks = record.join("").split("\n").length - 1;
      return { line: firstLine - 1 + info.lines - breaks, cells: record };
    });
  } catch {
    return null;
  }
}

const utf8 = (latin1: string): string => Buffer.from(latin1, "latin1").toString("utf8");

function isText(latin1: string): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, "latin1"));
    return !latin1.includes("\0");
  } catch {
    return false;
  }
}

/** Everything that must come of the records of a file (its bytes after the header). */
export function expectedOf(
  text: string,
  feed: FeedDefinition,
  header: readonly string[],
  options: { years: readonly number[] | null; firstLine: number; file: number },
): Expected {
  const clock = new WallClock(feed.timeZone);
  const expected: Expected = { records: 0, filtered: 0, rejects: [], rows: [] };
  for (const { line, raw, cells } of splitRecords(text, options.firstLine)) {
    expected.records++;
    const reject = (column: string | null) => expected.rejects.push({ line, column, raw: utf8(raw) });
    if (cells === null || !isText(raw) || cells.length !== header.length) {
      reject(null);
      continue;
    }
    const row = rowOf(cells.map(utf8), feed, header, clock, options.file);
    if (typeof row === "string") reject(row);
    else if (options.years !== null && !options.years.includes(yearOf(row.date))) expected.filtered++;
    else expected.rows.push(row);
  }
  return expected;
}

const yearOf = (date: number): number => new Date(date * 86_400_000).getUTCFullYear();

/** A row, or the header of the first column that does not fit. */
function rowOf(
  cells: readonly string[],
  feed: FeedDefinition,
  header: readonly string[],
  clock: WallClock,
  file: number,
): Row | string {
  const { entity, measures } = TABLES[feed.table];
  const values = new Map<string, Value>();
  for (const [position, name] of header.entries()) {
    const column = feed.columns.find(({ from }) => from.toLowerCase() === name.trim().toLowerCase());
    if (column === undefined) continue;
    const cell = cells[position]!.replace(/^[ \t]+|[ \t]+$/g, "");
    const required = [...entity, ...measures].find((known) => known.name === column.to)?.required;
    const value = readValue(cell, column.reading, feed);
    if (value === undefined || (value === null && required)) return name;
    if (column.to === "version" && typeof value === "number" && value !== (value | 0)) return name;
    values.set(column.to, value);
  }
  const start = values.get("interval_start_utc") as number;
  return {
    start,
    end: start + feed.intervalMinutes * 60_000,
    date: clock.date(start),
    hour: clock.hourEnding(start),
    entity: entity.map(({ name }) => values.get(name) ?? null),
    measures: measures.map(({ name }) => (values.get(name) as number | null) ?? null),
    file,
  };
}

/** Value of a trimmed cell; undefined when it does not fit. */
function readValue(cell: string, reading: ColumnReading, feed: FeedDefinition): Value | undefined {
  if (reading.kind === "timestamp") return instantOf(cell, feed);
  if (cell === "") return null;
  if (reading.kind === "decimal") return decimalOf(cell);
  if (reading.kind === "integer") return /^-?\d{1,15}$/.test(cell) ? Number(cell) + 0 : undefined;
  if (reading.kind === "quantity") {
    const [, number, unit] = /^([^ A-Za-z]+) *([A-Za-z]+)$/.exec(cell) ?? [];
    return unit?.toUpperCase() === reading.unit ? decimalOf(number!) : undefined;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(cell) || Buffer.byteLength(cell) > 256) return undefined;
  if (reading.kind !== "text") throw new Error(`the model does not read ${reading.kind}`);
  if (reading.map === undefined) return cell;
  return new Map(Object.entries(reading.map)).get(cell) ?? "OTHER";
}

function decimalOf(cell: string): number | undefined {
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(cell) ? Number(cell) : undefined;
}

function instantOf(cell: string, feed: FeedDefinition): number | undefined {
  const twelve = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d\d):(\d\d) ([AP])M$/i.exec(cell);
  const iso = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.0+)?$/.exec(cell);
  let parts: number[] | undefined;
  if (twelve !== null) {
    const [month, day, year, hour, minute, second] = twelve.slice(1, 7).map(Number);
    if (hour! < 1 || hour! > 12) return undefined;
    parts = [year!, month!, day!, (hour! % 12) + (/p/i.test(twelve[7]!) ? 12 : 0), minute!, second!];
  } else if (iso !== null) parts = iso.slice(1, 7).map(Number);
  const forms = feed.columns.flatMap(({ reading }) => (reading.kind === "timestamp" ? reading.forms : []));
  const form = twelve === null ? "YYYY-MM-DDTHH:mm:ss" : "M/D/YYYY h:mm:ss AM";
  if (parts === undefined || !forms.includes(form)) return undefined;
  const [year, month, day, hour, minute, second] = parts;
  const instant = Date.UTC(year!, month! - 1, day, hour, minute, second);
  // A day or an hour that does not exist comes back as another one.
  const back = new Date(instant);
  const same = back.getUTCDate() === day && back.getUTCMonth() + 1 === month && back.getUTCHours() === hour;
  if (!same || back.getUTCMinutes() !== minute || back.getUTCSeconds() !== second) return undefined;
  if (year! < 1991 || year! > 2099 || instant % (feed.intervalMinutes * 60_000) !== 0) return undefined;
  return instant;
}
