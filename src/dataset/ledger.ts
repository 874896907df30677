import { dirname, isAbsolute, join, sep } from "node:path";

/** An input that gave rows to a year file, as its manifest lists it. */
export interface LedgerInput {
  /** Absolute path of the file on disk, and the names inside it: empty for what is a file by itself. */
  path: string;
  entry: string;
  /** Of the file on disk: size in bytes, and time of the last change in whole epoch milliseconds. */
  bytes: number;
  modified: number;
  /** CRC-32 of a sample of its content (feeds/content-sample.ts); null where an earlier version has listed it. */
  sample: number | null;
  /** Rows of it in the year file when that was written. */
  rows: number;
  /** All years that it gave rows to. */
  years: readonly number[];
  /** Where rows of other years were left out: the years that were chosen. */
  only: readonly number[] | null;
  /** Start of the last interval, in epoch milliseconds, of rows that were rejected since their total had not come. */
  orphans: number | null;
}

/** The form in the manifest: paths are relative to `base`, and what is as usual is left out. */
export interface StoredLedger {
  base: string;
  files: readonly StoredInput[];
}
type StoredInput = readonly [
  path: string,
  entry: string,
  bytes: number,
  modified: number,
  rows: number,
  more?: { sample?: number; years?: readonly number[]; only?: readonly number[]; orphans?: number },
];

/** @param year of the year file */
export function storeLedger(inputs: readonly LedgerInput[], year: number): StoredLedger {
  const base = commonFolder(inputs.map(({ path }) => path));
  // All paths are of one form: what lies above need only be cut off.
  const above = base === "" || base.endsWith(sep) ? base.length : base.length + 1;
  return {
    base,
    files: inputs.map(({ path, entry, bytes, modified, sample, rows, years, only, orphans }) => {
      const more = {
        ...(sample === null ? {} : { sample }),
        ...(years.length === 1 && years[0] === year ? {} : { years }),
        ...(only === null ? {} : { only }),
        ...(orphans === null ? {} : { orphans }),
      };
      const stored = [path.slice(above), entry, bytes, modified, rows] as const;
      return Object.keys(more).length === 0 ? stored : [...stored, more];
    }),
  };
}

/** Reads what {@link storeLedger} made; null when it is something else. */
export function restoreLedger(stored: unknown, year: number): LedgerInput[] | null {
  const { base, files } = (stored ?? {}) as Partial<StoredLedger>;
  if (typeof base !== "string" || !Array.isArray(files)) return null;
  const inputs: LedgerInput[] = [];
  for (const file of files as unknown[]) {
    if (!Array.isArray(file)) return null;
    const [path, entry, bytes, modified, rows, more] = file as unknown as StoredInput;
    const fits =
      typeof path === "string" &&
      typeof entry === "string" &&
      [bytes, modified, rows].every(Number.isSafeInteger);
    if (!fits) return null;
    const { sample = null, years = [year], only = null, orphans = null } = more ?? {};
    const whole = isAbsolute(path) ? path : join(base, path);
    inputs.push({ path: whole, entry, bytes, modified, sample, rows, years, only, orphans });
  }
  return inputs;
}

/** The folder that all paths lie in; empty where there is none. */
function commonFolder(paths: readonly string[]): string {
  let folder = paths[0] === undefined ? "" : dirname(paths[0]);
  for (const path of paths) {
    while (folder !== dirname(folder) && !path.startsWith(folder + sep)) folder = dirname(folder);
    if (!path.startsWith(folder)) return "";
  }
  return folder;
}
