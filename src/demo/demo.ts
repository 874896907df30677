import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError, GridparquetError } from "../errors.js";
import { makeFolder } from "../make-folder.js";
import { DEMO_SETS, type DemoSet, isoFolder, LONG_DAY } from "./demo-sets.js";
import type { SampleFile } from "./sample-file.js";

/** Lies in a demo folder and says that its `input` and `output` may be replaced. */
export const DEMO_MARKER = ".gridparquet-demo";

/** A set of the sample, and what was written for it. */
export interface WrittenSet extends Pick<DemoSet, "iso" | "feed" | "layout" | "container"> {
  files: SampleFile[];
}

export interface DemoFiles {
  /** Folder of the sample files: a folder per ISO. */
  input: string;
  /** Folder for what is made of them; missing. */
  output: string;
  /** In the order of {@link DEMO_SETS}. */
  sets: WrittenSet[];
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
    const sets: WrittenSet[] = [];
    for (const set of DEMO_SETS) sets.push({ ...set, files: await set.write(isoFolder(input, set)) });
    return { input, output, sets };
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

/**
 * A query over the demo's output, for DuckDB: prices of all ISOs on the day with 25 hours (24 at MISO, whose clock
 * does not change). Paths are as given, relative or not.
 */
export function duckdbQuery(output: string): string[] {
  const files = `${slashes(output)}/energy/**/*.parquet`.replaceAll("'", "''");
  return [
    "SELECT iso, feed, max(hour_ending) AS hours, avg(lmp_total) AS price",
    `FROM read_parquet('${files}',`,
    "                  hive_partitioning = true)",
    `WHERE market = 'DA' AND operating_date = '${LONG_DAY}'`,
    "GROUP BY ALL ORDER BY ALL;",
  ];
}

/** The same question for pandas. */
export function pandasQuery(output: string): string[] {
  const folder = JSON.stringify(`${slashes(output)}/energy`);
  return [
    "import pandas as pd",
    `df = pd.read_parquet(${folder},`,
    '                     filters=[("market", "==", "DA")])',
    `day = df[df.operating_date.astype(str) == "${LONG_DAY}"]`,
    'print(day.groupby(["iso", "feed"], observed=True)',
    '         .agg({"hour_ending": "max", "lmp_total": "mean"}))',
  ];
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}
