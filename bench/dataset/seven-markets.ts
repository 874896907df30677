import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeCaisoLmp } from "../../src/demo/caiso-files.js";
import { writeErcotDam } from "../../src/demo/ercot-files.js";
import { writeIsone } from "../../src/demo/isone-files.js";
import { writeMiso } from "../../src/demo/miso-files.js";
import { writeNyiso } from "../../src/demo/nyiso-files.js";
import { writePjmDay } from "../../src/demo/pjm-files.js";
import type { SampleFile } from "../../src/demo/sample-file.js";
import { writeSppLmp } from "../../src/demo/spp-files.js";
import { DEFAULTS } from "../../src/run/options.js";
import { dayOptions } from "../data-set.js";
import { findKeptSet, makeKeptSet } from "../kept-set.js";
import { untilYearEnd, WHOLE_YEAR } from "./settings.js";

interface MarketDay {
  date: string;
  nodeCount: number;
}

/** An ISO's day-ahead prices. */
export interface Market {
  iso: string;
  /** About as many locations as it has prices for. */
  locations: number;
  /** Whether its generator makes so many and no others. */
  isFixed?: true;
  write(folder: string, day: MarketDay): Promise<SampleFile>;
}

/** A finished input: a folder for each ISO. */
export interface MarketSet {
  folder: string;
  files: number;
  bytes: number;
}

export const MARKETS: readonly Market[] = [
  {
    ...{ iso: "PJM", locations: WHOLE_YEAR.nodes },
    write: (folder, day) => writePjmDay(folder, { feed: "da_hourly", ...day }),
  },
  { iso: "CAISO", locations: 16_500, write: writeCaisoLmp },
  { iso: "ERCOT", locations: 800, write: writeErcotDam },
  { iso: "MISO", locations: 2400, write: writeMiso },
  {
    ...{ iso: "NYISO", locations: 15, isFixed: true },
    write: (folder, { date }) => writeNyiso(folder, { feed: "damlbmp_zone", date }),
  },
  { iso: "ISONE", locations: 1200, write: writeIsone },
  { iso: "SPP", locations: 1200, write: writeSppLmp },
];

/** Locations on all days but the first. */
const FEW = 8;

/** How many locations a market has where PJM has so many nodes: on the first day, and on the others. */
export function locationsOf(market: Market, nodes: number): { all: number; few: number } {
  const { locations, isFixed = false } = market;
  if (isFixed) return { all: locations, few: locations };
  const all = Math.max(1, Math.round((locations * nodes) / WHOLE_YEAR.nodes));
  return { all, few: Math.min(FEW, all) };
}

/**
 * Row-group size that cuts the days with few locations where the default cuts those with all: the year file has as many
 * row groups as the market's own.
 */
export function rowGroupSizeOf(market: Market, nodes: number): number {
  const { all, few } = locationsOf(market, nodes);
  return few * Math.max(1, Math.floor(DEFAULTS.rowGroupSize / all));
}

/** Folder of the input; like {@link dataSetFolder} its name follows from what the generators make. */
export async function marketSetFolder(cache: string, days: number, nodes: number): Promise<string> {
  const sample = await mkdtemp(path.join(tmpdir(), "gridparquet-markets-"));
  try {
    const hash = createHash("sha256").update(JSON.stringify(untilYearEnd(days, nodes)));
    for (const market of MARKETS) {
      const { all, few } = locationsOf(market, nodes);
      const file = await market.write(sample, { date: "2025-01-01", nodeCount: 2 });
      hash.update(`${all} ${few} ${path.basename(file.path)}`).update(await readFile(file.path));
    }
    return path.join(cache, `seven-markets-${days}d-${nodes}n-${hash.digest("hex").slice(0, 8)}`);
  } finally {
    await rm(sample, { recursive: true });
  }
}

/** The finished input in the folder, or undefined. */
export const findMarketSet = findKeptSet<Omit<MarketSet, "folder">>;

/** Writes the days: the first with all locations, so that the lists of them are as long as they would be. */
export async function makeMarketSet(folder: string, days: number, nodes: number): Promise<void> {
  const parameters = untilYearEnd(days, nodes);
  await makeKeptSet(folder, async (input) => {
    const manifest = { files: 0, bytes: 0 };
    for (const market of MARKETS) {
      const { all, few } = locationsOf(market, nodes);
      for (let day = 0; day < days; day++) {
        const { date } = dayOptions(parameters, day);
        const nodeCount = day === 0 ? all : few;
        const { bytes } = await market.write(path.join(input, market.iso), { date, nodeCount });
        manifest.files++;
        manifest.bytes += bytes;
      }
    }
    return manifest;
  });
}
