import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { loadZstd } from "../src/parquet/zstd.js";
import { collectRegularly } from "../src/run/collect-garbage.js";
import type { Compression } from "../src/run/options.js";
import { runPoolTask } from "../src/run/pool-tasks.js";
import type { PoolTask } from "../src/run/protocol.js";
import { timed } from "../src/run/stage-clock.js";
import { faultAtResult } from "../src/run/thread-fault.js";

collectRegularly();
// Takes 50 ms, too; a failure shows again in the first task that needs it.
if ((workerData as { compression: Compression }).compression === "zstd") loadZstd().catch(() => undefined);

/**
 * Pool task: sorts, encodes or reads row groups for the writer, whose task lies on the port, and takes the result
 * there; the buffers go with the messages. Null only has this file loaded.
 */
export default async function encode(port: MessagePort | null): Promise<void> {
  if (port === null) return;
  // It was put there before the port was sent.
  const task: PoolTask = receiveMessageOnPort(port)!.message;
  if (task.name === "encode" && task.compression === "zstd") await loadZstd();
  const stage = task.name === "encode" ? "encode" : "merge";
  try {
    const { result, transfer } = await timed(stage, () => runPoolTask(task));
    faultAtResult(result);
    port.postMessage(result, transfer);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) await endThread(error);
    throw error;
  }
}

/** Ends the thread with all its tasks: after a trap its WebAssembly memory is not trusted with other rows. */
function endThread(error: Error): Promise<never> {
  setImmediate(() => {
    throw error;
  });
  return new Promise(() => undefined);
}
