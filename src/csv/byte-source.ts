import { type FileHandle, open } from "node:fs/promises";

/** Bytes of one input in order, whatever container they lie in. */
export interface ByteSource {
  /** Reads up to `length` bytes into `buffer` at `offset`; resolves to how many, 0 at the end. */
  read(buffer: Uint8Array, offset: number, length: number): Promise<number>;
  close(): Promise<void>;
}

/** A plain file from byte `start` on. */
export async function openFile(path: string, start: number): Promise<ByteSource> {
  const handle: FileHandle = await open(path, "r");
  let position = start;
  return {
    async read(buffer, offset, length) {
      const { bytesRead } = await handle.read(buffer, offset, length, position);
      position += bytesRead;
      return bytesRead;
    },
    close: () => handle.close(),
  };
}
