import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isWholeFile } from "../parquet/whole-file.js";
import type { StoredLedger } from "./ledger.js";
import type { YearSettings } from "./year-settings.js";

/*
 * Beside every year file that is published lies a manifest, `OUT/_gridparquet/manifest/<path of the year file>.json`,
 * which says what was written. The two take their names one after the other, the year file first: when a run is killed
 * in between, the manifest is of the file before. That can be seen: it holds the size of its file and the checksum of
 * its footer, which names the place of every row group. The new manifest lies beside it then, as `….json.partial`.
 */

/** A row group: where it lies, its rows, CRC-32 of its bytes. */
export type ManifestRowGroup = readonly [offset: number, length: number, rows: number, crc32: number];

/** What was published as one year file. Sizes in bytes. */
export interface Manifest {
  /** Relative to the output folder, with slashes. */
  path: string;
  rows: number;
  bytes: number;
  rowGroups: readonly ManifestRowGroup[];
  /** From the first byte after the row groups to the end of the file. */
  footer: { length: number; crc32: number };
  /** Version of gridparquet that wrote the file. */
  gridparquet: string;
  /** When it was published, ISO 8601, UTC. */
  written: string;
  /** Absent from manifests of earlier versions, as is what follows. */
  settings?: YearSettings;
  /** The inputs that its rows come from. */
  inputs?: StoredLedger;
}

/** Version of the manifest's form. */
const FORMAT = 1;

/** Folder of the manifests below the output folder. */
export const MANIFEST_FOLDER = join("_gridparquet", "manifest");

/** @param path of the year file, relative to the output folder */
export function manifestPath(out: string, path: string): string {
  return join(out, MANIFEST_FOLDER, `${path}.json`);
}

/** The manifest as JSON text, a row group or an input a line. */
export function manifestText({ rowGroups, inputs, ...rest }: Manifest): string {
  const head = JSON.stringify({ format: FORMAT, ...rest }, null, 2).slice(0, -2);
  const ledger =
    inputs === undefined
      ? ""
      : `,\n  "inputs": {"base": ${JSON.stringify(inputs.base)}, "files": [\n${lines(inputs.files)}\n  ]}`;
  return `${head},\n  "rowGroups": [\n${lines(rowGroups)}\n  ]${ledger}\n}\n`;
}

function lines(values: readonly unknown[]): string {
  return values.map((value) => `    ${JSON.stringify(value)}`).join(",\n");
}

/** Reads the text of {@link manifestText}; null when it is something else. */
export function parseManifest(text: string): Manifest | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { format, ...manifest } = (value ?? {}) as Partial<Manifest> & { format?: unknown };
  const { path, rows, bytes, rowGroups, footer, gridparquet, written } = manifest;
  const fits =
    format === FORMAT &&
    [path, gridparquet, written].every((text) => typeof text === "string") &&
    [rows, bytes, footer?.length, footer?.crc32].every(Number.isSafeInteger) &&
    Array.isArray(rowGroups) &&
    rowGroups.every(
      (group) => Array.isArray(group) && group.length === 4 && group.every(Number.isSafeInteger),
    );
  return fits ? (manifest as Manifest) : null;
}

/**
 * The manifest of a year file.
 *
 * @returns null when there is none; "damaged" when it is not what {@link manifestText} writes
 */
export function readManifest(out: string, path: string): Promise<Manifest | "damaged" | null> {
  return readManifestAt(manifestPath(out, path));
}

async function readManifestAt(path: string): Promise<Manifest | "damaged" | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? null : "damaged";
  }
  return parseManifest(text) ?? "damaged";
}

/**
 * The manifest that is of the year file as it is now, be it one that had no time to take its name.
 *
 * @param path of the year file, relative to the output folder
 * @returns null when there is none
 */
export async function manifestOfFile(out: string, path: string): Promise<Manifest | null> {
  for (const at of [manifestPath(out, path), `${manifestPath(out, path)}.partial`]) {
    const manifest = await readManifestAt(at);
    if (manifest === null || manifest === "damaged") continue;
    const { bytes, footer } = manifest;
    const file = { path: join(out, path), bytes, footerBytes: footer.length, footerCrc: footer.crc32 };
    if (await isWholeFile(file)) return manifest;
  }
  return null;
}
