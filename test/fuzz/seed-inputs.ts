import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FuzzInput } from "./fuzz-target.js";

const TEST = fileURLToPath(new URL("../../../test/", import.meta.url));
/** Folder of the committed inputs, one folder for each target; this file is in dist/test/fuzz when it runs. */
export const CORPUS = join(TEST, "fuzz", "corpus");

/** The committed inputs of a target, in the order of their names. */
export function corpusOf(target: string): FuzzInput[] {
  return filesIn(join(CORPUS, target), () => true);
}

/** The definitions that come with gridparquet. */
export function definitionFiles(): FuzzInput[] {
  return filesIn(join(TEST, "..", "config"), (name) => name.endsWith(".yaml"));
}

/** The fixtures, whose names then tell their ISO: `nyiso.20250309damlbmp_zone.csv`. */
export function fixtureFiles(): FuzzInput[] {
  const folder = join(TEST, "fixtures");
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".csv"))
    .sort()
    .map((name) => ({
      // What a library exports has the ISO in its folder's name, and its own in the one above.
      name: name.replace(/^gridstatus\//, "").replaceAll("/", "."),
      bytes: readFileSync(join(folder, name)),
    }));
}

function filesIn(folder: string, isMeant: (name: string) => boolean): FuzzInput[] {
  return readdirSync(folder)
    .filter(isMeant)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}
