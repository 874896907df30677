import { fileURLToPath } from "node:url";
import { runScript } from "../measure.js";
import type { Peer } from "./peer.js";

/** The Node binding's sinkParquet takes one path, so there are no folders per year. */
const POLARS: Peer = {
  name: "polars-file-zstd",
  does: "scanCSV … sinkParquet (streaming) to a single file, not sorted",
  script: fileURLToPath(new URL("./polars-child.js", import.meta.url)),
  args: ({ input, output }) => [input, output],
  env: ({ threads }) => ({ POLARS_MAX_THREADS: String(threads) }),
  unavailable: async () => {
    // In a process of its own: loaded into this one, the library would count as memory of every child.
    try {
      await runScript("./peers/polars-child.js", ["--check"]);
      return undefined;
    } catch (error) {
      const reason = /Error: (.+)/.exec((error as Error).message)?.[1];
      return `nodejs-polars does not load (${reason ?? "no reason given"})`;
    }
  },
};

export const POLARS_PEERS = [POLARS];
