import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { isNode } from "yaml";
import { describeError, GridparquetError } from "../errors.js";
import { parseYaml, readYaml } from "../yaml-text.js";
import { BUILT_IN } from "./built-in-files.js";
import { definitionsOf } from "./define-feeds.js";
import { type FeedDefinition, feedKey } from "./feed-definition.js";
import type { ConfigMistake } from "./feed-mistakes.js";
import { ConfigFile } from "./feed-schema.js";
import { type MarketIso, SharedFile, sharedDefinitionsOf } from "./shared-feeds.js";

/** So many mistakes of a file are told, and so many characters of a key. */
const MAX_LISTED = 20;
const MAX_SHOWN = 200;

/**
 * Reads the built-in feed definitions and those of `configDir`.
 *
 * A feed of `configDir` with the name of a built-in one replaces it; a feed of the ISO's own one that it would share
 * with others. Sorted by ISO, in the order of the file.
 *
 * @throws GridparquetError `bad-config` that names file, line and key when a definition is not valid
 */
export function loadFeeds(configDir?: string): FeedDefinition[] {
  const files = (configDir === undefined ? [BUILT_IN] : [BUILT_IN, configDir]).flatMap(loadFolder);
  // The first file of an ISO tells its clock: one that adds a feed to a built-in ISO changes no other.
  const isos = new Map(
    [...files].reverse().flatMap(({ config }) => ("iso" in config ? [[config.iso, config]] : [])),
  );
  const byKey = (shared: boolean): Map<string, FeedDefinition> => {
    const chosen = files.filter(({ config }) => shared === "isos" in config);
    const feeds = chosen.flatMap((file) => definitionsIn(file, [...isos.values()]));
    return new Map(feeds.map((feed) => [feedKey(feed), feed]));
  };
  const own = byKey(false);
  const shared = [...byKey(true)].filter(([key]) => !own.has(key));
  return [...own.values(), ...shared.map(([, feed]) => feed)].sort((a, b) =>
    a.iso < b.iso ? -1 : a.iso > b.iso ? 1 : 0,
  );
}

/** A file of definitions that has the right shape. */
interface DefinitionFile {
  path: string;
  config: ConfigFile | SharedFile;
  /** Line of the key that these lead to, or of the last one of them that is there. */
  lineOf(keys: readonly unknown[]): number;
}

function loadFolder(folder: string): DefinitionFile[] {
  const names = reading(folder, () => readdirSync(folder)).filter((name) => /\.ya?ml$/.test(name));
  if (names.length === 0) {
    throw new GridparquetError("bad-config", `there are no feed definitions in ${folder}`, {
      hint: "Feed definitions are .yaml files; those in gridparquet's own config/ show how they look.",
    });
  }
  return names.sort().flatMap((name) => {
    const path = join(folder, name);
    return parseFile(
      reading(path, () => readYaml(path)),
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
 * @param isos ISOs among which feeds are shared, where the text is one of shared feeds
 * @throws GridparquetError `bad-config` with the mistakes found, a line each
 */
export function parseFeeds(text: string, path: string, isos: readonly MarketIso[] = []): FeedDefinition[] {
  return definitionsIn(parseFile(text, path), isos);
}

function definitionsIn(
  { config, path, lineOf }: DefinitionFile,
  isos: readonly MarketIso[],
): FeedDefinition[] {
  const found: { feeds: FeedDefinition[]; mistakes: ConfigMistake[] } =
    "isos" in config ? sharedDefinitionsOf(config, isos) : definitionsOf(config);
  if (found.mistakes.length === 0) return found.feeds;
  throw invalid(
    found.mistakes.map(({ path: keys, message }) => `${path}:${lineOf(keys)}: ${shownKeys(keys)} ${message}`),
  );
}

function parseFile(text: string, path: string): DefinitionFile {
  const { document, content, problems, lineAt } = parseYaml(text);
  if (problems.length > 0) throw invalid(problems.map(({ line, message }) => `${path}:${line}: ${message}`));
  const lineOf = (keys: readonly unknown[]): number => {
    for (let length = keys.length; length > 0; length--) {
      const node = document.getIn(keys.slice(0, length), true);
      if (isNode(node) && node.range) return lineAt(node.range[0]);
    }
    return 1;
  };
  const isShared = typeof content === "object" && content !== null && "isos" in content;
  const checked = v.safeParse(isShared ? SharedFile : ConfigFile, content);
  if (!checked.success) {
    throw invalid(
      checked.issues.map((issue) => {
        const keys = issue.path?.map((item) => item.key) ?? [];
        return `${path}:${lineOf(keys)}: ${shownKeys(keys)}: ${describeIssue(issue)}`;
      }),
    );
  }
  return { path, config: checked.output, lineOf };
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "strict_object" && issue.expected === "never") return "is not a known key";
  if (issue.type === "strict_object" && issue.received === "undefined") return "is missing";
  return issue.message;
}

/** Where a key is; it may be anything, and it is to be found by its line. */
function shownKeys(keys: readonly unknown[]): string {
  const text = keys.join(".").replaceAll("\n", "\\n");
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function invalid(problems: string[]): GridparquetError {
  const count = problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
  const listed = problems.slice(0, MAX_LISTED).map((problem) => `\n${problem}`);
  if (problems.length > MAX_LISTED) listed.push(`\nand ${problems.length - MAX_LISTED} more`);
  return new GridparquetError("bad-config", `the feed definitions have ${count}:${listed.join("")}`);
}
