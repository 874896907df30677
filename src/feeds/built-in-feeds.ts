import { readdirSync, readFileSync, statSync } from "node:fs";
import { BUILT_IN, COMPILED } from "./built-in-files.js";
import type { FeedDefinition } from "./feed-definition.js";

/**
 * The built-in feed definitions, and those of `configDir` where one is given: see {@link loadFeeds}.
 *
 * Without `configDir` no YAML is read, which takes longer than all else that there is to load; unless a file in
 * config/ has been changed since.
 */
export async function feedDefinitions(configDir?: string): Promise<FeedDefinition[]> {
  if (configDir === undefined && isCurrent()) {
    return JSON.parse(readFileSync(COMPILED, "utf8")) as FeedDefinition[];
  }
  const { loadFeeds } = await import("./load-feeds.js");
  return loadFeeds(configDir);
}

function isCurrent(): boolean {
  const compiled = statSync(COMPILED, { throwIfNoEntry: false })?.mtimeMs;
  if (compiled === undefined) return false;
  return readdirSync(BUILT_IN).every((name) => statSync(`${BUILT_IN}${name}`).mtimeMs <= compiled);
}
