/*
 * File names come from outside and may hold anything but "/" and NUL. A terminal must not act on them: control
 * characters move the cursor or retitle the window, and bidirectional overrides make a name read as another.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this pattern is for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A file name, or any other text of one line, with what a terminal would act on escaped (`\x1b`, `\u202e`). */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => NAMED[character] ?? escapeOf(character));
}

/** The same for a message of several lines: line feeds stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** A value as JSON on several lines; what a terminal would act on stands in escapes, which mean the same. */
export function printableJson(value: unknown): string {
  // What stands outside of texts is plain, and JSON itself escapes what comes before the space.
  const unicode = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, 2).replace(UNSAFE, (character) =>
    character === "\n" ? character : unicode(character),
  );
}

/** A path as one word of a POSIX shell command. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", "'\\''")}'`;
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
