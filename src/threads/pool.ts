import { loadThread } from "./load-thread.js";

/** Entry point of the pool's threads: their tasks. */
export const { decode, encode, look } = loadThread<typeof import("../../workers/pool.js")>("pool");
