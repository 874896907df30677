import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageFile } from "../package-files.js";

interface PackageJson {
  name?: string;
  version?: string;
  license?: string;
  dependencies?: Record<string, string>;
}

/** The package's own dependencies that are not among `joined`. */
export function dependenciesBut(joined: readonly string[]): string[] {
  const { dependencies = {} } = readPackage(packageFile("package.json"));
  const missing = joined.filter((name) => !(name in dependencies));
  if (missing.length > 0) throw new Error(`${missing.join(", ")}: not among the dependencies`);
  return Object.keys(dependencies).filter((name) => !joined.includes(name));
}

/**
 * Names, versions and licences of the packages that files lie in: their licences ask for it where their code is part of
 * what is published.
 *
 * @param files paths; those of no package in node_modules are passed over
 * @throws Error for a package without a licence's text
 */
export function licenceTexts(files: readonly string[]): string {
  const folders = [...new Set(files.map(packageFolder).filter((folder) => folder !== null))].sort();
  const texts = folders.map((folder) => {
    const { name, version, license } = readPackage(join(folder, "package.json"));
    const found = readdirSync(folder).filter((file) => /^licen[cs]e([._-]|$)/i.test(file));
    if (found.length === 0) throw new Error(`${name} has no text of its licence`);
    const text = found.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

/** The folder with the package.json that names a package, above a file in node_modules. */
function packageFolder(file: string): string | null {
  if (!file.includes("node_modules")) return null;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (existsSync(path) && readPackage(path).name !== undefined) return folder;
  }
}

function readPackage(path: string): PackageJson {
  return JSON.parse(readFileSync(path, "utf8")) as PackageJson;
}
