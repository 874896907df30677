import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { whyNoCores } from "../on-cores.js";
import type { Peer } from "./peer.js";

const CLI = fileURLToPath(new URL("../../src/cli.js", import.meta.url));

/** The peer that is given one thread, whatever the others are given. */
export const ONE_THREAD = "gridparquet-1-thread";

/** The peer that has one thread, and one core for it and for all that is not counted in `--threads`. */
export const ONE_CORE = "gridparquet-1-core";

function gridparquet(
  name: string,
  compression: "zstd" | "snappy",
  ownThreads?: number,
  cores?: number,
): Peer {
  return {
    name,
    does: "by year, sorted, no row lost, safe to kill",
    ...(cores !== undefined && { cores }),
    script: CLI,
    args: ({ input, output, threads }) => [
      ...["convert", input, "--out", output, "--threads", String(ownThreads ?? threads)],
      ...["--compression", compression, "--quiet"],
    ],
    unavailable: async () => {
      const built = await access(CLI).then(
        () => true,
        () => false,
      );
      if (!built) return "its command is not built";
      return cores === undefined ? undefined : whyNoCores(cores);
    },
  };
}

export const GRIDPARQUET_PEERS = [
  gridparquet("gridparquet-zstd", "zstd"),
  gridparquet("gridparquet-snappy", "snappy"),
  gridparquet(ONE_THREAD, "zstd", 1),
  gridparquet(ONE_CORE, "zstd", 1, 1),
];
