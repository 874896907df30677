import type { UpdatedDays, UpdateSummary } from "../update/update.js";
import { daysText } from "./days-text.js";
import { printable } from "./printable.js";
import { wrap } from "./text-table.js";
import { count, counted } from "./units.js";

const DAY_MS = 86_400_000;
/** Ranges of days that are named; the others are counted. */
const MOST_NAMED = 6;

/**
 * What an update came to: `3 days added; 120 files unchanged`, then a line for each feed that got days or lacks some.
 *
 * @returns lines of at most 80 characters, with a line feed at the end
 */
export function updateText({
  update: { filesUnchanged, rowsReplaced, feeds },
  outputs,
}: UpdateSummary): string {
  const added = feeds.reduce((sum, feed) => sum + feed.added.length, 0);
  const parts = [
    added === 0 && outputs.length === 0 ? "nothing to add" : `${counted(added, "day")} added`,
    ...(rowsReplaced === 0 ? [] : [`${counted(rowsReplaced, "row")} revised`]),
    `${counted(filesUnchanged, "file")} unchanged`,
  ];
  const lines = [parts.join("; "), ...feeds.flatMap(feedLines)];
  return `${lines.join("\n")}\n`;
}

function feedLines({ iso, feed, added, missing }: UpdatedDays): string[] {
  const name = printable(`${iso}/${feed}`);
  return [
    ...(added.length === 0 ? [] : wrap(`${name}: added ${named(added)}`, "  ", "    ")),
    ...(missing.length === 0
      ? []
      : wrap(`${name}: ${count(missing.length)} still missing: ${named(missing)}`, "  ", "    ")),
  ];
}

function named(days: readonly string[]): string {
  return daysText(
    days.map((day) => Date.parse(day) / DAY_MS),
    "–",
    MOST_NAMED,
  );
}
