import { availableParallelism } from "node:os";
import { type DatasetFilter, findYearFiles } from "../dataset/find-year-files.js";
import { GridparquetError } from "../errors.js";
import type { TextStyle } from "./calendar-text.js";
import type { RawArguments } from "./parse-arguments.js";
import { printable } from "./printable.js";
import {
  flag,
  folderSetting,
  integer,
  type Resolved,
  resolveCommand,
  resolveSelections,
  type Surroundings,
  text,
} from "./resolve-options.js";
import type { Settings } from "./settings.js";

/** A dataset, and what of it is looked at. */
export interface DatasetSelection {
  out: string;
  filter: DatasetFilter;
}

export interface StatusOptions extends DatasetSelection {
  /** A missing day makes the exit code 2. */
  strict: boolean;
  /** What the surroundings allow on a terminal. */
  style: TextStyle;
  /** File for a report. */
  report?: string;
}

export interface VerifyOptions extends DatasetSelection {
  threads: number;
  /** Source files to convert again and to compare with; empty for none. */
  deep: readonly string[];
  /** Folder with own feed definitions that they need. */
  configDir?: string;
}

/**
 * The options of `status`, complete and checked.
 *
 * @throws GridparquetError `usage`, and what {@link findYearFiles} throws
 */
export function resolveStatus(raw: RawArguments, around: Surroundings): Promise<Resolved<StatusOptions>> {
  return resolveCommand(raw, around, async (settings) => {
    const selection = await resolveDataset(raw, settings, around);
    const report = text(settings, "report");
    const style = styleOf(around.env);
    return { ...selection, strict: flag(settings, "strict"), style, ...(report && { report }) };
  });
}

/**
 * The options of `verify`, complete and checked.
 *
 * @throws GridparquetError `usage`, and what {@link findYearFiles} throws
 */
export function resolveVerify(raw: RawArguments, around: Surroundings): Promise<Resolved<VerifyOptions>> {
  return resolveCommand(raw, around, async (settings) => {
    const selection = await resolveDataset(raw, settings, around);
    const configDir = folderSetting(settings, around.cwd);
    return {
      ...selection,
      ...(configDir !== undefined && { configDir }),
      threads: integer(settings, "threads") ?? availableParallelism(),
      deep: (settings.get("deep")?.value as readonly string[] | undefined) ?? [],
    };
  });
}

/** The folder and the filter. ISOs and feeds may be named that the definitions have, and those of the dataset. */
export async function resolveDataset(
  raw: RawArguments,
  settings: Settings,
  around: Surroundings,
): Promise<DatasetSelection> {
  const known = async (out: string | undefined) => {
    const files = out === undefined ? [] : (await findYearFiles(out)).files;
    return [...(await around.loadFeeds(folderSetting(settings, around.cwd))), ...files];
  };
  const selected = await resolveSelections(
    settings,
    { cwd: around.cwd, loadFeeds: () => known(raw.inputs[0]) },
    undefined,
  );
  const [out, ...more] = [...raw.inputs, ...selected.inputs];
  const type = `Type: gridparquet ${raw.command} DIR`;
  if (out === undefined || out === "") {
    throw new GridparquetError("usage", "no folder given", { hint: `${type}   (the --out of convert)` });
  }
  if (more.length > 0) {
    throw new GridparquetError("usage", `one folder at a time: ${printable(more[0]!)} is one too many`, {
      hint: type,
    });
  }
  const { isos, feeds, years } = selected;
  return { out, filter: { isos, feeds, years: years?.map(Number) } };
}

/** https://no-color.org: a variable that is set and not empty. UTF-8 as the locale says it (POSIX, chapter 8.2). */
function styleOf(env: NodeJS.ProcessEnv): TextStyle {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  const isPlain = env.TERM === "dumb";
  return {
    unicode: !isPlain && /utf-?8/i.test(locale),
    color: !isPlain && (env.NO_COLOR ?? "") === "",
  };
}
