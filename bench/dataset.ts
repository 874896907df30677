/** What a dataset costs after it has been made: `npm run bench:dataset -- --help`. See bench/README.md. */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { checkoutRoot, say } from "./checkout.js";
import { datasetTable } from "./dataset/dataset-table.js";
import { mergePart } from "./dataset/merge-part.js";
import { type Part, type PartContext, runParts } from "./dataset/part.js";
import { type DatasetSettings, PARTS, type PartName, untilYearEnd, WHOLE_YEAR } from "./dataset/settings.js";
import { statusPart } from "./dataset/status-part.js";
import { updatePart } from "./dataset/update-part.js";
import { verifyPart } from "./dataset/verify-part.js";
import { makeYearDataset, type YearDataset } from "./dataset/year-dataset.js";
import { positive, type RecordOptions, withRecordOptions } from "./options.js";
import { withLargeInputs } from "./provide-data-set.js";
import { saveRecord } from "./record.js";
import type { DatasetContent, PeerReason } from "./record-types.js";

interface DatasetOptions extends DatasetSettings, RecordOptions {
  keep: boolean;
}

/** @returns whether all parts could be measured, whatever the figures are */
async function main({ json, record, keep, ...settings }: DatasetOptions): Promise<boolean> {
  const root = checkoutRoot();
  const cache = path.join(root, ".cache", "bench");
  const work = path.join(cache, "dataset");
  await mkdir(cache, { recursive: true });
  const year = untilYearEnd(settings.days, settings.nodes);
  const needsYear = names(settings).some((name) => name === "update" || name === "verify");
  try {
    const content = await withLargeInputs({ cache, keep }, needsYear ? [year] : [], () =>
      measure({ settings, cache, work }),
    );
    process.stdout.write(`\n${datasetTable(content)}`);
    for (const { name, reason } of content.failed) process.stdout.write(`${name} FAILED: ${reason}\n`);
    await saveRecord(root, { json, record }, content);
    return content.failed.length === 0;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function measure(context: PartContext): Promise<DatasetContent> {
  const { settings } = context;
  const { parts, notReady } = await makeParts(context);
  const { results, failed } = await runParts(parts, settings.rounds, say);
  const inputs = parts.map(({ input }) => input);
  return {
    ...{ bench: "dataset", options: settings, inputs, results },
    failed: [...notReady, ...failed],
  };
}

function names({ only }: DatasetSettings): PartName[] {
  return PARTS.filter((name) => only.length === 0 || only.includes(name));
}

/** Makes what the parts need, one after the other. */
async function makeParts(context: PartContext): Promise<{ parts: Part[]; notReady: PeerReason[] }> {
  let yearDataset: Promise<YearDataset> | undefined;
  const year = (): Promise<YearDataset> => {
    yearDataset ??= makeYearDataset(context);
    return yearDataset;
  };
  const makers: Record<PartName, () => Promise<Part>> = {
    update: async () => updatePart(context, await year()),
    merge: () => mergePart(context),
    status: () => statusPart(context),
    verify: async () => verifyPart(context, await year()),
  };
  const parts: Part[] = [];
  const notReady: PeerReason[] = [];
  for (const name of names(context.settings)) {
    try {
      parts.push(await makers[name]());
    } catch (error) {
      notReady.push({ name, reason: (error as Error).message });
    }
  }
  return { parts, notReady };
}

/** Commander hands over the default, then what was read so far. */
function part(text: string, earlier: readonly PartName[]): PartName[] {
  const name = PARTS.find((known) => known === text);
  if (name === undefined) throw new InvalidArgumentError(`Parts: ${PARTS.join(", ")}.`);
  return [...earlier, name];
}

const command = new Command("bench:dataset")
  .description("Adding a day, merging files by node, status and verify, each against its target.")
  .option("--rounds <n>", "measured rounds after the warm-up", positive, 3)
  .option("--only <part...>", `parts: ${PARTS.join(", ")}`, part, [] as PartName[])
  .option("--days <n>", "day files, to the end of a year; the last one is added", positive, WHOLE_YEAR.days)
  .option("--nodes <n>", "PJM's nodes per hour; other ISOs in proportion", positive, WHOLE_YEAR.nodes)
  .option("--merge-days <n>", "days of the files by node", positive, WHOLE_YEAR.days)
  .option("--merge-nodes <n>", "nodes, each with a file", positive, 160)
  .option("--threads <n>", "threads", positive, 2)
  .option("--keep", "keep the day files that were made for this", false);
try {
  if (!(await main(withRecordOptions(command).parse().opts<DatasetOptions>()))) process.exitCode = 1;
} catch (error) {
  say(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
