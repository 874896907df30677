import { decodeFiles, WriterGone } from "../src/run/decode-files.js";
import type { DecodeTask } from "../src/run/protocol.js";
import { armFault } from "../src/run/thread-fault.js";

/** Pool task: decodes files and streams batches to the writer. A writer that has gone wants no more: that is no fault. */
export default async function decode(task: DecodeTask): Promise<void> {
  armFault(task);
  try {
    await decodeFiles(task);
  } catch (error) {
    if (!(error instanceof WriterGone)) throw error;
  }
}
