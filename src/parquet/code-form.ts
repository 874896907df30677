import type { Scratch } from "../wasm/scratch.js";
import type { PageCodec, PageContent } from "./page-codec.js";
import { codeWidth, packCodes } from "./rle-hybrid.js";

/** A code for each row of a column that has a value. */
export interface CodedValues {
  /** How many distinct values there are. */
  entries: number;
  /** In the order of the rows. */
  codes:
    | { values: Int32Array; count: number }
    /** Pairs of a code and how often it comes. */
    | { runs: Int32Array };
  /** After about so many codes they come back, as those of the entities do with every interval. */
  period?: number;
}

/** How the codes of a column are written: bits of each, and what the codec is told of them. */
export interface CodeForm {
  width: number;
  content: Extract<PageContent, "codes" | "noise">;
}

/** A codec finds what comes back within so many bytes, even if only every eighth time looks the same. */
const SHORT_PERIOD = 2048;
/** Codes that tell, by what they are compressed to, what becomes of all. */
const SAMPLE_CODES = 8192;
/** A sample in long runs comes to less than this, which codecs do little about. */
const FEW_BYTES = 256;
/** Codes of which a sample does not get below this, in proportion to what it takes packed, are stored as they are. */
const WORTH_COMPRESSING = 0.92;

/**
 * The form in which a column's codes take the fewest bytes.
 *
 * Where long stretches of codes come back, it is whole bytes, so that they come back as the same bytes wherever they
 * begin: packed as tightly as can be, 6,261 codes of 13 bits would look the same only every eighth time, which codecs do
 * not find. Codes of prices are in whole bytes where zstd makes more of those than packing saves, as where neighbours have
 * a price in common; that is so of most markets, but not of each. It is tried with a sample from the middle: the
 * beginning may be of another kind.
 */
export function formOfCodes(
  { codes, entries, period }: CodedValues,
  codec: PageCodec,
  scratch: Scratch,
): CodeForm {
  const tight = codeWidth(entries);
  const whole = Math.ceil(tight / 8) * 8;
  if ("runs" in codes || codec.name === "UNCOMPRESSED") return { width: tight, content: "codes" };
  if (period !== undefined)
    return { width: period * tight <= SHORT_PERIOD ? tight : whole, content: "codes" };
  if (codec.sizeOf === null) return { width: tight, content: "codes" };
  const count = Math.min(codes.count, SAMPLE_CODES);
  const begin = (codes.count - count) >> 1;
  const sample = codes.values.subarray(begin, begin + count);
  const packed = packCodes(scratch, sample, count, tight);
  if (packed.length < FEW_BYTES) return { width: tight, content: "codes" };
  const ofTight = codec.sizeOf(packed);
  const worth = packed.length * WORTH_COMPRESSING;
  const least = Math.min(ofTight, worth);
  if (tight < whole && codec.sizeOf(packCodes(scratch, sample, count, whole)) < least)
    return { width: whole, content: "codes" };
  return { width: tight, content: ofTight > worth ? "noise" : "codes" };
}
