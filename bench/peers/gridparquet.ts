import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Peer } from "./peer.js";

const CLI = fileURLToPath(new URL("../../src/cli.js", import.meta.url));

/** The peer that is given one thread, whatever the others are given. */
export const ONE_THREAD = "gridparquet-1-thread";

function gridparquet(name: string, compression: "zstd" | "snappy", ownThreads?: number): Peer {
  return {
    name,
    does: "by year, sorted, no row lost, safe to kill",
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
      return built ? undefined : "its command is not built";
    },
  };
}

export const GRIDPARQUET_PEERS = [
  gridparquet("gridparquet-zstd", "zstd"),
  gridparquet("gridparquet-snappy", "snappy"),
  gridparquet(ONE_THREAD, "zstd", 1),
];
