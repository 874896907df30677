import type { ConvertSummary } from "../run/options.js";
import { printable } from "./printable.js";
import { textTable, wrap } from "./text-table.js";
import { byteSize, counted } from "./units.js";

/**
 * What a dry run prints: each file with the feed it would be read as, then those skipped and failed, with reasons.
 *
 * @returns lines of at most 80 characters (paths are never cut), with a line feed at the end
 */
export function planText(summary: ConvertSummary): string {
  const files = summary.plan?.files ?? [];
  const folder = commonFolder(files.map((each) => each.file));
  const bytes = files.reduce((sum, each) => sum + each.bytes, 0);
  const lines = wrap(
    `dry run: ${counted(files.length, "file")} would be read, ${byteSize(bytes)}; nothing was written`,
  );
  if (files.length > 0) {
    const table = textTable(
      [
        { title: "ISO" },
        { title: "feed" },
        { title: "group", align: "right" },
        { title: "size", align: "right" },
        { title: "file" },
      ],
      files.map((each) => [
        each.iso,
        each.feed,
        String(each.group),
        byteSize(each.bytes),
        printable(each.file.slice(folder.length)),
      ]),
    );
    lines.push("", ...(folder === "" ? [] : [`files in ${printable(folder)}`]), ...table);
  }
  lines.push(
    ...reasons(
      `${counted(summary.skipped.length, "file")} skipped`,
      summary.skipped.map(({ file, reason }) => [file, reason]),
    ),
    ...reasons(
      counted(summary.failures.length, "failure"),
      summary.failures.map(({ file, message }) => [file, message]),
    ),
  );
  return `${lines.join("\n")}\n`;
}

function reasons(title: string, files: readonly (readonly [string, string])[]): string[] {
  if (files.length === 0) return [];
  const lines = files.flatMap(([file, reason]) =>
    wrap(`${printable(file)}: ${printable(reason)}`, "  ", "    "),
  );
  return ["", title, ...lines];
}

/** The longest folder, with its last slash, that all paths begin with; empty when there is none. */
export function commonFolder(paths: readonly string[]): string {
  const [first, ...rest] = paths;
  if (first === undefined) return "";
  let end = first.length;
  for (const path of rest) {
    let same = 0;
    while (same < end && path[same] === first[same]) same++;
    end = same;
  }
  const head = first.slice(0, end);
  return head.slice(0, Math.max(head.lastIndexOf("/"), head.lastIndexOf("\\")) + 1);
}
