import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { isNode, LineCounter, parseDocument } from "yaml";
import { describeError, GridparquetError } from "../errors.js";
import { type FeedDefinition, feedKey } from "./feed-definition.js";
import { ConfigFile, definitionsOf } from "./feed-schema.js";

/** Folder of the built-in feed definitions: config/ at the package's root, three folders above dist/src/feeds. */
const BUILT_IN = fileURLToPath(new URL("../../../config/", import.meta.url));

/**
 * Reads the built-in feed definitions and those of `configDir`.
 *
 * A feed of `configDir` with the name of a built-in one replaces it. Sorted by ISO, in the order of the file.
 *
 * @throws GridparquetError `bad-config` that names file, line and key when a definition is not valid
 */
export function loadFeeds(configDir?: string): FeedDefinition[] {
  const feeds = new Map<string, FeedDefinition>();
  for (const folder of configDir === undefined ? [BUILT_IN] : [BUILT_IN, configDir]) {
    for (const feed of loadFolder(folder)) feeds.set(feedKey(feed), feed);
  }
  return [...feeds.values()].sort((a, b) => (a.iso < b.iso ? -1 : a.iso > b.iso ? 1 : 0));
}

function loadFolder(folder: string): FeedDefinition[] {
  const names = reading(folder, () => readdirSync(folder)).filter((name) => /\.ya?ml$/.test(name));
  if (names.length === 0) {
    throw new GridparquetError("bad-config", `there are no feed definitions in ${folder}`, {
      hint: "Feed definitions are .yaml files; those in gridparquet's own config/ show how they look.",
    });
  }
  return names.sort().flatMap((name) => {
    const path = join(folder, name);
    return parseFeeds(
      reading(path, () => readFileSync(path, "utf8")),
      path,
    );
  });
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new GridparquetError(
      "bad-config",
      `cannot read the feed definitions in ${path}: ${describeError(cause)}`,
      { hint: "Give --config a folder with .yaml files.", cause },
    );
  }
}

/**
 * Feed definitions of one YAML text.
 *
 * @param path the file's name for messages
 * @throws GridparquetError `bad-config` with every mistake found, a line each
 */
export function parseFeeds(text: string, path: string): FeedDefinition[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const problems = document.errors.map(
    (error) => `${path}:${lines.linePos(error.pos[0]).line}: ${error.message}`,
  );
  if (problems.length > 0) throw invalid(problems);

  const lineOf = (keys: readonly unknown[]): number => {
    for (let length = keys.length; length > 0; length--) {
      const node = document.getIn(keys.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const checked = v.safeParse(ConfigFile, document.toJS({ maxAliasCount: 1000 }));
  if (!checked.success) {
    throw invalid(
      checked.issues.map((issue) => {
        const keys = issue.path?.map((item) => item.key) ?? [];
        return `${path}:${lineOf(keys)}: ${keys.join(".")}: ${describeIssue(issue)}`;
      }),
    );
  }
  const { feeds, mistakes } = definitionsOf(checked.output);
  if (mistakes.length > 0) {
    throw invalid(
      mistakes.map(({ path: keys, message }) => `${path}:${lineOf(keys)}: ${keys.join(".")} ${message}`),
    );
  }
  return feeds;
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "strict_object" && issue.expected === "never") return "is not a known key";
  if (issue.type === "strict_object" && issue.received === "undefined") return "is missing";
  return issue.message;
}

function invalid(problems: string[]): GridparquetError {
  const count = problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
  return new GridparquetError("bad-config", `the feed definitions have ${count}:\n${problems.join("\n")}`);
}
