import { duckdbQuery, pandasQuery, type WrittenSet, writeDemoFiles } from "../../demo/demo.js";
import { convert } from "../../run/convert.js";
import { printable } from "../printable.js";
import type { DemoOptions, Resolved } from "../resolve-options.js";
import { runConvert } from "../run-convert.js";
import type { Streams } from "../streams.js";
import { summaryText } from "../summary-text.js";
import { textTable } from "../text-table.js";
import { byteSize, count, counted } from "../units.js";

/** `gridparquet demo`: sample files, a real conversion, queries to try. Returns the exit code of the conversion. */
export async function demoCommand(
  { options, view }: Resolved<DemoOptions>,
  streams: Streams,
): Promise<number> {
  const print = (text: string): void => {
    if (!view.quiet) streams.stdout.write(text);
  };
  const { input, output, sets } = await writeDemoFiles(options.folder);
  print(sampleText(input, sets));
  const threads = options.threads === undefined ? {} : { threads: options.threads };
  const summary = await runConvert(convert, { inputs: [input], out: output, ...threads }, view, streams);
  print(`\n${summaryText(summary)}`);
  print(section("Query it with DuckDB:", duckdbQuery(output)));
  print(section("or with pandas:", pandasQuery(output)));
  return summary.exitCode;
}

function section(title: string, lines: readonly string[]): string {
  return `\n${title}\n\n${lines.map((line) => `  ${printable(line)}`).join("\n")}\n`;
}

/** What was made: a line for each feed, at most 80 characters. */
export function sampleText(input: string, sets: readonly WrittenSet[]): string {
  const files = sets.flatMap((set) => set.files);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const columns = [
    ...[{ title: "iso" }, { title: "feed" }, { title: "files", align: "right" as const }],
    ...[{ title: "as" }, { title: "layout" }],
  ];
  const rows = sets.map(({ iso, feed, files, container, layout }, i) => [
    sets[i - 1]?.iso === iso ? "" : iso,
    ...[feed, count(files.length), container, layout],
  ]);
  const headline = `${counted(files.length, "sample file")} written to ${printable(input)}, ${byteSize(bytes)}`;
  return `${[headline, "", ...textTable(columns, rows)].join("\n")}\n`;
}
