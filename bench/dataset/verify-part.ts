import { measureCommand } from "./command.js";
import type { Part, PartContext } from "./part.js";
import { verifyName } from "./step-names.js";
import type { YearDataset } from "./year-dataset.js";

/** All rows of the dataset are read back and checked, with one thread and with those of the other parts. */
export function verifyPart({ settings, work }: PartContext, { folder, status }: YearDataset): Part {
  const { files, rows, bytes } = status.totals;
  const what = `${(rows / 1e6).toFixed(2)} million rows of PJM, ${(bytes / 1e6).toFixed(0)} MB`;
  const steps = [...new Set([1, settings.threads])].map((threads) => ({
    ...{ name: verifyName(threads), threads },
    run: () => measureCommand(work, ["verify", folder, "--threads", String(threads), "--quiet"]),
  }));
  return { input: { part: "verify", what, files, rows, bytes }, steps };
}
