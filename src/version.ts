import { readFileSync } from "node:fs";

/** Version of the package, which lies two folders above dist/src. */
export function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
