import { closeSync, openSync, readSync } from "node:fs";

/** Bytes of one input in order, whatever container they lie in. */
export interface ByteSource {
  /** Reads up to `length` bytes into `buffer` at `offset`; resolves to how many, 0 at the end. */
  read(buffer: Uint8Array, offset: number, length: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * A plain file from byte `start` on.
 *
 * Reads are synchronous: a decoder has a thread to itself, the system reads ahead, and a trip through the thread
 * pool would take longer than the copy.
 */
export async function openFile(path: string, start: number): Promise<ByteSource> {
  const file = openSync(path, "r");
  let position = start;
  return {
    async read(buffer, offset, length) {
      const bytesRead = readSync(file, buffer, offset, length, position);
      position += bytesRead;
      return bytesRead;
    },
    async close() {
      closeSync(file);
    },
  };
}
