import type { LayoutResult } from "./layouts/run-layouts.js";
import { GRIDPARQUET_PEERS, ONE_THREAD } from "./peers/gridparquet.js";
import { REFERENCE_PEER } from "./peers/peer.js";
import { medians, type PeerResult } from "./table.js";
import { ratio, type Target, type TargetGroup } from "./target.js";

/** What was measured of the parts of the benchmark; what is left out was not. */
export interface Measured {
  /** Of a month, all peers. */
  peers?: readonly PeerResult[] | undefined;
  year?: readonly PeerResult[] | undefined;
  /** A tenth of the year's files. */
  tenth?: readonly PeerResult[] | undefined;
  smallFiles?: Pick<LayoutResult, "runs"> | undefined;
  start?: readonly PeerResult[] | undefined;
}

const OWN = GRIDPARQUET_PEERS.map(({ name }) => name);
const ZSTD = OWN[0]!;
/** The peers whose output is compared in size: all rows in one file, not sorted, with the same codec. */
const ONE_FILE = ["duckdb-file-zstd", "duckdb-file-any-order"];

/**
 * What gridparquet is to cost at most, by itself and in proportion to peers, and what two threads are to bring it: for
 * each input of which something was measured.
 */
export function benchTargets(measured: Measured): TargetGroup[] {
  const { peers = [], year = [], tenth = [], smallFiles, start = [] } = measured;
  const yearMemory = medianIn(year, ZSTD, "peakRssBytes");
  const tenthMemory = medianIn(tenth, ZSTD, "peakRssBytes");
  const groups: TargetGroup[] = [
    {
      title: "a year of PJM",
      targets: [
        ...againstPeers(year),
        most("peak memory / a tenth of it", "x", 1.05, 1.1, ratio(yearMemory, tenthMemory)),
        most("wall", "s", 22, 30, medianIn(year, ZSTD, "wallSeconds")),
        most("peak memory", "MB", 384, 512, yearMemory === null ? null : yearMemory / 1e6),
      ],
    },
    { title: "a month of PJM", targets: againstPeers(peers) },
    {
      title: "other inputs",
      targets: [
        most("a file of 100 rows", "s", 0.35, 0.6, medianIn(start, ZSTD, "wallSeconds")),
        most("a year of ERCOT's small zips", "s", 25, 45, medianOf(smallFiles, "wallSeconds")),
      ],
    },
  ];
  return groups.filter(({ targets }) => targets.some((target) => target.measured !== null));
}

/** gridparquet beside the peers, and beside itself with one thread, on one input. */
function againstPeers(results: readonly PeerResult[]): Target[] {
  const wall = (name: string) => medianIn(results, name, "wallSeconds");
  const memory = (name: string) => medianIn(results, name, "peakRssBytes");
  const bytes = (name: string) => results.find((result) => result.name === name)?.outputBytes ?? null;
  const others = results.filter(({ name }) => !OWN.includes(name)).map(({ name }) => wall(name)!);
  const files = ONE_FILE.flatMap((name) => bytes(name) ?? []);
  const threads = ratio(wall(ONE_THREAD), wall(ZSTD));
  return [
    most("wall / DuckDB by year", "x", 0.5, 0.65, ratio(wall(ZSTD), wall(REFERENCE_PEER))),
    most("wall / fastest peer", "x", 0.67, 0.8, ratio(wall(ZSTD), least(others))),
    most("peak memory / DuckDB by year", "x", 0.45, 0.6, ratio(memory(ZSTD), memory(REFERENCE_PEER))),
    most("bytes / DuckDB, one file", "x", 1.1, 1.3, ratio(bytes(ZSTD), least(files))),
    { what: "2 threads against 1", unit: "x", bound: "least", target: 1.8, floor: 1.6, measured: threads },
  ];
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
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

function medianIn(
  results: readonly PeerResult[],
  name: string,
  of: "wallSeconds" | "peakRssBytes",
): number | null {
  const found = results.find((result) => result.name === name);
  return medianOf(found, of);
}

function medianOf(
  result: Pick<PeerResult, "runs"> | undefined,
  of: "wallSeconds" | "peakRssBytes",
): number | null {
  return result === undefined || result.runs.length === 0 ? null : medians(result)[of];
}
