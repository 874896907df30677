import { crc32 } from "node:zlib";
import { openIfThere } from "../open-if-there.js";
import { readBytes } from "./read-footer.js";

/** What a whole Parquet file can be told by: its size and the checksum of its footer. */
export interface WholeFile {
  path: string;
  bytes: number;
  footerBytes: number;
  footerCrc: number;
}

/** What a file that ends with this footer will be told by. */
export function wholeFile(path: string, bytes: number, footer: Uint8Array): WholeFile {
  return { path, bytes, footerBytes: footer.length, footerCrc: crc32(footer) };
}

/** Whether a file is there and is that one: as large, with the same footer. */
export async function isWholeFile({ path, bytes, footerBytes, footerCrc }: WholeFile): Promise<boolean> {
  const handle = await openIfThere(path);
  if (handle === null) return false;
  try {
    if ((await handle.stat()).size !== bytes || footerBytes > bytes) return false;
    return crc32(await readBytes(handle, bytes - footerBytes, footerBytes)) === footerCrc;
  } finally {
    await handle.close();
  }
}
