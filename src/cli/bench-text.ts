import type { BenchSetting } from "../bench/options.js";
import type { BenchResult, SettingResult } from "../bench/result.js";
import { printable } from "./printable.js";
import { textTable, wrap } from "./text-table.js";
import { byteSize, count, counted, duration, shortCount } from "./units.js";

export type Dimension = keyof BenchSetting;

/** What of the settings differs among them. */
export function variedDimensions(settings: readonly BenchSetting[]): Dimension[] {
  const dimensions: Dimension[] = ["threads", "batchSize", "chunkSize"];
  return dimensions.filter((name) => new Set(settings.map((setting) => setting[name])).size > 1);
}

/** `2 threads, batches of 10 files`: a setting by those of its values that are named. */
export function settingName(setting: BenchSetting, dimensions: readonly Dimension[]): string {
  const parts: Record<Dimension, string> = {
    threads: counted(setting.threads, "thread"),
    batchSize: `batches of ${counted(setting.batchSize, "file")}`,
    chunkSize: `chunks of ${counted(setting.chunkSize, "row")}`,
  };
  const named = dimensions.length === 0 ? (["threads"] as const) : dimensions;
  return named.map((dimension) => parts[dimension]).join(", ");
}

/** `24 files, 510.0 MB, 4,200 rows`. */
export function inputText({ files, bytes, rows }: BenchResult["input"]): string {
  const size = `${counted(files, "file")}, ${byteSize(bytes)}`;
  return rows === 0 ? size : `${size}, ${counted(rows, "row")}`;
}

/**
 * The costs of the settings for people: a table, what is best, and what to know about it.
 *
 * @returns lines of at most 80 characters, with a line feed at the end
 */
export function benchText(result: BenchResult): string {
  const { input, rounds, compression, settings } = result;
  const notes = [...bestText(result), ...remarks(result)];
  const lines = [
    ...wrap(`${inputText(input)}; ${compression}; ${medianText(rounds)}`),
    "",
    ...textTable(
      ["threads", "batch", "chunk", "seconds", "MB/s", "rows/s", "speed-up", "peak memory"].map((title) => ({
        title,
        align: "right" as const,
      })),
      settings.map(cells),
    ),
    ...(notes.length === 0 ? [] : ["", ...notes]),
  ];
  return `${lines.join("\n")}\n`;
}

/** `medians of 3 rounds after a warm-up`. */
export function medianText(rounds: number): string {
  return `${rounds === 1 ? "1 round" : `medians of ${counted(rounds, "round")}`} after a warm-up`;
}

function cells({ threads, batchSize, chunkSize, median }: SettingResult): string[] {
  const setting = [threads, batchSize, chunkSize].map(count);
  if (median === null) return [...setting, "failed", "-", "-", "-", "-"];
  const megabytes = median.bytesPerSecond / 1e6;
  return [
    ...setting,
    median.wallSeconds.toFixed(2),
    megabytes < 10 ? megabytes.toFixed(1) : count(megabytes),
    shortCount(median.rowsPerSecond),
    `${median.speedUp.toFixed(2)}x`,
    byteSize(median.peakRssBytes),
  ];
}

function bestText({ settings, fastest, leastMemory }: BenchResult): string[] {
  if (fastest === null || leastMemory === null || settings.length === 1) return [];
  const varied = variedDimensions(settings);
  const describe = (index: number): string => settingName(settings[index]!, varied);
  const seconds = duration(settings[fastest]!.median!.wallSeconds);
  const memory = byteSize(settings[leastMemory]!.median!.peakRssBytes);
  if (fastest === leastMemory) {
    return wrap(`Fastest, and with the least memory: ${describe(fastest)} (${seconds}, ${memory}).`);
  }
  return wrap(
    `Fastest: ${describe(fastest)} (${seconds}); least memory: ${describe(leastMemory)} (${memory}).`,
  );
}

function remarks({ settings, threadsUsed, machine }: BenchResult): string[] {
  const varied = variedDimensions(settings);
  const failed = settings.flatMap((setting) =>
    setting.error === null
      ? []
      : wrap(`Failed: ${settingName(setting, varied)}: ${printable(setting.error)}`, "", "  "),
  );
  const partial = settings.some(({ status }) => status === "partial");
  const idle = settings.some(({ threads }) => threads > threadsUsed);
  return [
    ...failed,
    ...(partial
      ? wrap("The runs were partial: some records, files or years were not converted; `convert` says which.")
      : []),
    ...(machine.loadAverage > machine.cores / 2
      ? wrap(
          `The machine was busy before (load average ${machine.loadAverage.toFixed(1)}, ` +
            `${counted(machine.cores, "core")}): on a quiet one the numbers may be others.`,
        )
      : []),
    ...(idle
      ? wrap(
          `So little input is worth ${counted(threadsUsed, "thread")}: settings with more ran with no more.`,
        )
      : []),
  ];
}
