import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { feedsText, listedFeeds } from "../../src/cli/feeds-text.js";
import { compileProgram } from "../../src/csv/decode-program.js";
import { GridparquetError } from "../../src/errors.js";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { neededHeaders } from "../../src/feeds/find-header.js";
import { parseFeeds } from "../../src/feeds/load-feeds.js";
import { BY_HOUR } from "../helpers/hour-files.js";
import { Random } from "../helpers/random.js";
import type { FuzzInput, FuzzTarget } from "./fuzz-target.js";
import { mutateBytes } from "./mutate-bytes.js";
import { definitionFiles } from "./seed-inputs.js";

/*
 * Feed definitions from outside: they are data. A text is refused with file and line, or gives definitions that can
 * be used, whose names are safe to be parts of a path.
 */

const ISOS = [
  { iso: "PJM", title: "PJM", time_zone: "America/New_York", also_called: [] },
  { iso: "TEST", title: "Test", time_zone: "America/Chicago", also_called: ["T-E.S T"] },
];

export const yamlTarget: FuzzTarget = {
  name: "yaml",
  make: (random, seeds) => {
    bases ??= [...definitionFiles(), { name: "hours.yaml", bytes: Buffer.from(BY_HOUR) }];
    const { name, bytes } = random.pick(seeds.length > 0 && random.chance(0.2) ? seeds : bases);
    let lines = stretchOf(random, bytes.toString("utf8").split("\n"));
    for (let i = random.pick([0, 1, 1, 2, 5]); i > 0; i--) lines = changeLines(random, lines);
    const changes = random.pick([0, 0, 0, 1, 2]);
    return { name, bytes: mutateBytes(random, Buffer.from(lines.join("\n")), changes) };
  },
  async check({ name, bytes }) {
    const feeds = definitionsOf(bytes.toString("utf8"), name);
    if (feeds === null) return;
    assert.deepEqual(JSON.parse(JSON.stringify(feeds)), feeds, "definitions are plain data");
    const random = new Random(crc32(bytes));
    for (const feed of feeds) {
      assert.match(
        `${feed.iso}/${feed.feed}`,
        /^[A-Z][A-Z0-9]*\/[a-z][a-z0-9_]*$/,
        "names are safe in a path",
      );
      const header = random.shuffle([...new Set([...neededHeaders(feed), "note"])]);
      assert.equal(compileProgram(feed, header).fields.length, header.length);
    }
    const text = feedsText(listedFeeds(feeds));
    assert.doesNotMatch(text, ACTS_ON_TERMINAL);
  },
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ACTS_ON_TERMINAL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

let bases: FuzzInput[] | undefined;

/** The definitions; null where the text is refused as it should be. */
function definitionsOf(text: string, path: string): FeedDefinition[] | null {
  try {
    return parseFeeds(text, path, ISOS);
  } catch (error) {
    if (!(error instanceof GridparquetError)) throw error;
    assert.equal(error.code, "bad-config");
    const [first, ...mistakes] = error.message.split("\n");
    assert.match(first!, /^the feed definitions have (a mistake|\d+ mistakes):$/);
    assert.ok(
      mistakes[0]?.startsWith(`${path}:`) && /^\d+: ./.test(mistakes[0].slice(path.length + 1)),
      mistakes[0],
    );
    return null;
  }
}

/** The beginning of a file, which has the keys that must be there, with some of what follows. */
function stretchOf(random: Random, lines: readonly string[]): string[] {
  if (random.chance(0.3)) return [...lines];
  const feeds = lines.findIndex((line) => line.startsWith("feeds:"));
  const starts = lines.flatMap((line, at) => (at > feeds && /^ {2}\w+:/.test(line) ? [at] : []));
  if (starts.length === 0) return [...lines];
  const from = random.int(0, starts.length - 1);
  return [...lines.slice(0, feeds + 1), ...lines.slice(starts[from], starts[from + 1])];
}

const VALUES = [
  ...[
    "",
    "~",
    "true",
    "0",
    "-1",
    "1e400",
    ".nan",
    "[]",
    "{}",
    "[a]",
    "{ a: b }",
    "*a",
    "&a x",
    "&a [*a]",
    "!!js/function x",
  ],
  ...[
    "!!binary aGk=",
    "!!set {a}",
    "!<tag:x> y",
    "2025-01-01",
    "0x1F",
    "|",
    ">",
    "'",
    '"',
    '"\\x1b[31m"',
    '"\\u202e"',
    "../../x",
  ],
  ...[
    "A/B",
    "__proto__",
    "constructor",
    "America/New_York",
    "Etc/GMT+5",
    "energy",
    "H*",
    "#1",
    "#0",
    "#99999999999",
    "*",
    "**",
  ],
  ...[
    "<<: *a",
    "%TAG ! x",
    "---",
    "...",
    "? a",
    "- a",
    "\t",
    "\u00e9",
    "\u{1f4a1}",
    `${"[".repeat(3000)}`,
    `${"{a: ".repeat(500)}`,
  ],
];

function changeLines(random: Random, before: readonly string[]): string[] {
  const lines = before.length > 0 ? before : [""];
  const at = random.int(0, lines.length - 1);
  const line = lines[at]!;
  const [, indent = "", key = "", value = ""] = /^(\s*)([^:]*)(.*)$/s.exec(line) ?? [];
  switch (random.int(0, 8)) {
    case 0:
      return lines.toSpliced(at, random.int(1, 3));
    case 1:
      return lines.toSpliced(at, 0, line);
    case 2:
      return lines.with(at, `${random.pick(["", " ", "  ", "      ", "\t"])}${line.trimStart()}`);
    case 3:
      return lines.with(at, `${indent}${key}: ${random.pick(VALUES)}`);
    case 4:
      return lines.with(at, `${indent}${random.pick(VALUES)}${value}`);
    case 5: {
      const other = random.int(0, lines.length - 1);
      return lines.with(at, lines[other]!).with(other, line);
    }
    case 6:
      return lines.with(at, `${indent}${key}: &anchor${value.slice(1)}`);
    case 7:
      return lines.with(at, `${indent}${key}: *anchor`);
    default: {
      const words = line.split(/(?<=[ ,{}[\]])/);
      return lines.with(at, words.with(random.int(0, words.length - 1), random.pick(VALUES)).join(""));
    }
  }
}
