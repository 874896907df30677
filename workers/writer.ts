import { parentPort } from "node:worker_threads";
import { collectRegularly } from "../src/run/collect-garbage.js";
import type { BeginWriting, MainMessage } from "../src/run/protocol.js";
import { WriterThread } from "../src/write/writer-thread.js";

collectRegularly();

/** The one thread that opens output files. */
parentPort!.once("message", (options: BeginWriting) => {
  const writer = new WriterThread(options, (message, transfer) => parentPort!.postMessage(message, transfer));
  parentPort!.on("message", (message: MainMessage) => writer.receive(message));
});
