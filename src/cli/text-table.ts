/** Most characters in a line of our own; only a path may be longer, since a cut path is of no use. */
export const WIDTH = 80;

export interface TextColumn {
  readonly title: string;
  readonly align?: "right";
}

/**
 * A table as lines: a header, then the rows; columns two spaces apart, each as wide as its widest cell.
 *
 * The last column is not padded, so put the one that may be long there.
 */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  indent = "",
): string[] {
  const cells = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells.map((row) => {
    const padded = row.map((cell, i) => {
      if (columns[i]!.align === "right") return cell.padStart(widths[i]!);
      return i === row.length - 1 ? cell : cell.padEnd(widths[i]!);
    });
    return (indent + padded.join("  ")).trimEnd();
  });
}

/** Not between a number and its unit or noun. */
const BREAKS = / (?![A-Za-z])|(?<!\d) /;

/** Wraps words at {@link WIDTH}; the lines after the first begin with `hanging`. A longer word keeps its own line. */
export function wrap(text: string, first = "", hanging = first, width = WIDTH): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(BREAKS)) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = hanging;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line);
  return lines;
}
