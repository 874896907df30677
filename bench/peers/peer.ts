/** A program that turns the input into Parquet, run as a Node process of its own. */
export interface Peer {
  readonly name: string;
  /** What it does, in a few words. */
  readonly does: string;
  /** File of the compiled script. */
  readonly script: string;
  args(task: PeerTask): string[];
  env?(task: PeerTask): Record<string, string>;
  /** Cores that all its threads share; as many as there are where that is not said. */
  readonly cores?: number;
  /** Why it cannot run here; undefined when it can. */
  unavailable(): Promise<string | undefined>;
}

/** What every peer is asked to do. */
export interface PeerTask {
  /** Folder with day files. */
  input: string;
  /** Empty folder for the output. */
  output: string;
  threads: number;
}

/** Name of the peer that the others are compared with. */
export const REFERENCE_PEER = "duckdb-year-zstd";
