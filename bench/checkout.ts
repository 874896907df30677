import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder with package.json, above wherever this file was compiled to. */
export function checkoutRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, "package.json"))) folder = path.dirname(folder);
  return folder;
}

/** Writes a message for the person who watches; results go to stdout. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
