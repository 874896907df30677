import path from "node:path";
import { runScript } from "../measure.js";
import { convertArgs, emptyFolder, jsonOf, measureCommand, type StatusSummary } from "./command.js";
import type { Part, PartContext } from "./part.js";
import { untilYearEnd } from "./settings.js";
import { findMarketSet, MARKETS, marketSetFolder, rowGroupSizeOf } from "./seven-markets.js";
import { STEP } from "./step-names.js";

/**
 * What a dataset of seven ISOs holds. `status` reads the footers of year files, their manifests and the lists of
 * locations, no rows: all of these are as large as in a dataset with all rows of the year, the rows are few.
 */
export async function statusPart({ settings, cache, work }: PartContext): Promise<Part> {
  const { days, nodes, threads } = settings;
  const folder = await marketSetFolder(cache, days, nodes);
  if ((await findMarketSet(folder)) === undefined) {
    const parameters = JSON.stringify(untilYearEnd(days, nodes));
    await runScript("./dataset/make-input.js", ["markets", folder, parameters], true);
  }
  const input = (await findMarketSet(folder))!;
  const dataset = path.join(work, "seven-markets");
  await emptyFolder(dataset);
  for (const market of MARKETS) {
    const size = ["--row-group-size", String(rowGroupSizeOf(market, nodes))];
    const files = path.join(input.folder, market.iso);
    await measureCommand(work, [...convertArgs([files], dataset, threads), ...size]);
  }
  const status = await jsonOf<StatusSummary>(["status", dataset]);
  const { files, rows, bytes, feeds, missingDays } = status.totals;
  if (feeds !== MARKETS.length || missingDays > 0)
    throw new Error(`the dataset has ${feeds} feeds, ${missingDays} days are missing`);
  return {
    input: { part: "status", what: whatOf(status, days), files, rows, bytes },
    steps: [{ name: STEP.status, threads: 1, run: () => measureCommand(work, ["status", dataset]) }],
  };
}

function whatOf({ feeds, totals }: StatusSummary, days: number): string {
  const groups = feeds.flatMap(({ years }) => years).reduce((sum, { rowGroups }) => sum + rowGroups, 0);
  const locations = feeds.reduce((sum, feed) => sum + (feed.locations ?? 0), 0);
  const counts = [groups, locations].map((count) => count.toLocaleString("en-US"));
  return `${feeds.length} ISOs, ${days} days: ${totals.files} year files, ${counts[0]} row groups, ${counts[1]} locations`;
}
