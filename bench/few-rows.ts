import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { pjmDayFile, pjmFileName } from "../src/demo/pjm-files.js";
import type { DataSet } from "./data-set.js";

const DAY = { feed: "da_hourly", date: "2025-01-15" } as const;
const HOURS = 24;

/** A folder with one PJM day-ahead file of so many rows. */
export async function fewRows(folder: string, rows: number): Promise<DataSet> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const text = [...pjmDayFile({ ...DAY, nodeCount: Math.ceil(rows / HOURS) })].join("");
  const lines = text.split("\r\n").slice(0, rows + 1);
  const file = `${lines.join("\r\n")}\r\n`;
  await writeFile(path.join(folder, pjmFileName(DAY)), file);
  return { folder, files: 1, rows, bytes: Buffer.byteLength(file) };
}
