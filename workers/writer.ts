import { parentPort, workerData } from "node:worker_threads";
import type { MainMessage } from "../src/run/protocol.js";
import { WriterThread } from "../src/write/writer-thread.js";

/** The one thread that opens output files. */
const writer = new WriterThread(workerData as { threads: number; creditBytes: number }, (message, transfer) =>
  parentPort!.postMessage(message, transfer),
);
parentPort!.on("message", (message: MainMessage) => writer.receive(message));
