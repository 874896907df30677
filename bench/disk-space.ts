import { statfs } from "node:fs/promises";
import type { DataSetParameters } from "./data-set.js";

/** A row of the input takes about 127 bytes; the output, and room to spare, are in it. */
const DISK_BYTES_PER_ROW = 150;

/** @throws Error when the disk has no room for inputs that have to be made */
export async function checkSpace(cache: string, missing: readonly DataSetParameters[]): Promise<void> {
  const rows = missing.reduce((sum, { days, nodes }) => sum + days * 24 * nodes, 0);
  const { bavail, bsize } = await statfs(cache);
  if (bavail * bsize > rows * DISK_BYTES_PER_ROW) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const needed = gigabytes(rows * DISK_BYTES_PER_ROW);
  throw new Error(`The inputs need ${needed} in ${cache}; ${gigabytes(bavail * bsize)} are free.`);
}
