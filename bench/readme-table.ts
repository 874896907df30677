/** Puts the newest records in bench/results into README.md: `npm run bench:readme`. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { checkoutRoot, say } from "./checkout.js";
import { benchMarkdown, newestForReadme, replaceBench } from "./readme-markdown.js";
import { resultsFolder } from "./record.js";

try {
  const root = checkoutRoot();
  const records = await newestForReadme(resultsFolder(root));
  if (records === undefined) throw new Error("bench/results has no record of all peers.");
  const readme = path.join(root, "README.md");
  await writeFile(readme, replaceBench(await readFile(readme, "utf8"), benchMarkdown(records)));
} catch (error) {
  say(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
