import { readFile } from "node:fs/promises";
import { packageFile } from "../package-files.js";

/** The modules that run in the browser, those that others need first. */
const MODULES = ["plot-markup", "price-plots", "page-script"] as const;

/**
 * The page's script: its compiled modules as one, so that the page needs no other file.
 *
 * They have no names in common and import nothing else; a test runs them in a browser.
 */
export async function inlineScript(): Promise<string> {
  const texts = MODULES.map(async (name) => {
    const text = await readFile(packageFile(`dist/src/report/page/${name}.js`), "utf8");
    return text
      .replace(/^import [^;]*;\n/gm, "")
      .replace(/^export (?=const|function)/gm, "")
      .replace(/^ *\/\/.*\n|\/\*[\s\S]*?\*\/\n/gm, "");
  });
  return `"use strict";\n{\n${(await Promise.all(texts)).join("")}}\n`;
}
