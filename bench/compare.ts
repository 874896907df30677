/** Two records of one benchmark side by side: `npm run bench:compare -- A.json B.json`. */
import { Command } from "commander";
import { say } from "./checkout.js";
import { compareRecords, comparisonTable, differencesOf } from "./compare-records.js";
import { readRecord } from "./record.js";
import type { BenchRecord } from "./record-types.js";

async function main(fileA: string, fileB: string): Promise<void> {
  const [a, b] = await Promise.all([readRecord(fileA), readRecord(fileB)]);
  const comparisons = compareRecords(a, b);
  const title = ({ date, commit }: BenchRecord) => `${date}, commit ${commit ?? "unknown"}`;
  process.stdout.write(`A: ${title(a)}\nB: ${title(b)}\n`);
  for (const difference of differencesOf(a, b)) process.stdout.write(`${difference}\n`);
  process.stdout.write(`\n${comparisonTable(comparisons)}`);
}

const command = new Command("bench:compare")
  .description("Compares the medians of two records of one benchmark.")
  .argument("<A>", "record, a JSON file")
  .argument("<B>", "record, a JSON file")
  .parse();
try {
  await main(command.args[0]!, command.args[1]!);
} catch (error) {
  say(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
