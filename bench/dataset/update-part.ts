import { cp, open, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { UpdateSummary } from "../../src/update/update.js";
import { runScript, type Usage } from "../measure.js";
import { checkDataset, convertArgs, emptyFolder, jsonOf, measureCommand } from "./command.js";
import type { Part, PartContext, Step } from "./part.js";
import { STEP } from "./step-names.js";
import type { YearDataset } from "./year-dataset.js";

/**
 * A day is added to a dataset; beside it what cannot be spared: converting that day, and copying the bytes of the year
 * file that it goes to. The dataset is put back before each run.
 */
export function updatePart({ settings, work }: PartContext, year: YearDataset): Part {
  const { threads } = settings;
  const { input, lastDay, lastDayRows, folder, status } = year;
  const [alone, dataset, copy] = ["day-alone", "dataset", "copy"].map((name) => path.join(work, name));
  const yearFile = path.join(folder, status.feeds[0]!.years.at(-1)!.path);
  const update = ["update", input.folder, "--out", dataset!, "--threads", String(threads)];
  // A virtual machine gives memory that has been free for a while back, and to be given it anew takes several times as
  // long as to write a file to it: what writes a year file finds as much memory that has just become free.
  const freeMemory = async (): Promise<void> => {
    const spare = path.join(work, "spare");
    await cp(yearFile, spare);
    await rm(spare);
  };
  const copying = (name: string, ...more: string[]): Step => ({
    ...{ name, threads: 1 },
    prepare: async () => {
      await emptyFolder(copy!);
      await freeMemory();
    },
    run: async (): Promise<Usage> =>
      JSON.parse(await runScript("./dataset/copy-child.js", [yearFile, path.join(copy!, "year"), ...more])),
  });
  const steps: Step[] = [
    {
      ...{ name: STEP.dayAlone, threads },
      prepare: () => emptyFolder(alone!),
      run: () => measureCommand(work, convertArgs([lastDay], alone!, threads)),
      check: async () => void (await checkDataset(alone!, lastDayRows)),
    },
    copying(STEP.copy),
    copying(STEP.syncedCopy, "sync"),
    {
      ...{ name: STEP.update, threads },
      prepare: async () => {
        await putBack(folder, dataset!);
        await freeMemory();
      },
      run: () => measureCommand(work, [...update, "--quiet"]),
      check: async () => void (await checkDataset(dataset!, input.rows)),
    },
    {
      ...{ name: STEP.updateAgain, threads },
      run: () => measureCommand(work, [...update, "--quiet"]),
      check: async () => {
        const { totals, update: outcome } = await jsonOf<UpdateSummary>(update);
        if (totals.rowsRead === 0 && outcome.filesUnchanged === input.files) return;
        throw new Error(`${outcome.filesUnchanged} of ${input.files} files were taken for unchanged`);
      },
    },
  ];
  const { files, rows, bytes } = input;
  const megabytes = (status.totals.bytes / 1e6).toFixed(0);
  const before = (status.totals.rows / 1e6).toFixed(2);
  const what = `a day of ${lastDayRows.toLocaleString("en-US")} rows to a dataset of ${before} million, ${megabytes} MB`;
  return { input: { part: "update", what, files, rows, bytes }, steps };
}

/** A copy of the dataset, its bytes on the disk, so that none of them are written while something is measured. */
async function putBack(folder: string, copy: string): Promise<void> {
  await emptyFolder(copy);
  await cp(folder, copy, { recursive: true });
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const handle = await open(path.join(entry.parentPath, entry.name), "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
