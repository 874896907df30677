import path from "node:path";
import { writeCaisoAncillary, writeCaisoLmp } from "./caiso-files.js";
import { writeErcotDam, writeErcotRtm } from "./ercot-files.js";
import { writeIsone } from "./isone-files.js";
import { writeMiso } from "./miso-files.js";
import { type NyisoFeed, writeNyisoMonth } from "./nyiso-files.js";
import { type PjmFeed, writePjmAncillary, writePjmDay } from "./pjm-files.js";
import type { Container, SampleFile } from "./sample-file.js";
import { writeSppLmp, writeSppMcp } from "./spp-files.js";

const NEW_YEAR = ["2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"];
/** The day of each clock change between its neighbours: 23 hours in March, 25 in November. */
const SPRING = ["2025-03-08", "2025-03-09", "2025-03-10"];
const AUTUMN = ["2025-11-01", "2025-11-02", "2025-11-03"];
const SHORT_DAY = SPRING[1]!;
/** The day with 25 hours, where the clock changes. */
export const LONG_DAY = AUTUMN[1]!;

/** The operating days of the sample. Feeds of five or 15 minutes have the days of the clock changes alone. */
export const DEMO_DATES: readonly string[] = [...NEW_YEAR, ...SPRING, ...AUTUMN];

/** Locations per hour, where an ISO does not fix them; enough to see something, few enough to be quick. */
const NODES = 60;
/** Components are five rows each. */
const CAISO_NODES = 24;
/** Twelve times the intervals. */
const FIVE_MINUTE_NODES = 12;

/** Sample files of one feed. */
export interface DemoSet {
  /** As in the feed definitions. */
  iso: string;
  feed: string;
  /** How the rows are laid out, in some 30 characters. */
  layout: string;
  /** What the CSV comes in. */
  container: string;
  /** Writes the files into the folder. */
  write(folder: string): Promise<SampleFile[]>;
}

/** The sample: every ISO with its own layout and container. */
export const DEMO_SETS: readonly DemoSet[] = [
  {
    ...{ iso: "PJM", feed: "da_hourly", layout: "row per hour and node", container: "csv, csv.gz" },
    write: (folder) => pjmDays(folder, "da_hourly", DEMO_DATES, { nodeCount: NODES }),
  },
  {
    ...{ iso: "PJM", feed: "rt_hourly", layout: "the same, some prices revised", container: "csv" },
    // the output has a revised price once
    write: (folder) => pjmDays(folder, "rt_hourly", DEMO_DATES, { nodeCount: NODES, revisedShare: 0.01 }),
  },
  {
    ...{ iso: "PJM", feed: "rt_5min", layout: "the same, every five minutes", container: "csv, csv.gz" },
    write: (folder) => pjmDays(folder, "rt_5min", [SHORT_DAY, LONG_DAY], { nodeCount: FIVE_MINUTE_NODES }),
  },
  {
    ...{ iso: "PJM", feed: "as_hourly", layout: "row per hour and service", container: "csv" },
    write: (folder) => each(DEMO_DATES, (date) => writePjmAncillary(folder, { date })),
  },
  {
    ...{ iso: "CAISO", feed: "da_hourly", layout: "row per component, in no order", container: "zip" },
    write: (folder) => each(DEMO_DATES, (date) => writeCaisoLmp(folder, { date, nodeCount: CAISO_NODES })),
  },
  {
    ...{ iso: "CAISO", feed: "as_hourly", layout: "row per product and region", container: "zip" },
    write: (folder) => each(DEMO_DATES, (date) => writeCaisoAncillary(folder, { date })),
  },
  {
    ...{ iso: "ERCOT", feed: "dam_spp", layout: "hour ending, repeated hour flagged", container: "zip" },
    write: (folder) => each(DEMO_DATES, (date) => writeErcotDam(folder, { date, nodeCount: NODES })),
  },
  {
    ...{ iso: "ERCOT", feed: "rtm_spp", layout: "file per 15 minutes", container: "zip, nested zip" },
    write: async (folder) => [
      ...(await writeErcotRtm(folder, { date: SHORT_DAY, nodeCount: NODES })),
      ...(await writeErcotRtm(folder, { date: LONG_DAY, nodeCount: NODES }, "archive")),
    ],
  },
  {
    ...{ iso: "MISO", feed: "da_expost", layout: "24 hours in columns, EST all year", container: "csv" },
    write: (folder) => each(DEMO_DATES, (date) => writeMiso(folder, { date, nodeCount: NODES })),
  },
  {
    ...{
      iso: "NYISO",
      feed: "damlbmp_zone",
      layout: "wall clock, repeated hour by order",
      container: "monthly zip",
    },
    write: (folder) => nyisoMonths(folder, "damlbmp_zone", DEMO_DATES),
  },
  {
    ...{
      iso: "NYISO",
      feed: "realtime_zone",
      layout: "the same, by end of five minutes",
      container: "monthly zip",
    },
    write: (folder) => nyisoMonths(folder, "realtime_zone", [SHORT_DAY, LONG_DAY]),
  },
  {
    ...{
      iso: "ISONE",
      feed: "da_hourly",
      layout: "C, H, D and T records; hour 02X",
      container: "csv, csv.gz",
    },
    write: (folder) =>
      each(DEMO_DATES, (date) => writeIsone(folder, { date, nodeCount: NODES, ...gzipOn(LONG_DAY, date) })),
  },
  {
    ...{ iso: "SPP", feed: "da_lmp_sl", layout: "row per hour and location", container: "csv" },
    write: (folder) => each(DEMO_DATES, (date) => writeSppLmp(folder, { date, nodeCount: NODES })),
  },
  {
    ...{ iso: "SPP", feed: "da_mcp", layout: "products in columns", container: "csv" },
    write: (folder) => each(DEMO_DATES, (date) => writeSppMcp(folder, { date })),
  },
];

/** Folder of an ISO's files: `input/PJM`. */
export function isoFolder(input: string, { iso }: Pick<DemoSet, "iso">): string {
  return path.join(input, iso);
}

function pjmDays(
  folder: string,
  feed: PjmFeed,
  dates: readonly string[],
  options: { nodeCount: number; revisedShare?: number },
): Promise<SampleFile[]> {
  const gzipped = feed === "rt_hourly" ? undefined : LONG_DAY;
  return each(dates, (date) => writePjmDay(folder, { feed, date, ...options, ...gzipOn(gzipped, date) }));
}

function nyisoMonths(folder: string, feed: NyisoFeed, dates: readonly string[]): Promise<SampleFile[]> {
  const months = [...new Set(dates.map((date) => date.slice(0, 7)))];
  return each(months, (month) =>
    writeNyisoMonth(
      folder,
      feed,
      dates.filter((date) => date.startsWith(month)),
    ),
  );
}

function gzipOn(day: string | undefined, date: string): { container: Container } {
  return { container: date === day ? "gz" : "csv" };
}

/** One after the other: the days of a sample are small, and memory stays so. */
async function each(
  items: readonly string[],
  write: (item: string) => Promise<SampleFile>,
): Promise<SampleFile[]> {
  const files: SampleFile[] = [];
  for (const item of items) files.push(await write(item));
  return files;
}
