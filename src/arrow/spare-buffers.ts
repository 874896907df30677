/** Bytes of buffers that a thread keeps for the next batches. */
const MAX_SPARE_BYTES = 8 << 20;

/**
 * Buffers of batches that have been encoded in this thread, for the next ones that it decodes: the system would have
 * to find and clear new pages for each, and the garbage collector to notice that the old ones are free.
 */
const spare = new Map<number, ArrayBuffer[]>();
let spareBytes = 0;

/** A buffer of just so many bytes; what was in it before may still be there. */
export function takeBuffer(bytes: number): ArrayBuffer {
  const buffer = spare.get(bytes)?.pop();
  if (buffer === undefined) return new ArrayBuffer(bytes);
  spareBytes -= bytes;
  return buffer;
}

/** Gives buffers back that nothing looks at any more. */
export function giveBuffersBack(buffers: readonly ArrayBuffer[]): void {
  for (const buffer of buffers) {
    const bytes = buffer.byteLength;
    if (bytes === 0 || spareBytes + bytes > MAX_SPARE_BYTES) continue;
    const alike = spare.get(bytes);
    if (alike === undefined) spare.set(bytes, [buffer]);
    else alike.push(buffer);
    spareBytes += bytes;
  }
}
