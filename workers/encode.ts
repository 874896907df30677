import { workerData } from "node:worker_threads";
import { move, transferableSymbol, valueSymbol } from "piscina";
import { loadZstd } from "../src/parquet/page-codec.js";
import { shareParquetWasm } from "../src/parquet/parquet-wasm.js";
import type { Compression } from "../src/run/options.js";
import { runPoolTask } from "../src/run/pool-tasks.js";
import type { PoolCall } from "../src/run/protocol.js";
import { timed } from "../src/run/stage-clock.js";
// Each thread does both; what decoding takes is loaded while main still plans.
import "./decode.js";

// Takes 50 ms, too; a failure shows again in the first task that needs it.
if ((workerData as { compression: Compression }).compression === "zstd") loadZstd().catch(() => undefined);

/**
 * Pool task: sorts, encodes or reads row groups for the writer; the result's buffers are handed over. Null only has
 * this file loaded.
 */
export default async function encode(call: PoolCall | null): Promise<unknown> {
  if (call === null) return;
  const { task, parquetWasm } = call;
  if (task.name === "encode" && task.compression === "zstd") await loadZstd();
  if (parquetWasm !== null) shareParquetWasm(parquetWasm);
  const stage = task.name === "encode" ? "encode" : "merge";
  const { result, transfer } = await timed(stage, () => runPoolTask(task));
  return move({
    get [transferableSymbol]() {
      return transfer;
    },
    get [valueSymbol]() {
      return result;
    },
  });
}
