import { stat } from "node:fs/promises";
import { relative, sep } from "node:path";
import { crc32 } from "node:zlib";
import { type LedgerInput, storeLedger } from "../dataset/ledger.js";
import { type Manifest, manifestPath, manifestText } from "../dataset/manifest.js";
import { packageVersion } from "../version.js";
import type { ExistingYear } from "./existing-year.js";
import { PartFile } from "./part-file.js";
import type { Piece } from "./pieces.js";
import { finalPathOf, type YearFileContext } from "./year-context.js";

/** What a year file is of; its size in bytes. */
export interface YearContent {
  year: number;
  pieces: readonly Piece[];
  footer: Uint8Array;
  bytes: number;
  /** The inputs that its rows come from; null when they are not all known. */
  inputs: readonly LedgerInput[] | null;
}

/** Says what is in a year file. */
export function yearManifest(
  context: YearFileContext,
  { year, pieces, footer, bytes, inputs }: YearContent,
): Manifest {
  const { out, rowGroupSize, compression, encoder } = context;
  return {
    path: relative(out, finalPathOf(context, year)).replaceAll(sep, "/"),
    rows: pieces.reduce((sum, { rows }) => sum + rows, 0),
    bytes,
    footer: { length: footer.length, crc32: crc32(footer) },
    gridparquet: packageVersion(),
    written: new Date().toISOString(),
    settings: { rowGroupSize, compression, encoder },
    rowGroups: pieces.map((piece) => [piece.offset, piece.length, piece.rows, piece.crc32]),
    ...(inputs !== null && { inputs: storeLedger(inputs, year) }),
  };
}

/**
 * The manifest of a year file that stays as it is: only that the inputs add nothing to it may be new.
 *
 * @returns null when it has that manifest
 */
export async function unchangedManifest(
  context: YearFileContext,
  year: number,
  existing: ExistingYear,
  inputsOf: () => readonly LedgerInput[] | null,
): Promise<Manifest | null> {
  const { rowGroupSize, compression, encoder } = context;
  const { touched, others } = await existing.pieces(new Set());
  const pieces = [...touched, ...others];
  for (const piece of existing.manifest === null ? pieces : []) await existing.read(piece);
  const { size: bytes } = await stat(existing.path);
  const made = yearManifest(context, { year, pieces, footer: existing.footer, bytes, inputs: inputsOf() });
  const settings = { rowGroupSize, compression, encoder, ...existing.settings };
  const manifest = { ...made, ...existing.manifest, settings, inputs: made.inputs };
  return JSON.stringify(manifest) === JSON.stringify(existing.manifest) ? null : manifest;
}

/** A manifest that lies beside the earlier one until its year file is published. */
export class ManifestFile {
  readonly #file: PartFile;
  readonly #path: string;
  readonly #warn: (error: unknown) => void;

  private constructor(file: PartFile, path: string, warn: (error: unknown) => void) {
    this.#file = file;
    this.#path = path;
    this.#warn = warn;
  }

  /**
   * Writes it down.
   *
   * @param warn told why it cannot be written: without it the year file is as good, but cannot be checked
   * @returns null when it cannot be written
   */
  static async write(
    out: string,
    finalPath: string,
    manifest: Manifest,
    warn: (error: unknown) => void,
  ): Promise<ManifestFile | null> {
    const path = manifestPath(out, relative(out, finalPath));
    let file: PartFile | null = null;
    try {
      file = await PartFile.create(`${path}.partial`);
      await file.append(Buffer.from(manifestText(manifest)));
      await file.flush();
      return new ManifestFile(file, path, warn);
    } catch (error) {
      await file?.discard();
      warn(error);
      return null;
    }
  }

  /** Gives it its name. */
  async publish(): Promise<void> {
    try {
      await this.#file.publish(this.#path);
    } catch (error) {
      await this.#file.discard();
      this.#warn(error);
    }
  }

  async discard(): Promise<void> {
    await this.#file.discard();
  }
}
