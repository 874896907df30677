import { medians, type PeerResult } from "../table.js";
import { ratio, type Target } from "../target.js";
import { GRIDPARQUET_PEERS, ONE_THREAD } from "./gridparquet.js";
import { REFERENCE_PEER } from "./peer.js";

const OWN = GRIDPARQUET_PEERS.map(({ name }) => name);
const [ZSTD] = OWN;
/** The peer whose output is compared in size: all rows in one file, with the same codec. */
const ONE_FILE = "duckdb-file-zstd";

/** What gridparquet is to cost at most in proportion to peers on one input, and what two threads are to bring it. */
export function peerTargets(results: readonly PeerResult[]): Target[] {
  const find = (name: string) => results.find((result) => result.name === name);
  const wall = (name: string): number | null => medianOf(find(name), "wallSeconds");
  const memory = (name: string): number | null => medianOf(find(name), "peakRssBytes");
  const bytes = (name: string): number | null => find(name)?.outputBytes ?? null;
  const others = results.filter(({ name }) => !OWN.includes(name)).map(({ name }) => wall(name)!);
  const fastest = others.length === 0 ? null : Math.min(...others);
  const own = ZSTD!;
  return [
    most("wall / DuckDB by year", 0.5, 0.65, ratio(wall(own), wall(REFERENCE_PEER))),
    most("wall / fastest peer", 0.67, 0.8, ratio(wall(own), fastest)),
    most("peak memory / DuckDB by year", 0.45, 0.6, ratio(memory(own), memory(REFERENCE_PEER))),
    most("bytes / DuckDB, one file", 1.1, 1.3, ratio(bytes(own), bytes(ONE_FILE))),
    {
      ...{ what: "2 threads against 1", unit: "x", bound: "least", target: 1.8, floor: 1.6 },
      measured: ratio(wall(ONE_THREAD), wall(own)),
    },
  ];
}

/** How memory is to grow with the size of the input: results of the smallest and of the largest one. */
export function growthTarget(small: readonly PeerResult[], large: readonly PeerResult[]): Target {
  const peak = (results: readonly PeerResult[]) =>
    medianOf(
      results.find(({ name }) => name === ZSTD),
      "peakRssBytes",
    );
  return most("peak memory, largest / smallest", 1.05, 1.1, ratio(peak(large), peak(small)));
}

function most(what: string, target: number, floor: number, measured: number | null): Target {
  return { what, unit: "x", bound: "most", target, floor, measured };
}

function medianOf(result: PeerResult | undefined, of: "wallSeconds" | "peakRssBytes"): number | null {
  return result === undefined || result.runs.length === 0 ? null : medians(result)[of];
}
