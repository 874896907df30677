import { type FileHandle, open, stat } from "node:fs/promises";

const BLOCK_BYTES = 1 << 20;

/** Whether two files have the same bytes; never the whole of one in memory. @throws the system's error */
export async function sameBytes(one: string, other: string): Promise<boolean> {
  if ((await stat(one)).size !== (await stat(other)).size) return false;
  const handles: FileHandle[] = [];
  try {
    for (const file of [one, other]) handles.push(await open(file));
    const blocks = handles.map(() => Buffer.alloc(BLOCK_BYTES));
    for (let position = 0; ; ) {
      const [a, b] = await Promise.all(handles.map((handle, i) => handle.read(blocks[i]!, { position })));
      if (a!.bytesRead === 0) return true;
      const read = Math.min(a!.bytesRead, b!.bytesRead);
      if (Buffer.compare(a!.buffer.subarray(0, read), b!.buffer.subarray(0, read)) !== 0) return false;
      position += read;
    }
  } finally {
    for (const handle of handles) await handle.close();
  }
}
