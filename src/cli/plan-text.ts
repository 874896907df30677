import { memoryLine } from "../run/memory-remarks.js";
import type { ConvertSummary } from "../run/options.js";
import { printable } from "./printable.js";
import { textTable, WIDTH, wrap } from "./text-table.js";
import { byteSize, counted } from "./units.js";

type PlannedFile = NonNullable<ConvertSummary["plan"]>["files"][number];

/**
 * What a dry run prints: for each feed the files that would be read as it, then those skipped and failed by reason.
 *
 * @returns lines of at most 80 characters (paths are never cut), with a line feed at the end
 */
export function planText(summary: ConvertSummary): string {
  const files = summary.plan?.files ?? [];
  const bytes = files.reduce((sum, each) => sum + each.bytes, 0);
  const feeds = new Map<string, PlannedFile[]>();
  for (const file of files) {
    const name = `${file.iso} ${file.feed}`;
    const ofFeed = feeds.get(name);
    if (ofFeed === undefined) feeds.set(name, [file]);
    else ofFeed.push(file);
  }
  const lines = [
    ...wrap(
      `dry run: ${counted(files.length, "file")} would be read, ${byteSize(bytes)}; nothing was written`,
    ),
    ...(summary.plan?.memory === undefined ? [] : wrap(memoryLine(summary.plan.memory), "", "  ")),
    ...[...feeds].flatMap(([name, ofFeed]) => feedTable(name, ofFeed)),
    ...reasons(
      `${counted(summary.skipped.length, "file")} skipped`,
      summary.skipped.map(({ file, reason }) => [file, reason]),
    ),
    ...reasons(
      counted(summary.failures.length, "failure"),
      summary.failures.map(({ file, message }) => [file, message]),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function feedTable(name: string, files: readonly PlannedFile[]): string[] {
  const folder = commonFolder(files.map(({ file }) => file));
  const bytes = files.reduce((sum, each) => sum + each.bytes, 0);
  const [header, ...rows] = textTable(
    [{ title: "group", align: "right" }, { title: "size", align: "right" }, { title: "file" }],
    files.map((each) => [
      String(each.group),
      byteSize(each.bytes),
      printable(each.file.slice(folder.length)),
    ]),
    "  ",
  );
  return [
    "",
    `${name}: ${counted(files.length, "file")}, ${byteSize(bytes)}`,
    ...(folder === "" ? [] : [`  in ${printable(folder)}`]),
    header!,
    ...rows.flatMap((row) => fold(row, "    ")),
  ];
}

/** A line that is too long, broken where the name of an archive ends and that of what lies in it begins. */
function fold(line: string, hanging: string): string[] {
  if (line.length <= WIDTH) return [line];
  const [first, ...inside] = line.split(/(?<=\.zip\/)/i);
  return [first!, ...inside.map((part) => hanging + part)];
}

/** Files by what is said of them: each reason once, in the order in which they come. */
function reasons(title: string, files: readonly (readonly [string, string])[]): string[] {
  if (files.length === 0) return [];
  const folder = commonFolder(files.map(([file]) => file));
  const byReason = new Map<string, string[]>();
  for (const [file, reason] of files) {
    const alike = byReason.get(reason);
    if (alike === undefined) byReason.set(reason, [file]);
    else alike.push(file);
  }
  const lines = [...byReason].flatMap(([reason, names]) => [
    ...wrap(printable(reason), "  "),
    ...names.flatMap((name) => fold(`    ${printable(name.slice(folder.length))}`, "      ")),
  ]);
  return ["", title, ...(folder === "" ? [] : [`  in ${printable(folder)}`]), ...lines];
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
