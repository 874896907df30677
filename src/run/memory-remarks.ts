import { count } from "../cli/units.js";
import type { MemoryLimit } from "./memory-limit.js";
import type { MemoryPlan } from "./memory-plan.js";
import type { LogLevel } from "./options.js";

/**
 * What to say about a plan before the run.
 *
 * @param threads those that were wished for
 * @param areGiven whether a person asked for that number
 */
export function memoryRemarks(
  plan: MemoryPlan,
  threads: number,
  areGiven: boolean,
): { level: LogLevel; text: string }[] {
  const remarks: { level: LogLevel; text: string }[] = [{ level: "info", text: memoryLine(plan) }];
  if (plan.threads < threads) {
    const text = `the ${limitName(plan.limit)} leaves room for ${plan.threads} of ${threads} threads`;
    remarks.push({ level: areGiven ? "warn" : "info", text });
  }
  if (!plan.fits) {
    const rows = plan.fittingRowGroupSize;
    const smaller =
      rows === null ? "" : `, or make row groups smaller, which changes the files: --row-group-size ${rows}`;
    const text =
      `the ${limitName(plan.limit)} is little for this run, which may take ${megabytes(plan.expectedPeakBytes)}: ` +
      `it will be slow, and stopped if it stays near the limit; raise --memory-limit${smaller}`;
    remarks.push({ level: "warn", text });
  }
  return remarks;
}

/** `memory: limit 256 MB; 1 thread, batches of 20,000 rows, 17 MB of them at once; about 205 MB expected`. */
export function memoryLine(plan: MemoryPlan): string {
  const { limit, threads, chunkSize, creditBytes, expectedPeakBytes } = plan;
  const source = limit.source === "option" ? "" : ` that the ${limit.source} leaves`;
  return (
    `memory: limit ${megabytes(limit.bytes)}${source}; ${threads} ${threads === 1 ? "thread" : "threads"}, ` +
    `batches of ${count(chunkSize)} rows, ${megabytes(creditBytes)} of them at once; ` +
    `at most about ${megabytes(expectedPeakBytes)} expected`
  );
}

function limitName({ bytes, source }: MemoryLimit): string {
  return source === "option"
    ? `memory limit of ${megabytes(bytes)}`
    : `${source}'s memory of ${megabytes(bytes)}`;
}

/** Decimal: 1 MB is 10^6 bytes. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
