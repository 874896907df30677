import path from "node:path";
import { say } from "./checkout.js";
import { type DataSet, type DataSetParameters, dataSetFolder, findDataSet } from "./data-set.js";
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
