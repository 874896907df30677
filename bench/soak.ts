/** Memory of one process that converts again and again: `npm run bench:soak -- --help`. See bench/README.md. */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { convert } from "../src/index.js";
import { checkoutRoot, say } from "./checkout.js";
import { positive, type RecordOptions, withRecordOptions } from "./options.js";
import { provideDataSet } from "./provide-data-set.js";
import { saveRecord, sizeOf } from "./record.js";
import { rssTrend, sampleRss } from "./rss.js";

interface SoakOptions extends RecordOptions {
  minutes: number;
  days: number;
  nodes: number;
  threads: number;
}

async function main({ json, record, ...options }: SoakOptions): Promise<void> {
  const root = checkoutRoot();
  const cache = path.join(root, ".cache", "bench");
  await mkdir(cache, { recursive: true });
  const { minutes, days, nodes, threads } = options;
  const dataSet = await provideDataSet(cache, { days, nodes, seed: 1, sixDecimals: false });
  const work = path.join(cache, "soak");
  const wallSeconds: number[] = [];
  const stop = sampleRss(process.pid);
  try {
    for (const end = performance.now() + minutes * 60_000; performance.now() < end; ) {
      await rm(work, { recursive: true, force: true });
      const begin = performance.now();
      const { status, totals } = await convert({ inputs: [dataSet.folder], out: work, threads });
      if (status !== "complete" || totals.rowsWritten !== dataSet.rows)
        throw new Error(`conversion ${wallSeconds.length + 1} is ${status}: ${totals.rowsWritten} rows`);
      wallSeconds.push((performance.now() - begin) / 1000);
    }
    const samples = stop();
    const trend = rssTrend(samples);
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
    process.stdout.write(
      `${wallSeconds.length} conversions of ${megabytes(dataSet.bytes)} MB in ${minutes} minutes\n` +
        `RSS, first third   ${megabytes(trend.firstThirdBytes).padStart(6)} MB (median)\n` +
        `RSS, last third    ${megabytes(trend.lastThirdBytes).padStart(6)} MB (median)\n` +
        `slope              ${megabytes(trend.bytesPerHour).padStart(6)} MB/hour\n`,
    );
    const content = { bench: "soak", options, input: sizeOf(dataSet), wallSeconds, samples, trend } as const;
    await saveRecord(root, { json, record }, content);
  } finally {
    stop();
    await rm(work, { recursive: true, force: true });
  }
}

const command = new Command("bench:soak")
  .description("Converts the same files again and again in one process and watches its memory.")
  .option("--minutes <n>", "so long; the conversion under way is finished", positive, 10)
  .option("--days <n>", "day files, around a New Year", positive, 30)
  .option("--nodes <n>", "nodes per hour", positive, 6000)
  .option("--threads <n>", "threads", positive, 2);
try {
  await main(withRecordOptions(command).parse().opts<SoakOptions>());
} catch (error) {
  say(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
