import { writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { makeFolder } from "../make-folder.js";
import { zipFile } from "./zip-file.js";

/** What a CSV is put into: nothing, a gzip, or a zip. */
export type Container = "csv" | "gz" | "zip";

/** A file that was made. */
export interface SampleFile {
  path: string;
  /** Bytes of CSV in it. */
  csvBytes: number;
  /** Size of the file. */
  bytes: number;
}

/**
 * Writes one CSV into the folder, which is made if missing.
 *
 * @param name of the CSV, `.csv` at its end; a gzip adds `.gz`, a zip has `.zip` in its place
 * @throws the system's error when the file cannot be written
 */
export async function writeSample(
  folder: string,
  name: string,
  text: Iterable<string>,
  container: Container,
): Promise<SampleFile> {
  const csv = Buffer.from([...text].join(""));
  if (container === "csv") return writeBytes(folder, name, csv, csv.length);
  if (container === "gz") return writeBytes(folder, `${name}.gz`, gzipSync(csv), csv.length);
  const zip = zipFile([{ name, content: csv }]);
  return writeBytes(folder, `${name.slice(0, -".csv".length)}.zip`, zip, csv.length);
}

/** Writes bytes into the folder, which is made if missing. */
export async function writeBytes(
  folder: string,
  name: string,
  content: Buffer,
  csvBytes: number,
): Promise<SampleFile> {
  await makeFolder(folder);
  const file = path.join(folder, name);
  await writeFile(file, content);
  return { path: file, csvBytes, bytes: content.length };
}
