/** The benchmark of layouts: `npm run bench:layouts -- --help`. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { checkoutRoot, say } from "./checkout.js";
import type { LayoutSet } from "./layouts/layout-set.js";
import { layoutTable } from "./layouts/layout-table.js";
import { LAYOUTS, type Layout } from "./layouts/layouts.js";
import { type LayoutSize, provideLayoutSet } from "./layouts/provide-layout-set.js";
import { runLayouts } from "./layouts/run-layouts.js";
import { positive, type RecordOptions, withRecordOptions } from "./options.js";
import { saveRecord } from "./record.js";

interface LayoutBenchOptions extends LayoutSize, RecordOptions {
  rounds: number;
  only: string[];
  threads: number;
}

function parseOptions(argv: readonly string[]): LayoutBenchOptions {
  const command = new Command("bench:layouts")
    .description("How fast gridparquet converts each ISO's layout, compared with plain PJM files.")
    .option("--rounds <n>", "measured rounds after the warm-up", positive, 3)
    .option("--only <name...>", "layouts, by name or its beginning", [] as string[])
    .option("--megabytes <n>", "least CSV per layout", positive, 100)
    .option(
      "--files <n>",
      "least number of files per layout; 35000 is a year of ERCOT's quarters",
      positive,
      1,
    )
    .option("--threads <n>", "threads", positive, 2);
  return withRecordOptions(command).parse(argv, { from: "user" }).opts<LayoutBenchOptions>();
}

async function main(given: LayoutBenchOptions): Promise<boolean> {
  const { only, megabytes, files, json, record, ...settings } = given;
  const root = checkoutRoot();
  const cache = path.join(root, ".cache", "bench", "layouts");
  const inputs: { layout: Layout; set: LayoutSet }[] = [];
  for (const layout of chooseLayouts(only)) {
    inputs.push({ layout, set: await provideLayoutSet(cache, layout, { megabytes, files }) });
  }
  const work = path.join(cache, "work");
  try {
    const { results, failed } = await runLayouts(inputs, { ...settings, work, say });
    process.stdout.write(`\n${layoutTable(results)}`);
    for (const { name, reason } of failed) process.stdout.write(`${name} FAILED: ${reason}\n`);
    const options = { only, megabytes, files, ...settings };
    await saveRecord(root, { json, record }, { bench: "layouts", options, results, failed });
    return failed.length === 0;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @throws Error when a name fits no layout */
function chooseLayouts(only: readonly string[]): readonly Layout[] {
  const fits = (layout: Layout, name: string) => layout.name.toLowerCase().startsWith(name.toLowerCase());
  for (const name of only) {
    if (LAYOUTS.some((layout) => fits(layout, name))) continue;
    throw new Error(`No layout "${name}". Layouts: ${LAYOUTS.map((layout) => layout.name).join(", ")}.`);
  }
  return only.length === 0 ? LAYOUTS : LAYOUTS.filter((layout) => only.some((name) => fits(layout, name)));
}

try {
  if (!(await main(parseOptions(process.argv.slice(2))))) process.exitCode = 1;
} catch (error) {
  say(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
