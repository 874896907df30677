import { readFileSync, statSync } from "node:fs";
import {
  type Document,
  isCollection,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";

/** Largest YAML file that is read: the built-in definitions of an ISO have some 20 kB. */
const MAX_BYTES = 1 << 20;
/** More aliases than this are there to fill the memory; one that holds others counts for all of them. */
const MAX_ALIASES = 1000;

const OPTIONS = {
  merge: true,
  prettyErrors: false,
  resolveKnownTags: false,
  stringKeys: true,
  // The library compares every key with every other one.
  uniqueKeys: false,
} as const;

export interface YamlProblem {
  line: number;
  message: string;
}

/** A YAML text as plain data. No tag makes anything else of it, and nothing in it is run. */
export interface YamlText {
  document: Document.Parsed;
  content: unknown;
  /** What is wrong with the text; `content` is null then. */
  problems: YamlProblem[];
  /** Line of a position in the text. */
  lineAt(offset: number): number;
}

/**
 * The text of a YAML file. What is no file, such as a pipe or a device, is not opened: reading it might never end.
 *
 * @throws what the system says, or an Error with the reason as a clause of its own
 */
export function readYaml(path: string): string {
  const info = statSync(path);
  if (!info.isFile()) throw new Error("it is not a file");
  if (info.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES >> 20} MiB`);
  return readFileSync(path, "utf8");
}

/** What a text says; never throws. */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { ...OPTIONS, lineCounter: lines });
  } catch (error) {
    // The library's own mistakes, and what is nested too deeply for it: it has come to the last line it knows.
    const line = Math.max(1, lines.lineStarts.length);
    const problems = [{ line, message: inWords((error as Error).message) }];
    return { document: parseDocument(""), content: null, problems, lineAt };
  }
  // Tags that are not of plain data have only warnings.
  const problems = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    line: lineAt(pos[0]),
    message: inWords(message),
  }));
  if (problems.length === 0) {
    try {
      for (const node of repeatedKeys(document))
        problems.push({ line: lineAt(node.range![0]), message: "Map keys must be unique" });
      if (problems.length === 0)
        return { document, content: document.toJS({ maxAliasCount: MAX_ALIASES }), problems, lineAt };
    } catch (error) {
      const offset = faultOf(document)?.range?.[0] ?? 0;
      problems.push({ line: lineAt(offset), message: inWords((error as Error).message) });
    }
  }
  return { document, content: null, problems, lineAt };
}

/** Keys that their map has before them. */
function repeatedKeys(document: Document.Parsed): Node[] {
  const repeated: Node[] = [];
  visit(document, {
    Map(_, { items }) {
      const names = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (names.has(key.value)) repeated.push(key);
        names.add(key.value);
      }
    },
  });
  return repeated;
}

/** The innermost node whose values cannot be had. */
function faultOf(document: Document.Parsed): Node | null {
  const isFaulty = (node: unknown): node is Node => {
    if (!isNode(node)) return false;
    try {
      node.toJS(document, { maxAliasCount: MAX_ALIASES });
      return false;
    } catch {
      return true;
    }
  };
  let fault: Node | null = null;
  for (let inside: unknown = document.contents; isFaulty(inside); ) {
    fault = inside;
    const parts: unknown[] = isCollection(inside) ? inside.items : [];
    inside = parts.flatMap((part) => (isPair(part) ? [part.key, part.value] : [part])).find(isFaulty);
  }
  return fault;
}

function inWords(message: string): string {
  if (/call stack/.test(message)) return "is nested too deeply";
  return /^Excessive alias count/.test(message) ? "has aliases that stand for far too much" : message;
}
