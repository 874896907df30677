import { byteSize, count } from "../cli/units.js";
import type { FileAccount, OutputFile } from "../run/options.js";
import { code, section, table, tag, text } from "./html.js";
import type { ReportModel } from "./report-model.js";

const LARGEST = 10;
const RIGHT = { align: "right" } as const;

/** What was written, and the largest files of what was read. */
export function filesSection({ outputs, run }: ReportModel): string {
  const files = run?.summary.files ?? [];
  const isEmpty = outputs.length === 0 && files.length === 0;
  return section(
    "files",
    "Files",
    isEmpty ? tag("p", {}, "No file was read or written.") : "",
    ...(outputs.length === 0 ? [] : outputTable(outputs)),
    ...(files.length === 0 ? [] : largestTable(files)),
  );
}

function outputTable(outputs: readonly OutputFile[]): string[] {
  const rows = outputs.map(({ iso, market, feed, table: name, year, rows, rowGroups, bytes }) => [
    `${tag("b", {}, text(iso))} ${text(feed)}`,
    String(year),
    count(rows),
    byteSize(bytes),
    rows === 0 ? "" : (bytes / rows).toFixed(1),
    count(rowGroups),
    text(`${name}, ${market}`),
  ]);
  return [
    tag("h3", {}, "Year files"),
    table(
      "Year files",
      [
        { title: "Feed" },
        { title: "Year", ...RIGHT },
        { title: "Rows", ...RIGHT },
        { title: "Size", ...RIGHT },
        { title: "Bytes a row", ...RIGHT },
        { title: "Row groups", ...RIGHT },
        { title: "Table" },
      ],
      rows,
    ),
  ];
}

function largestTable(files: readonly FileAccount[]): string[] {
  const largest = [...files].sort((a, b) => b.bytesIn - a.bytesIn).slice(0, LARGEST);
  const rows = largest.map(({ file, feed, bytesIn, rowsRead }) => [
    code(file),
    text(feed),
    byteSize(bytesIn),
    count(rowsRead),
  ]);
  return [
    tag("h3", {}, files.length > LARGEST ? `The ${LARGEST} largest files read` : "Files read"),
    table(
      "Largest files read",
      [{ title: "File" }, { title: "Feed" }, { title: "Size", ...RIGHT }, { title: "Rows", ...RIGHT }],
      rows,
    ),
  ];
}
