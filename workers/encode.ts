import { workerData } from "node:worker_threads";
import { move, transferableSymbol, valueSymbol } from "piscina";
import { loadZstd } from "../src/parquet/page-codec.js";
import { useParquetWasm } from "../src/parquet/parquet-wasm.js";
import { runPoolTask } from "../src/run/pool-tasks.js";
import type { PoolTask } from "../src/run/protocol.js";

/** Pool task: sorts, encodes or reads row groups for the writer; the result's buffers are handed over. */
export default async function encode(task: PoolTask): Promise<unknown> {
  if (task.name === "encode" && task.compression === "zstd") await loadZstd();
  useParquetWasm((workerData as { parquetWasm: WebAssembly.Module }).parquetWasm);
  const { result, transfer } = runPoolTask(task);
  return move({
    get [transferableSymbol]() {
      return transfer;
    },
    get [valueSymbol]() {
      return result;
    },
  });
}
