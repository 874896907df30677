/** A fenced block of a page: ```` ```sh exit=2 ````. */
export interface Block {
  /** Line of the opening fence, from 1. */
  line: number;
  language: string;
  text: string;
  /** What stands behind the language: `exit=2`, `file="a b.yaml"`. */
  settings: Readonly<Record<string, string>>;
  /** Text of a ```` ```text ```` block that follows with nothing between: what the block prints. */
  shown: string | null;
}

/** The fenced blocks of a Markdown page, in its order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  let end = Number.NaN;
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```([a-z]+)(.*)$/.exec(lines[at]!);
    if (fence === null) continue;
    const start = at;
    while (lines[++at] !== "```")
      if (at >= lines.length) throw new Error(`line ${start + 1}: the block has no end`);
    const text = lines.slice(start + 1, at).join("\n");
    const [, language, rest] = fence;
    const before = blocks.at(-1);
    const follows = before !== undefined && lines.slice(end + 1, start).every((line) => line === "");
    if (language === "text" && follows && before.shown === null) before.shown = text;
    else
      blocks.push({ line: start + 1, language: language!, text, settings: settingsOf(rest!), shown: null });
    end = at;
  }
  return blocks;
}

function settingsOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/([a-z-]+)=(?:"([^"]*)"|(\S+))/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, plain]) => [name!, quoted ?? plain!]));
}

/**
 * Where a text is not as a page shows it; null when it is.
 *
 * Numbers and runs of spaces may differ; a line `…` on the page stands for any lines, `…` at the end of one for any rest.
 */
export function differsFromPage(text: string, shown: string): string | null {
  const lines = text.trimEnd().split("\n").map(plain);
  let at = 0;
  let mayskip = false;
  for (const wanted of shown.split("\n")) {
    if (wanted === "…") {
      mayskip = true;
      continue;
    }
    const fits = (line: string): boolean =>
      wanted.endsWith("…") ? line.startsWith(plain(wanted.slice(0, -1))) : line === plain(wanted);
    const found = lines.findIndex((line, i) => i >= at && fits(line));
    if (found === -1 || (found > at && !mayskip))
      return `no line ${JSON.stringify(wanted)} from line ${at + 1} on`;
    at = found + 1;
    mayskip = false;
  }
  return at < lines.length && !mayskip ? `more lines than shown, from ${JSON.stringify(lines[at])} on` : null;
}

function plain(line: string): string {
  return line
    .replace(/\d[\d,.]*/g, (number) => (/[,.]$/.test(number) ? `#${number.at(-1)}` : "#"))
    .replace(/# (?:h|min) # (?:min|s)/g, "# s")
    .replace(/ +/g, " ")
    .trim();
}
