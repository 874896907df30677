import { duckdbQuery, pandasQuery, writeDemoFiles } from "../../demo/demo.js";
import { printable } from "../printable.js";
import type { DemoOptions, Resolved } from "../resolve-options.js";
import { runConvert } from "../run-convert.js";
import type { Streams } from "../streams.js";
import { summaryText } from "../summary-text.js";
import { byteSize, counted } from "../units.js";

/** `gridparquet demo`: sample files, a real conversion, queries to try. Returns the exit code of the conversion. */
export async function demoCommand(
  { options, view }: Resolved<DemoOptions>,
  streams: Streams,
): Promise<number> {
  const print = (text: string): void => {
    if (!view.quiet) streams.stdout.write(text);
  };
  const { input, output, files, bytes } = await writeDemoFiles(options.folder);
  print(`${counted(files.length, "sample file")} written to ${printable(input)}, ${byteSize(bytes)}\n`);
  const threads = options.threads === undefined ? {} : { threads: options.threads };
  const summary = await runConvert({ inputs: [input], out: output, ...threads }, view, streams);
  print(`\n${summaryText(summary)}`);
  print(section("Query it with DuckDB:", duckdbQuery(output)));
  print(section("or with pandas:", pandasQuery(output)));
  return summary.exitCode;
}

function section(title: string, lines: readonly string[]): string {
  return `\n${title}\n\n${lines.map((line) => `  ${printable(line)}`).join("\n")}\n`;
}
