import { rm } from "node:fs/promises";
import path from "node:path";
import { say } from "./checkout.js";
import { type DataSet, type DataSetParameters, dataSetFolder, findDataSet } from "./data-set.js";
import { checkSpace } from "./disk-space.js";
import { runScript } from "./measure.js";

/** The input with these parameters: from the cache, or made now. */
export async function provideDataSet(cache: string, parameters: DataSetParameters): Promise<DataSet> {
  const folder = dataSetFolder(cache, parameters);
  if ((await findDataSet(folder)) === undefined) {
    say(`Making ${parameters.days} day files in ${path.relative(process.cwd(), folder)} …`);
    await runScript("./make-data-set.js", [folder, JSON.stringify(parameters)], true);
  }
  const dataSet = (await findDataSet(folder))!;
  const megabytes = (dataSet.bytes / 1e6).toFixed(0);
  say(`Input: ${dataSet.files} day files, ${megabytes} MB, ${dataSet.rows.toLocaleString("en-US")} rows.`);
  return dataSet;
}

/**
 * Has work done with inputs that may take gigabytes. Those that were not there before are removed afterwards, unless they
 * are to be kept.
 *
 * @throws Error when the disk has no room for those that have to be made
 */
export async function withLargeInputs<T>(
  { cache, keep }: { cache: string; keep: boolean },
  inputs: readonly DataSetParameters[],
  work: () => Promise<T>,
): Promise<T> {
  const missing: DataSetParameters[] = [];
  for (const parameters of inputs) {
    if ((await findDataSet(dataSetFolder(cache, parameters))) === undefined) missing.push(parameters);
  }
  await checkSpace(cache, missing);
  try {
    return await work();
  } finally {
    if (!keep) {
      for (const made of missing) await rm(dataSetFolder(cache, made), { recursive: true, force: true });
    }
  }
}
