import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Peer } from "./peer.js";

const CLI = fileURLToPath(new URL("../../src/cli.js", import.meta.url));

function gridparquet(compression: "zstd" | "snappy"): Peer {
  return {
    name: `gridparquet-${compression}`,
    does: "by year, sorted, no row lost, safe to kill",
    script: CLI,
    args: ({ input, output, threads }) => [
      ...["convert", input, "--out", output, "--threads", String(threads)],
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

export const GRIDPARQUET_PEERS = [gridparquet("zstd"), gridparquet("snappy")];
