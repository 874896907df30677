import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { FooterIndex } from "../parquet/footer-index.js";
import { readFooterBytes } from "../parquet/read-footer.js";
import type { PartFile } from "./part-file.js";
import type { Piece } from "./pieces.js";

/**
 * Reads the footer of a finished part file back and holds it against what was written.
 *
 * It is not parsed into objects: those of a large file would be most of the garbage of its run.
 *
 * @param footer what was appended last
 * @param written rows by file index
 * @throws Error, or DamagedFileError, when they differ
 */
export async function checkPart(
  { path }: PartFile,
  footer: Uint8Array,
  pieces: readonly Piece[],
  written: ReadonlyMap<number, number>,
): Promise<void> {
  const handle: FileHandle = await open(path, "r");
  try {
    const { bytes } = await readFooterBytes(handle);
    const index = new FooterIndex(bytes);
    const rows = index.rowGroups.map(({ rows }) => rows);
    const total = [...written.values()].reduce((sum, count) => sum + count, 0);
    const isWhole =
      Buffer.compare(bytes, footer) === 0 &&
      rows.length === pieces.length &&
      rows.every((count, index) => count === pieces[index]!.rows) &&
      rows.reduce((sum, count) => sum + count, 0) === total &&
      index.rows === total;
    if (!isWhole) throw new Error("read back, it does not have the rows that were written to it");
  } finally {
    await handle.close();
  }
}
