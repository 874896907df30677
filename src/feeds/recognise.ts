import { type ContainerEntry, entryName, isPlain, reasonOf } from "../containers/container-entry.js";
import { openEntry } from "../containers/open-entry.js";
import { OpenFile, type RandomAccess, readAt } from "../containers/random-access.js";
import { columnPlace } from "../csv/decode-program.js";
import { trimCell } from "../csv/field-values.js";
import { dateReader, type TimestampReader, timestampReader } from "../csv/parse-timestamp.js";
import { chooseFeed, groupByValue, narrowByValue } from "./choose-feed.js";
import { contentSample } from "./content-sample.js";
import { type ColumnReading, type FeedDefinition, feedKey } from "./feed-definition.js";
import { findHeader, SAMPLE_BYTES } from "./find-header.js";
import { placeByName } from "./place-iso.js";

const LF = 10;
const DAY_MS = 86_400_000;
/** Bytes at the end of the head, and at the beginning of the tail, whose records are measured. */
const LENGTH_BYTES = 4096;
const NO_FEEDS: readonly FeedDefinition[] = [];

/** A file whose feed is known. */
export interface RecognisedFile {
  /** Its name for people: of what lies in an archive, the archive's path and the names inside. */
  path: string;
  /** Where its bytes are. */
  source: ContainerEntry;
  bytes: number;
  /** See {@link contentSample}. */
  sample: number;
  feed: FeedDefinition;
  /** Other feeds of which it holds records, too, each with a value of its own in a column: it is read for each. */
  alsoOf: readonly FeedDefinition[];
  /** One array for many files with the same header. */
  header: readonly string[];
  /** Byte at which the records begin, and the line number there. */
  dataStart: number;
  firstLine: number;
  /** Length of some of its records, on average. */
  recordBytes: number;
  /** Operating day that stands above the header, in days since 1970-01-01; null where each record tells it. */
  day: number | null;
  /** Interval of the first record in epoch milliseconds; null when it cannot be read. It orders the plan. */
  firstStart: number | null;
}

export interface UnrecognisedFile {
  path: string;
  reason: string;
  /** Whether the file belongs to a feed and could not be read, or not be placed, which makes a run partial. */
  failed: boolean;
}

/** A file that is open. */
export interface OpenSource {
  /** The file on disk. */
  file: RandomAccess;
  /** The first {@link SAMPLE_BYTES} of what lies in it, where they have been inflated already. */
  head: Buffer | null;
}

/** The first and the last bytes of a file, and its {@link contentSample}. */
interface Sample {
  crc: number;
  head: Buffer;
  tail: Buffer;
  /** Whether the head is all that there is. */
  whole: boolean;
}

/**
 * Says which of `feeds` a file is of, by its header and, where two feeds share it, its values, times and name.
 *
 * @param chosen names of feeds that the user asked for; they decide where nothing else does
 * @param chosenIso the ISO, where the user asked for one alone; it decides where nothing else does
 * @param at where the caller has it open
 */
export async function recogniseFile(
  source: ContainerEntry,
  feeds: readonly FeedDefinition[],
  chosen: ReadonlySet<string> = new Set(),
  chosenIso: string | null = null,
  at: OpenSource | null = null,
): Promise<RecognisedFile | UnrecognisedFile> {
  const { bytes } = source;
  const path = entryName(source);
  const skip = (reason: string, failed = false): UnrecognisedFile => ({ path, reason, failed });
  if (bytes === 0) return skip("is empty");
  let sample: Sample;
  try {
    sample = await readSample(source, at);
  } catch (error) {
    return skip(reasonOf(error), true);
  }
  const found = findHeader(sample.head, feeds);
  if (typeof found === "string") return skip(found);
  const { header, dataStart, firstLine, above } = found;
  if (found.repeatsName) return skip("has two columns of one name in its header");
  if (sample.whole && dataStart >= sample.head.length) return skip("has a header and no records");
  const valued = narrowByValue(found.fitting, header, [sample.head.subarray(dataStart), sample.tail]);
  if (typeof valued === "string") return skip(valued);
  const fitting = placeByName(path, valued, feeds, chosenIso);
  if (typeof fitting === "string") return skip(fitting, true);
  const day = dayAbove(fitting[0]!, above);
  if (day === null && fitting[0]!.dateAbove.length > 0)
    return skip("has no date above its header, which tells the operating day", true);
  const starts = () => (day !== null ? [day * DAY_MS] : sampleStarts(fitting[0]!, header, sample, dataStart));
  const ofFile = groupByValue(fitting).map((alike) =>
    alike.length === 1 ? alike[0]! : (chooseFeed(path, alike, starts(), chosen) ?? alike),
  );
  const unclear = ofFile.find((feed) => Array.isArray(feed));
  if (unclear !== undefined) {
    const names = unclear.map(feedKey).join(" and ");
    return skip(
      `has the header of ${names}, and neither its times nor its name tell which; choose one with --feed`,
    );
  }
  const [feed, ...others] = ofFile as [FeedDefinition, ...FeedDefinition[]];
  const alsoOf = others.length === 0 ? NO_FEEDS : others;
  // All starts of the sample are seldom needed, and reading them is most of what recognising a small file would take.
  const [firstStart = null] = starts();
  const { crc } = sample;
  // The first records may be of hubs and zones, whose names are short.
  const { head, tail } = sample;
  const middle = head.subarray(Math.max(dataStart - 1, head.length >> 1));
  const recordBytes = averageLine([middle.subarray(-LENGTH_BYTES), tail.subarray(0, LENGTH_BYTES)]);
  const start = { dataStart, firstLine, recordBytes, day, firstStart };
  return { path, source, bytes, sample: crc, feed, alsoOf, header, ...start };
}

async function readSample(source: ContainerEntry, at: OpenSource | null): Promise<Sample> {
  const own = at === null ? new OpenFile(source.path) : null;
  const file = (at?.file ?? own)!;
  try {
    if (!isPlain(source)) {
      const first = at?.head ?? (await readHead(source, file));
      const whole = first.length < SAMPLE_BYTES;
      return { head: first, tail: Buffer.alloc(0), whole, crc: contentSample(source, file, null) };
    }
    const ends = readEnds(file, source.bytes);
    return { ...ends, crc: contentSample(source, file, ends) };
  } finally {
    own?.close();
  }
}

function readEnds(file: RandomAccess, bytes: number): Omit<Sample, "crc"> {
  const head = readAt(file, 0, SAMPLE_BYTES);
  if (bytes <= SAMPLE_BYTES) return { head, tail: Buffer.alloc(0), whole: true };
  return { head, tail: readAt(file, bytes - SAMPLE_BYTES, SAMPLE_BYTES), whole: false };
}

/** The first bytes of what lies in a container; its last ones could be had only by reading all of it. */
async function readHead(source: ContainerEntry, file: RandomAccess): Promise<Buffer> {
  const bytes = await openEntry(source, file);
  try {
    const head = Buffer.alloc(SAMPLE_BYTES);
    let filled = 0;
    for (let count = 1; count > 0 && filled < SAMPLE_BYTES; filled += count) {
      count = await bytes.read(head, filled, SAMPLE_BYTES - filled);
    }
    return head.subarray(0, filled);
  } finally {
    await bytes.close();
  }
}

/** The first cell above the header that is a day, in days since 1970-01-01. */
function dayAbove({ dateAbove }: FeedDefinition, above: string): number | null {
  const read = dateReader(dateAbove);
  for (const text of above.split(/[\n,]/)) {
    const cell = Buffer.from(trimCell(text).replace(/^"|"$/g, ""));
    const day = read(cell, 0, cell.length);
    if (!Number.isNaN(day)) return day;
  }
  return null;
}

/**
 * Intervals of the records in the sample, as epoch milliseconds; what cannot be read is passed over, and what one record
 * after the other says is said once.
 */
function* sampleStarts(
  feed: FeedDefinition,
  header: readonly string[],
  sample: Sample,
  dataStart: number,
): Generator<number> {
  const column = feed.columns.find(({ reading }) => reading.kind === "timestamp" || reading.kind === "date");
  const reading = column?.reading;
  if (column === undefined || reading === undefined) return;
  if (reading.kind !== "timestamp" && reading.kind !== "date") return;
  const position = columnPlace(header, column.from);
  const asDay = reading.kind === "date" ? dateReader(reading.forms) : null;
  const read: TimestampReader =
    asDay === null
      ? timestampReader((reading as Extract<ColumnReading, { kind: "timestamp" }>).forms)
      : (bytes, start, end) => asDay(bytes, start, end) * DAY_MS;
  const afterFirstBreak = sample.tail.subarray(sample.tail.indexOf(LF) + 1);
  let previous: string | null = null;
  for (const part of [sample.head.subarray(dataStart), afterFirstBreak]) {
    for (const line of linesOf(part)) {
      const text = cellAt(line, position);
      if (text === previous) continue;
      previous = text;
      const cell = Buffer.from(trimCell(text.replace(/^"|"$/g, "")));
      const start = read(cell, 0, cell.length);
      if (!Number.isNaN(start)) yield start;
    }
  }
}

/** What stands between the commas around a place; a comma between quotes counts. */
function cellAt(line: string, position: number): string {
  let start = 0;
  for (let place = 0; place < position; place++) {
    start = line.indexOf(",", start) + 1;
    if (start === 0) return "";
  }
  const end = line.indexOf(",", start);
  return end < 0 ? line.slice(start) : line.slice(start, end);
}

/** Bytes of a line, on average of those that follow another one in each part; of all bytes where none does. */
function averageLine(parts: readonly Buffer[]): number {
  let lines = 0;
  let bytes = 0;
  for (const part of parts) {
    const first = part.indexOf(LF) + 1;
    for (let start = first, next = first; next > 0; start = next) {
      next = part.indexOf(LF, start) + 1;
      if (next === 0) break;
      lines++;
      bytes += next - start;
    }
  }
  return lines === 0 ? parts.reduce((sum, { length }) => sum + length, 0) : bytes / lines;
}

function* linesOf(bytes: Buffer): Generator<string> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LF, start);
    yield bytes.toString("latin1", start, end < 0 ? bytes.length : end);
    start = end < 0 ? bytes.length : end + 1;
  }
}
