import { readdir } from "node:fs/promises";
import path from "node:path";
import type { DataSet } from "../data-set.js";
import { provideDataSet } from "../provide-data-set.js";
import { checkDataset, convertArgs, emptyFolder, measureCommand, type StatusSummary } from "./command.js";
import type { PartContext } from "./part.js";
import { untilYearEnd } from "./settings.js";

/** A dataset of all day files but the last. */
export interface YearDataset {
  input: DataSet;
  /** The file of the last day. */
  lastDay: string;
  /** Rows of the last day. */
  lastDayRows: number;
  /** Folder of the dataset; nobody writes to it. */
  folder: string;
  status: StatusSummary;
}

/** Hours of a day at the end of December. */
const HOURS = 24;

/** Converts the day files but the last. */
export async function makeYearDataset({ settings, cache, work }: PartContext): Promise<YearDataset> {
  const { days, nodes, threads } = settings;
  if (days < 2) throw new Error("A dataset and a day to add take at least two days.");
  const input = await provideDataSet(cache, untilYearEnd(days, nodes));
  // Their names end with the date.
  const files = (await readdir(input.folder)).sort().map((name) => path.join(input.folder, name));
  const lastDay = files.pop()!;
  const folder = path.join(work, "without-last-day");
  const lastDayRows = HOURS * nodes;
  await emptyFolder(folder);
  await measureCommand(work, convertArgs(files, folder, threads));
  const status = await checkDataset(folder, input.rows - lastDayRows);
  return { input, lastDay, lastDayRows, folder, status };
}
