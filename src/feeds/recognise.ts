import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { parse } from "csv-parse/sync";
import { type ContainerEntry, entryName, isPlain, reasonOf } from "../containers/container-entry.js";
import { openEntry } from "../containers/open-entry.js";
import { normaliseHeader } from "../csv/decode-program.js";
import { trimCell } from "../csv/field-values.js";
import { CSV_PARSE_OPTIONS } from "../csv/irregular-records.js";
import { dateReader, type TimestampReader, timestampReader } from "../csv/parse-timestamp.js";
import { type ColumnReading, type FeedDefinition, feedKey } from "./feed-definition.js";

/** Bytes that are read at the beginning and at the end of a file to recognise it. */
const SAMPLE_BYTES = 16_384;
const LF = 10;
const DAY_MS = 86_400_000;

/** A file whose feed is known. */
export interface RecognisedFile {
  /** Its name for people: of what lies in an archive, the archive's path and the names inside. */
  path: string;
  /** Where its bytes are. */
  source: ContainerEntry;
  bytes: number;
  feed: FeedDefinition;
  header: string[];
  /** Byte at which the records begin, and the line number there. */
  dataStart: number;
  firstLine: number;
  /** Interval of the first record in epoch milliseconds; null when it cannot be read. It orders the plan. */
  firstStart: number | null;
}

export interface UnrecognisedFile {
  path: string;
  reason: string;
  /** Whether the file belongs to a feed and could not be read, which makes a run partial. */
  failed: boolean;
}

/** The first and the last bytes of a file. */
interface Sample {
  head: Buffer;
  tail: Buffer;
  /** Whether the head is all that there is. */
  whole: boolean;
}

/**
 * Says which of `feeds` a file is of, by its header and, where two feeds share it, its times and its name.
 *
 * @param chosen names of feeds that the user asked for; they decide where nothing else does
 */
export async function recogniseFile(
  source: ContainerEntry,
  feeds: readonly FeedDefinition[],
  chosen: ReadonlySet<string> = new Set(),
): Promise<RecognisedFile | UnrecognisedFile> {
  const { bytes } = source;
  const path = entryName(source);
  const skip = (reason: string, failed = false): UnrecognisedFile => ({ path, reason, failed });
  if (bytes === 0) return skip("is empty");
  let sample: Sample;
  try {
    sample = isPlain(source) ? await readSample(path, bytes) : await readHead(source);
  } catch (error) {
    return skip(reasonOf(error), true);
  }
  const found = findHeader(sample.head, feeds);
  if (typeof found === "string") return skip(found);
  const { header, dataStart, firstLine } = found;
  const fitting = narrowByValue(found.fitting, header, sample.head.subarray(dataStart));
  const present = new Set(header.map(normaliseHeader));
  if (present.size < header.length) return skip("has two columns of one name in its header");
  if (sample.whole && dataStart >= sample.head.length) return skip("has a header and no records");
  const starts = sampleStarts(fitting[0]!, header, sample, dataStart);
  const wanted = fitting.filter((feed) => chosen.has(feed.feed));
  const feed = chooseFeed(path, fitting, starts) ?? (wanted.length === 1 ? wanted[0]! : null);
  if (feed === null) {
    const names = fitting.map(feedKey).join(" and ");
    return skip(
      `has the header of ${names}, and neither its times nor its name tell which; choose one with --feed`,
    );
  }
  return { path, source, bytes, feed, header, dataStart, firstLine, firstStart: starts[0] ?? null };
}

async function readSample(path: string, bytes: number): Promise<Sample> {
  const handle = await open(path, "r");
  try {
    const length = Math.min(bytes, SAMPLE_BYTES);
    const head = Buffer.alloc(length);
    const tail = Buffer.alloc(length);
    const { bytesRead } = await handle.read(head, 0, length, 0);
    if (bytes <= SAMPLE_BYTES)
      return { head: head.subarray(0, bytesRead), tail: Buffer.alloc(0), whole: true };
    const end = await handle.read(tail, 0, length, bytes - length);
    return { head: head.subarray(0, bytesRead), tail: tail.subarray(0, end.bytesRead), whole: false };
  } finally {
    await handle.close();
  }
}

/** The first bytes of what lies in a container; its last ones could be had only by reading all of it. */
async function readHead(source: ContainerEntry): Promise<Sample> {
  const bytes = await openEntry(source);
  try {
    const head = Buffer.alloc(SAMPLE_BYTES);
    let filled = 0;
    for (let count = 1; count > 0 && filled < SAMPLE_BYTES; filled += count) {
      count = await bytes.read(head, filled, SAMPLE_BYTES - filled);
    }
    return { head: head.subarray(0, filled), tail: Buffer.alloc(0), whole: filled < SAMPLE_BYTES };
  } finally {
    await bytes.close();
  }
}

/** A line that is the header of some feeds. */
interface FoundHeader {
  header: string[];
  dataStart: number;
  firstLine: number;
  fitting: FeedDefinition[];
}

/** Lines among which the header is looked for: some files have a title and notes above it. */
const HEADER_WITHIN = 20;

/** The first line that is the header of a feed, after a byte order mark, blank lines and titles; or why there is none. */
function findHeader(head: Buffer, feeds: readonly FeedDefinition[]): FoundHeader | string {
  let start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  let first: string[] | null = null;
  let above = "";
  for (let line = 1; line <= HEADER_WITHIN && start < head.length; line++) {
    const end = head.indexOf(LF, start);
    const bytes = head.subarray(start, end < 0 ? head.length : end);
    if (first === null && (bytes.includes(0) || !isUtf8(bytes))) {
      return "is not text: its first line has bytes that no CSV file has";
    }
    const text = trimCell(bytes.toString("utf8").replace(/\r$/, ""));
    if (end < 0 && head.length >= SAMPLE_BYTES) break;
    start = end < 0 ? head.length : end + 1;
    if (text === "") continue;
    const header = parseHeader(text);
    if (header === null && first === null) return "has a first line that is not a CSV header";
    const fitting = header === null ? [] : fittingFeeds(header, above, feeds);
    if (header !== null && fitting.length > 0)
      return { header, dataStart: start, firstLine: line + 1, fitting };
    first ??= header;
    above += `${text}\n`;
  }
  if (first !== null) return whyNoFeed(first, feeds);
  return start >= head.length
    ? "has nothing but blank lines"
    : `has no line break in its first ${SAMPLE_BYTES} bytes`;
}

function parseHeader(text: string): string[] | null {
  try {
    return (parse(text, CSV_PARSE_OPTIONS) as unknown as string[][])[0] ?? null;
  } catch {
    return null;
  }
}

/** Feeds whose columns are all there, and of whose titles one stands above. */
function fittingFeeds(
  header: readonly string[],
  above: string,
  feeds: readonly FeedDefinition[],
): FeedDefinition[] {
  const present = new Set(header.map(normaliseHeader));
  return feeds.filter((feed) => {
    if (!neededHeaders(feed).every((name) => present.has(normaliseHeader(name)))) return false;
    const { preamble } = feed;
    return preamble.length === 0 || preamble.some((title) => above.includes(title));
  });
}

/** Headers that every file of a feed has. */
function neededHeaders({ columns, recordTypes, components, products, only }: FeedDefinition): string[] {
  const needed = columns.filter(({ optional }) => !optional).map(({ from }) => from);
  if (recordTypes !== null) needed.push(recordTypes.column);
  if (components !== null) needed.push(components.column, components.value);
  return [...needed, ...products.map(({ from }) => from), ...Object.keys(only)];
}

/** Of several feeds with one header those whose records, by the value that they must have, are in the sample. */
function narrowByValue(
  fitting: FeedDefinition[],
  header: readonly string[],
  records: Buffer,
): FeedDefinition[] {
  if (fitting.length < 2) return fitting;
  const cells = records
    .toString("latin1")
    .split("\n")
    .map((line) => line.split(",").map((cell) => trimCell(cell).replace(/^"|"$/g, "")));
  const present = fitting.filter(({ only }) =>
    Object.entries(only).every(([name, value]) => {
      const position = header.findIndex((known) => normaliseHeader(known) === normaliseHeader(name));
      return cells.some((record) => record[position] === value);
    }),
  );
  return present.length > 0 ? present : fitting;
}

/** A reason that names the feed that comes nearest, and what it misses. */
function whyNoFeed(header: readonly string[], feeds: readonly FeedDefinition[]): string {
  const present = new Set(header.map(normaliseHeader));
  const distances = feeds.map((feed) => {
    const needed = neededHeaders(feed);
    const missing = needed.filter((name) => !present.has(normaliseHeader(name)));
    return { feed, missing, share: missing.length / needed.length };
  });
  const nearest = distances.sort((a, b) => a.share - b.share)[0];
  if (nearest === undefined || nearest.share > 0.5) return "has a header that no known feed has";
  return `has nearly the header of ${feedKey(nearest.feed)}, but no column ${nearest.missing.join(", ")}`;
}

/** Intervals of the records in the sample, as epoch milliseconds; what cannot be read is passed over. */
function sampleStarts(
  feed: FeedDefinition,
  header: readonly string[],
  sample: Sample,
  dataStart: number,
): number[] {
  const column = feed.columns.find(({ reading }) => reading.kind === "timestamp" || reading.kind === "date");
  const reading = column?.reading;
  if (column === undefined || reading === undefined) return [];
  if (reading.kind !== "timestamp" && reading.kind !== "date") return [];
  const position = header.findIndex((name) => normaliseHeader(name) === normaliseHeader(column.from));
  const asDay = reading.kind === "date" ? dateReader(reading.forms) : null;
  const read: TimestampReader =
    asDay === null
      ? timestampReader((reading as Extract<ColumnReading, { kind: "timestamp" }>).forms)
      : (bytes, start, end) => asDay(bytes, start, end) * DAY_MS;
  const afterFirstBreak = sample.tail.subarray(sample.tail.indexOf(LF) + 1);
  const starts: number[] = [];
  for (const part of [sample.head.subarray(dataStart), afterFirstBreak]) {
    for (const line of part.toString("latin1").split("\n")) {
      const cell = Buffer.from(trimCell(line.split(",")[position]?.replace(/^"|"$/g, "") ?? ""));
      const start = read(cell, 0, cell.length);
      if (!Number.isNaN(start)) starts.push(start);
    }
  }
  return starts;
}

/**
 * The feed among those with the file's header: times off a feed's grid rule it out; the file's name decides between
 * the rest; without a telling name, the feed with the longest interval of which two or more are seen.
 */
function chooseFeed(
  path: string,
  fitting: readonly FeedDefinition[],
  starts: readonly number[],
): FeedDefinition | null {
  if (fitting.length === 1) return fitting[0]!;
  const fits = fitting.filter(
    (feed) => !feed.onGrid || starts.every((start) => start % (feed.intervalMinutes * 60_000) === 0),
  );
  // A stamp that no feed can have tells nothing: its record will be rejected.
  const onGrid = fits.length > 0 ? fits : fitting;
  if (onGrid.length === 1) return onGrid[0]!;
  const name = basename(path).toLowerCase();
  const named = onGrid.filter(({ fileNames }) =>
    fileNames.some((pattern) => fitsPattern(name, pattern.toLowerCase())),
  );
  if (named.length === 1) return named[0]!;
  if (new Set(starts).size < 2) return null;
  const longest = Math.max(...onGrid.map(({ intervalMinutes }) => intervalMinutes));
  const coarse = onGrid.filter(({ intervalMinutes }) => intervalMinutes === longest);
  return coarse.length === 1 ? coarse[0]! : null;
}

function fitsPattern(name: string, pattern: string): boolean {
  const source = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`).test(name);
}
