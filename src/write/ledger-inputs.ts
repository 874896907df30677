import { join, resolve } from "node:path";
import type { LedgerInput } from "../dataset/ledger.js";
import type { JobInfo } from "../run/protocol.js";
import type { FileReading } from "./file-reading.js";
import type { YearRows } from "./year-rows.js";

/**
 * The files that gave rows to a year, in plan order; but for those that could not be read to their ends, which are to
 * be read again.
 *
 * @param years all year files of the job
 */
export function ledgerInputs(
  { files, journal, only }: JobInfo,
  year: YearRows,
  years: readonly YearRows[],
  readings: readonly FileReading[],
): LedgerInput[] {
  const ofFeed = years.filter(({ feed }) => feed === year.feed);
  const orphans = new Map<number, number>();
  for (const { file, start } of year.orphans)
    orphans.set(file, Math.max(start, orphans.get(file) ?? Number.NEGATIVE_INFINITY));
  const inputs: LedgerInput[] = [];
  for (const [file, { origin }] of files.entries()) {
    const { counts, failed } = readings[file]!;
    const planned = journal?.files[file];
    if (!year.accepted.has(file) || failed || counts === null) continue;
    if (origin === undefined || planned === undefined) continue;
    inputs.push({
      path: resolve(origin.path),
      entry: origin.entry,
      bytes: planned.bytesOnDisk,
      modified: Math.floor(planned.modified),
      sample: planned.sample,
      rows: year.written.get(file) ?? 0,
      years: ofFeed.flatMap(({ accepted, year: each }) => (accepted.has(file) ? [each] : [])).sort(),
      only: counts.filtered > 0 ? (only ?? []) : null,
      orphans: orphans.get(file) ?? null,
    });
  }
  return inputs;
}

/** The inputs of earlier runs, and after them those of this one, which count where both have an input. */
export function inputsWithEarlier(
  earlier: readonly LedgerInput[],
  added: readonly LedgerInput[],
): LedgerInput[] {
  const nameOf = ({ path, entry }: LedgerInput): string => (entry === "" ? path : join(path, entry));
  const names = new Set(added.map(nameOf));
  return [...earlier.filter((input) => !names.has(nameOf(input))), ...added];
}
