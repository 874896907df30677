import path from "node:path";
import { digestOutput } from "../digest.js";
import { runScript } from "../measure.js";
import { provideDataSet } from "../provide-data-set.js";
import { checkDataset, convertArgs, emptyFolder, measureCommand, type StatusSummary } from "./command.js";
import { findNodeFiles, nodeFilesFolder } from "./node-files.js";
import type { Part, PartContext, Step } from "./part.js";
import { sameBytes } from "./same-bytes.js";
import { untilYearEnd } from "./settings.js";
import { STEP } from "./step-names.js";

/** The same rows in a file for each day and in a file for each node, whose hours have to be merged. */
export async function mergePart({ settings, cache, work }: PartContext): Promise<Part> {
  const { mergeDays, mergeNodes, threads } = settings;
  const parameters = untilYearEnd(mergeDays, mergeNodes);
  const byDay = await provideDataSet(cache, parameters);
  const folder = nodeFilesFolder(cache, parameters);
  if ((await findNodeFiles(folder)) === undefined)
    await runScript("./dataset/make-input.js", ["nodes", folder, JSON.stringify(parameters)], true);
  const byNode = (await findNodeFiles(folder))!;
  if (byNode.rows !== byDay.rows) throw new Error(`${byNode.rows} rows by node, ${byDay.rows} by day`);

  const [dayOutput, nodeOutput] = ["by-day", "by-node"].map((name) => path.join(work, name));
  const converting = (name: string, input: string, output: string): Step => ({
    ...{ name, threads },
    prepare: () => emptyFolder(output),
    run: () => measureCommand(work, convertArgs([input], output, threads)),
  });
  const steps: Step[] = [
    {
      ...converting(STEP.byDay, byDay.folder, dayOutput!),
      check: async () => void (await checkDataset(dayOutput!, byDay.rows)),
    },
    {
      ...converting(STEP.byNode, byNode.folder, nodeOutput!),
      check: async () => {
        const status = await checkDataset(nodeOutput!, byNode.rows);
        await checkSame(status, dayOutput!, nodeOutput!);
      },
    },
  ];
  const { rows, bytes } = byNode;
  const what = `${(rows / 1e6).toFixed(2)} million rows, ${(bytes / 1e6).toFixed(0)} MB, in ${byDay.files} files by day or ${byNode.files} by node`;
  return { input: { part: "merge", what, files: byNode.files, rows, bytes }, steps };
}

/** @throws Error when the outputs have neither the same bytes nor the same rows in order */
async function checkSame({ feeds }: StatusSummary, one: string, other: string): Promise<void> {
  const paths = feeds.flatMap(({ years }) => years.map(({ path: file }) => file));
  const pairs = paths.map((file) => sameBytes(path.join(one, file), path.join(other, file)));
  if ((await Promise.all(pairs)).every((isSame) => isSame)) return;
  const [a, b] = [await digestOutput(one), await digestOutput(other)];
  if (a.fingerprint !== b.fingerprint) throw new Error("files by node gave other rows than files by day");
  if (!b.sorted) throw new Error("files by node gave rows that are not in order");
}
