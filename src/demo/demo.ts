import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError, GridparquetError } from "../errors.js";
import { makeFolder } from "../make-folder.js";
import { type PjmDayOptions, writePjmDay } from "./pjm-files.js";

/** Lies in a demo folder and says that its `input` and `output` may be replaced. */
export const DEMO_MARKER = ".gridparquet-demo";

const NEW_YEAR = ["2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"];
/** The day of each clock change between its neighbours: 23 hours in March, 25 in November. */
const SPRING = ["2025-03-08", "2025-03-09", "2025-03-10"];
const AUTUMN = ["2025-11-01", "2025-11-02", "2025-11-03"];

const HOURLY_NODES = 150;
/** Twelve times the intervals: fewer nodes for about as many rows. */
const FIVE_MINUTE_NODES = 20;

/** The sample files: hourly days around New Year and both clock changes, five-minute days of the changes alone. */
export function demoDays(): PjmDayOptions[] {
  const dates = [...NEW_YEAR, ...SPRING, ...AUTUMN];
  return [
    ...dates.map((date) => ({ feed: "da_hourly" as const, date, nodeCount: HOURLY_NODES })),
    // some real-time prices are revised, which the output then has once
    ...dates.map((date) => ({
      feed: "rt_hourly" as const,
      date,
      nodeCount: HOURLY_NODES,
      revisedShare: 0.01,
    })),
    ...[SPRING[1]!, AUTUMN[1]!].map((date) => ({
      feed: "rt_5min" as const,
      date,
      nodeCount: FIVE_MINUTE_NODES,
    })),
  ];
}

export interface DemoFiles {
  /** Folder of the sample files. */
  input: string;
  /** Folder for what is made of them; missing. */
  output: string;
  /** The sample files, in the order of {@link demoDays}. */
  files: string[];
  /** Size of the sample files together. */
  bytes: number;
}

/**
 * Writes the sample files into `FOLDER/input`. What an earlier demo left there and in `FOLDER/output` is removed;
 * anything else in the folder stays.
 *
 * @throws GridparquetError `output-not-writable` when the folder holds files and no demo made it, or on a fault of
 *   the file system
 */
export async function writeDemoFiles(folder: string): Promise<DemoFiles> {
  try {
    await claimFolder(folder);
    const input = join(folder, "input");
    const output = join(folder, "output");
    for (const own of [input, output]) await rm(own, { recursive: true, force: true });
    const files: string[] = [];
    let bytes = 0;
    for (const day of demoDays()) {
      const file = await writePjmDay(input, day);
      bytes += (await stat(file)).size;
      files.push(file);
    }
    return { input, output, files, bytes };
  } catch (cause) {
    if (cause instanceof GridparquetError) throw cause;
    throw new GridparquetError("output-not-writable", `cannot write to ${folder}: ${describeError(cause)}`, {
      hint: "Choose another folder: gridparquet demo --out DIR",
      cause,
    });
  }
}

/** Makes the folder, or checks that it is empty or from an earlier demo, and marks it. */
async function claimFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const names = await readdir(folder);
  if (names.includes(DEMO_MARKER)) return;
  if (names.length > 0) {
    throw new GridparquetError(
      "output-not-writable",
      `${folder} has files in it and was not made by the demo`,
      {
        hint: "Choose another folder: gridparquet demo --out DIR",
      },
    );
  }
  await writeFile(
    join(folder, DEMO_MARKER),
    "Made by `gridparquet demo`, which replaces the folders input and output here when it runs again.\n",
  );
}

/** A query over the demo's output, for DuckDB. Paths are as given, relative or not. */
export function duckdbQuery(output: string): string[] {
  const files = `${slashes(output)}/energy/**/*.parquet`.replaceAll("'", "''");
  return [
    "SELECT location, avg(lmp_total) AS price, count(*) AS hours",
    `FROM read_parquet('${files}',`,
    "                  hive_partitioning = true)",
    "WHERE feed = 'da_hourly'",
    "GROUP BY location ORDER BY price DESC LIMIT 5;",
  ];
}

/** The same question for pandas. */
export function pandasQuery(output: string): string[] {
  const folder = JSON.stringify(`${slashes(output)}/energy`);
  return [
    "import pandas as pd",
    `df = pd.read_parquet(${folder},`,
    '                     filters=[("feed", "==", "da_hourly")])',
    'print(df.groupby("location").lmp_total.mean().nlargest(5))',
  ];
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}
