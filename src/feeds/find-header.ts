import { isUtf8 } from "node:buffer";
import { parseRecords } from "../csv/csv-records.js";
import { normaliseHeader } from "../csv/decode-program.js";
import { trimCell } from "../csv/field-values.js";
import { type FeedDefinition, feedName, hourHeaders } from "./feed-definition.js";

/** Bytes that are read at the beginning and at the end of a file to recognise it. */
export const SAMPLE_BYTES = 16_384;
const LF = 10;

/** A line that is the header of some feeds. */
export interface FoundHeader {
  header: readonly string[];
  repeatsName: boolean;
  dataStart: number;
  firstLine: number;
  fitting: FeedDefinition[];
  /** Lines before it. */
  above: string;
}

/** Lines among which the header is looked for: some files have a title and notes above it. */
const HEADER_WITHIN = 20;

/** The first line that is the header of a feed, after a byte order mark, blank lines and titles; or why there is none. */
export function findHeader(head: Buffer, feeds: readonly FeedDefinition[]): FoundHeader | string {
  let start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const lines: (readonly string[])[] = [];
  let above = "";
  for (let line = 1; line <= HEADER_WITHIN && start < head.length; line++) {
    const end = head.indexOf(LF, start);
    const bytes = head.subarray(start, end < 0 ? head.length : end);
    if (lines.length === 0 && (bytes.includes(0) || !isUtf8(bytes))) {
      return "is not text: its first line has bytes that no CSV file has";
    }
    const text = trimCell(bytes.toString("utf8").replace(/\r$/, ""));
    if (end < 0 && head.length >= SAMPLE_BYTES) break;
    start = end < 0 ? head.length : end + 1;
    if (text === "") continue;
    const known = readLine(text, feeds);
    if (lines.length === 0 && text.startsWith("<")) return "is XML or HTML, not CSV";
    if (known === null && lines.length === 0) return "has a first line that is not a CSV header";
    const fitting = known?.fitting.filter((feed) => hasTitle(feed, above)) ?? [];
    if (known !== null && fitting.length > 0) {
      const { header, repeatsName } = known;
      return { header, repeatsName, dataStart: start, firstLine: line + 1, fitting, above };
    }
    if (known !== null) lines.push(known.header);
    above += `${text}\n`;
  }
  if (lines.length > 0) return whyNoFeed(lines, feeds);
  return start >= head.length
    ? "has nothing but blank lines"
    : `has no line break in its first ${SAMPLE_BYTES} bytes`;
}

/** The cells of a line; without quotes it needs no csv-parse, which takes as long to load as all else here. */
function parseHeader(text: string): string[] | null {
  if (!text.includes('"')) return text.split(",");
  try {
    return parseRecords(text)[0] ?? null;
  } catch {
    return null;
  }
}

/** A line, taken for a header. */
interface HeaderLine {
  header: readonly string[];
  repeatsName: boolean;
  /** Feeds whose columns are all there, with none that they never have. */
  fitting: readonly FeedDefinition[];
}

/** Lines whose feeds are remembered: a header comes in thousands of files, what stands above it may not. */
const LINES_REMEMBERED = 256;

const remembered = new WeakMap<readonly FeedDefinition[], Map<string, HeaderLine | null>>();

/** A line as a header, held against every feed when it is first met; null when it is not CSV. */
function readLine(text: string, feeds: readonly FeedDefinition[]): HeaderLine | null {
  let lines = remembered.get(feeds);
  if (lines === undefined || lines.size >= LINES_REMEMBERED) {
    lines = new Map();
    remembered.set(feeds, lines);
  }
  let line = lines.get(text);
  if (line === undefined) {
    const header = parseHeader(text);
    line = header === null ? null : asHeader(header, feeds);
    lines.set(text, line);
  }
  return line;
}

function asHeader(header: readonly string[], feeds: readonly FeedDefinition[]): HeaderLine {
  const names = header.map(normaliseHeader);
  const present = new Set(names);
  const named = names.filter((name) => name !== "");
  const fitting = feeds.filter((feed) => {
    const { needed, without } = normalisedHeaders(feed);
    return needed.every((name) => present.has(name)) && !without.some((name) => present.has(name));
  });
  return { header, repeatsName: new Set(named).size < named.length, fitting };
}

/** Whether one of the feed's titles, if its files have one, is among the lines above the header. */
function hasTitle({ preamble }: FeedDefinition, above: string): boolean {
  return preamble.length === 0 || preamble.some((title) => above.includes(title));
}

/** Headers as they are compared, by feed: every file is held against every feed. */
const normalised = new WeakMap<FeedDefinition, { needed: string[]; without: string[] }>();

function normalisedHeaders(feed: FeedDefinition): { needed: string[]; without: string[] } {
  let headers = normalised.get(feed);
  if (headers === undefined) {
    headers = {
      needed: neededHeaders(feed).map(normaliseHeader),
      without: feed.without.map(normaliseHeader),
    };
    normalised.set(feed, headers);
  }
  return headers;
}

/** Headers that every file of a feed has. */
export function neededHeaders(feed: Omit<FeedDefinition, "timeZone">): string[] {
  const { columns, recordTypes, components, products, hours, only } = feed;
  const needed = columns.filter(({ optional }) => !optional).map(({ from }) => from);
  if (recordTypes !== null) needed.push(recordTypes.column);
  if (components !== null) needed.push(components.column);
  if (components !== null && components.value !== null) needed.push(components.value);
  needed.push(...products.filter(({ optional }) => !optional).map(({ from }) => from));
  needed.push(...hourHeaders({ hours }), ...Object.keys(only), ...feed.with);
  // A column that is told by its place may be called anything.
  return needed.filter((name) => !name.startsWith("#"));
}

/** Words of which one is in the header of every column of prices that has been seen. */
const PRICE_WORDS = /price|lmp|lbmp|mcp|prc|value|cost|\$|^mw$|component/i;

/** Why none of the first lines is the header of a feed: what the one that comes nearest to one misses. */
function whyNoFeed(lines: readonly (readonly string[])[], feeds: readonly FeedDefinition[]): string {
  const distances = lines.flatMap((header) => {
    const present = new Set(header.map(normaliseHeader));
    return feeds.map((feed) => {
      const { needed } = normalisedHeaders(feed);
      const missing = needed.filter((name) => !present.has(name));
      return { feed, header, missing, share: missing.length / needed.length };
    });
  });
  distances.sort((a, b) => a.share - b.share);
  const untitled = distances.find(({ feed, share }) => share === 0 && feed.preamble.length > 0);
  if (untitled !== undefined) {
    const titles = untitled.feed.preamble.map((title) => `"${title}"`).join(" or ");
    return `has the columns of ${feedName(untitled.feed)}, and not its title above them (${titles})`;
  }
  // What misses nothing was ruled out by another thing than its columns.
  const nearest = distances.find(({ share }) => share > 0);
  if (nearest !== undefined && nearest.share <= 0.5) {
    const missing = neededHeaders(nearest.feed).filter((name) =>
      nearest.missing.includes(normaliseHeader(name)),
    );
    return `has nearly the header of ${feedName(nearest.feed)}, but no column ${missing.join(", ")}`;
  }
  const [first] = lines as [readonly string[]];
  if (first.length < 3) return "has a header that no known feed has";
  const isPriceless = lines.every((header) => !header.some((name) => PRICE_WORDS.test(name.trim())));
  return isPriceless
    ? `has no column of prices: ${first.slice(0, 4).join(", ")} …`
    : `has a header that no known feed has: ${first.slice(0, 4).join(", ")} …`;
}
