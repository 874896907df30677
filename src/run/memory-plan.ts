import type { MemoryLimit } from "./memory-limit.js";

/*
 * What a run is expected to have resident at its highest, in bytes:
 *
 *   BASE + threads × (THREAD + rowGroupSize × ROW_ENCODED + chunkSize × ROW_DECODED) + credits
 *
 * The constants are from runs over a year of PJM day-ahead prices (366 files, 4.3 million rows, 513 MB) with 1 to 8
 * threads; they are meant to be a little too high.
 */

/** Node, the code, the heaps of main and the writer. */
const BASE = 115e6;
/** A pool thread's heap, code, the memory of its decoder's kernel. */
const THREAD = 20e6;
/** The scratch memory in which a row group is sorted and encoded (see Scratch). */
const ROW_ENCODED = 192;
/** A row of the batch that is being filled, and of those whose buffers wait for the next. */
const ROW_DECODED = 150;
/** Bytes that a row takes in a batch, roughly: a code and six values. */
const ROW_IN_BATCH = 52;
/** With smaller batches, messages between threads take more time than they save memory. */
const LEAST_CHUNK = 20_000;

/** Above this part of the limit the run is slowed down (see MemoryGuard): it is planned to stay below. */
export const TIGHTEN_ABOVE = 0.8;

export interface MemoryWishes {
  threads: number;
  /** Files that are decoded at once. */
  decoders: number;
  chunkSize: number;
  rowGroupSize: number;
}

/** What a run may use, worked out before it begins. */
export interface MemoryPlan {
  limit: MemoryLimit;
  threads: number;
  decoders: number;
  chunkSize: number;
  /** Bytes of batches that may exist at once. */
  creditBytes: number;
  expectedPeakBytes: number;
  /** Whether that stays where the run is not slowed down. */
  fits: boolean;
  /** Most rows in a row group with which it would fit, where it does not; null where no size would. */
  fittingRowGroupSize: number | null;
}

/**
 * Bytes of batches that may exist at once: a row group that is encoded, most of the next, and a batch for each decoder.
 * With half a row group less threads wait for room, and a run takes a twentieth longer; more makes nothing faster and the
 * peak higher. It depends on settings alone, never on the input.
 */
export function creditBudget(threads: number, rowGroupSize: number, chunkSize: number): number {
  return ROW_IN_BATCH * (rowGroupSize * 1.75 + chunkSize * threads);
}

/**
 * The most threads, up to those wished for, whose memory fits the limit, with the largest batches that still give so
 * many.
 *
 * The row-group size is not touched: it decides the bytes of the output, which must not depend on the machine.
 * Threads, batch size, decoders and credits do not.
 */
export function planMemory(wishes: MemoryWishes, limit: MemoryLimit): MemoryPlan {
  const { rowGroupSize } = wishes;
  const room = limit.bytes * TIGHTEN_ABOVE;
  const chunkSizes = [1, 2, 5].map((part) =>
    Math.min(wishes.chunkSize, Math.max(LEAST_CHUNK, Math.ceil(wishes.chunkSize / part))),
  );
  let least = { threads: 1, chunkSize: 0, creditBytes: 0, expectedPeakBytes: 0 };
  for (let threads = wishes.threads; threads >= 1; threads--) {
    for (const chunkSize of chunkSizes) {
      const creditBytes = creditBudget(threads, rowGroupSize, chunkSize);
      const expectedPeakBytes = expectedPeak(threads, rowGroupSize, chunkSize, creditBytes);
      least = { threads, chunkSize, creditBytes, expectedPeakBytes };
      if (expectedPeakBytes <= room) return planOf(least, wishes, limit, true);
    }
  }
  return planOf(least, wishes, limit, false);
}

function planOf(
  derived: Pick<MemoryPlan, "threads" | "chunkSize" | "creditBytes" | "expectedPeakBytes">,
  { decoders, rowGroupSize }: MemoryWishes,
  limit: MemoryLimit,
  fits: boolean,
): MemoryPlan {
  const fittingRowGroupSize = fits ? rowGroupSize : smallerRowGroup(rowGroupSize, derived.chunkSize, limit);
  return { limit, ...derived, decoders: Math.min(decoders, derived.threads), fits, fittingRowGroupSize };
}

function expectedPeak(threads: number, rowGroupSize: number, chunkSize: number, creditBytes: number): number {
  return Math.round(
    BASE + threads * (THREAD + rowGroupSize * ROW_ENCODED + chunkSize * ROW_DECODED) + creditBytes,
  );
}

function smallerRowGroup(rowGroupSize: number, chunkSize: number, { bytes }: MemoryLimit): number | null {
  for (let rows = rowGroupSize; rows >= 10_000; rows = Math.floor(rows / 2)) {
    if (expectedPeak(1, rows, chunkSize, creditBudget(1, rows, chunkSize)) <= bytes * TIGHTEN_ABOVE)
      return rows;
  }
  return null;
}
