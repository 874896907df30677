import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { parse } from "csv-parse/sync";
import { normaliseHeader } from "../csv/decode-program.js";
import { trimCell } from "../csv/field-values.js";
import { CSV_PARSE_OPTIONS } from "../csv/irregular-records.js";
import { timestampReader } from "../csv/parse-timestamp.js";
import { describeError } from "../errors.js";
import { type FeedDefinition, feedKey } from "./feed-definition.js";

/** Bytes that are read at the beginning and at the end of a file to recognise it. */
const SAMPLE_BYTES = 16_384;
const LF = 10;

/** A file whose feed is known. */
export interface RecognisedFile {
  path: string;
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
}

/**
 * Says which of `feeds` a file is of, by its header and, where two feeds share it, its times and its name.
 *
 * @param chosen names of feeds that the user asked for; they decide where nothing else does
 */
export async function recogniseFile(
  file: { path: string; bytes: number },
  feeds: readonly FeedDefinition[],
  chosen: ReadonlySet<string> = new Set(),
): Promise<RecognisedFile | UnrecognisedFile> {
  const { path, bytes } = file;
  const skip = (reason: string, failed = false): UnrecognisedFile => ({ path, reason, failed });
  if (bytes === 0) return skip("is empty");
  let sample: Sample;
  try {
    sample = await readSample(path, bytes);
  } catch (error) {
    return skip(`cannot be read: ${describeError(error)}`, true);
  }
  const found = readHeader(sample.head);
  if (typeof found === "string") return skip(found);
  const { header, dataStart, firstLine } = found;
  const present = new Set(header.map(normaliseHeader));
  const fitting = feeds.filter((feed) =>
    feed.columns.every(({ from }) => present.has(normaliseHeader(from))),
  );
  if (fitting.length === 0) return skip(whyNoFeed(header, feeds));
  if (present.size < header.length) return skip("has two columns of one name in its header");
  if (dataStart >= bytes) return skip("has a header and no records");
  const starts = sampleStarts(fitting[0]!, header, sample, dataStart);
  const wanted = fitting.filter((feed) => chosen.has(feed.feed));
  const feed = chooseFeed(path, fitting, starts) ?? (wanted.length === 1 ? wanted[0]! : null);
  if (feed === null) {
    const names = fitting.map(feedKey).join(" and ");
    return skip(
      `has the header of ${names}, and neither its times nor its name tell which; choose one with --feed`,
    );
  }
  return { path, bytes, feed, header, dataStart, firstLine, firstStart: starts[0] ?? null };
}

async function readSample(path: string, bytes: number): Promise<Sample> {
  const handle = await open(path, "r");
  try {
    const length = Math.min(bytes, SAMPLE_BYTES);
    const head = Buffer.alloc(length);
    const tail = Buffer.alloc(length);
    const { bytesRead } = await handle.read(head, 0, length, 0);
    if (bytes <= SAMPLE_BYTES) return { head: head.subarray(0, bytesRead), tail: Buffer.alloc(0) };
    const end = await handle.read(tail, 0, length, bytes - length);
    return { head: head.subarray(0, bytesRead), tail: tail.subarray(0, end.bytesRead) };
  } finally {
    await handle.close();
  }
}

/** The header line, after a byte order mark and blank lines; or why there is none. */
function readHeader(head: Buffer): { header: string[]; dataStart: number; firstLine: number } | string {
  let start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  let line = 1;
  for (; ; line++) {
    const end = head.indexOf(LF, start);
    const text = head.subarray(start, end < 0 ? head.length : end);
    const trimmed = trimCell(text.toString("utf8").replace(/\r$/, ""));
    if (trimmed === "" && end >= 0) {
      start = end + 1;
      continue;
    }
    if (text.includes(0) || !isUtf8(text))
      return "is not text: its first line has bytes that no CSV file has";
    if (end < 0 && head.length >= SAMPLE_BYTES) return `has no line break in its first ${SAMPLE_BYTES} bytes`;
    if (trimmed === "") return "has nothing but blank lines";
    try {
      const [header] = parse(trimmed, CSV_PARSE_OPTIONS) as unknown as string[][];
      return { header: header!, dataStart: end < 0 ? head.length : end + 1, firstLine: line + 1 };
    } catch {
      return "has a first line that is not a CSV header";
    }
  }
}

/** A reason that names the feed that comes nearest, and what it misses. */
function whyNoFeed(header: readonly string[], feeds: readonly FeedDefinition[]): string {
  const present = new Set(header.map(normaliseHeader));
  const distances = feeds.map((feed) => {
    const missing = feed.columns
      .filter(({ from }) => !present.has(normaliseHeader(from)))
      .map(({ from }) => from);
    return { feed, missing, share: missing.length / feed.columns.length };
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
  const column = feed.columns.find(({ reading }) => reading.kind === "timestamp");
  if (column?.reading.kind !== "timestamp") return [];
  const position = header.findIndex((name) => normaliseHeader(name) === normaliseHeader(column.from));
  const read = timestampReader(column.reading.forms);
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
  const onGrid = fitting.filter(({ intervalMinutes }) =>
    starts.every((start) => start % (intervalMinutes * 60_000) === 0),
  );
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
