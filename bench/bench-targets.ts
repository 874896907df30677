import type { LayoutResult } from "./layouts/run-layouts.js";
import { GRIDPARQUET_PEERS, ONE_THREAD } from "./peers/gridparquet.js";
import { REFERENCE_PEER } from "./peers/peer.js";
import { medians, type PeerResult } from "./table.js";
import { ratio, type Target } from "./target.js";

/** What was measured of the parts of the benchmark; what is left out was not. */
export interface Measured {
  peers?: readonly PeerResult[] | undefined;
  year?: readonly PeerResult[] | undefined;
  /** A tenth of the year's files. */
  tenth?: readonly PeerResult[] | undefined;
  smallFiles?: Pick<LayoutResult, "runs"> | undefined;
  start?: readonly PeerResult[] | undefined;
}

const OWN = GRIDPARQUET_PEERS.map(({ name }) => name);
const ZSTD = OWN[0]!;
/** The peer whose output is compared in size: all rows in one file, with the same codec. */
const ONE_FILE = "duckdb-file-zstd";

/** What gridparquet is to cost at most, by itself and in proportion to peers, and what two threads are to bring it. */
export function benchTargets({
  peers = [],
  year = [],
  tenth = [],
  smallFiles,
  start = [],
}: Measured): Target[] {
  const wall = (name: string) => medianOf(find(peers, name), "wallSeconds");
  const memory = (name: string) => medianOf(find(peers, name), "peakRssBytes");
  const bytes = (name: string) => find(peers, name)?.outputBytes ?? null;
  const others = peers.filter(({ name }) => !OWN.includes(name)).map(({ name }) => wall(name)!);
  const fastest = others.length === 0 ? null : Math.min(...others);
  const yearMemory = medianOf(find(year, ZSTD), "peakRssBytes");
  const tenthMemory = medianOf(find(tenth, ZSTD), "peakRssBytes");
  return [
    most("wall / DuckDB by year", "x", 0.5, 0.65, ratio(wall(ZSTD), wall(REFERENCE_PEER))),
    most("wall / fastest peer", "x", 0.67, 0.8, ratio(wall(ZSTD), fastest)),
    most("peak memory / DuckDB by year", "x", 0.45, 0.6, ratio(memory(ZSTD), memory(REFERENCE_PEER))),
    most("peak memory, a year / a tenth", "x", 1.05, 1.1, ratio(yearMemory, tenthMemory)),
    most("bytes / DuckDB, one file", "x", 1.1, 1.3, ratio(bytes(ZSTD), bytes(ONE_FILE))),
    scaling("2 threads against 1, a month", peers),
    scaling("2 threads against 1, a year", year),
    most("a file of 100 rows", "s", 0.35, 0.6, medianOf(find(start, ZSTD), "wallSeconds")),
    most("a year of PJM", "s", 22, 30, medianOf(find(year, ZSTD), "wallSeconds")),
    most("its peak memory", "MB", 384, 512, yearMemory === null ? null : yearMemory / 1e6),
    most("a year of ERCOT's small zips", "s", 25, 45, medianOf(smallFiles, "wallSeconds")),
  ];
}

function find(results: readonly PeerResult[], name: string): PeerResult | undefined {
  return results.find((result) => result.name === name);
}

function scaling(what: string, results: readonly PeerResult[]): Target {
  const wall = (name: string) => medianOf(find(results, name), "wallSeconds");
  const measured = ratio(wall(ONE_THREAD), wall(ZSTD));
  return { what, unit: "x", bound: "least", target: 1.8, floor: 1.6, measured };
}

function most(
  what: string,
  unit: Target["unit"],
  target: number,
  floor: number,
  measured: number | null,
): Target {
  return { what, unit, bound: "most", target, floor, measured };
}

function medianOf(
  result: Pick<PeerResult, "runs"> | undefined,
  of: "wallSeconds" | "peakRssBytes",
): number | null {
  return result === undefined || result.runs.length === 0 ? null : medians(result)[of];
}
