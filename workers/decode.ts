import { armFault } from "../src/run/decode-fault.js";
import { decodeFiles, WriterGone } from "../src/run/decode-files.js";
import type { DecodeTask } from "../src/run/protocol.js";

/** Pool task: decodes files and streams batches to the writer. A writer that has gone wants no more: that is no fault. */
export default async function decode(task: DecodeTask): Promise<void> {
  armFault(task);
  try {
    await decodeFiles(task);
  } catch (error) {
    if (!(error instanceof WriterGone)) throw error;
  }
}
