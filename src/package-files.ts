import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The package's folder. The build joins modules, so that how far below it a module lies is not known here. */
const ROOT = rootAbove(new URL("./", import.meta.url));

function rootAbove(folder: URL): URL {
  const parent = new URL("../", folder);
  if (existsSync(new URL("package.json", folder)) || parent.href === folder.href) return folder;
  return rootAbove(parent);
}

/** Path of a file of the package, named from its root: `dist/src/cli.js`. */
export function packageFile(name: string): string {
  return fileURLToPath(new URL(name, ROOT));
}
