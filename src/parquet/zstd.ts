const NO_DICTIONARY = new Uint8Array(0);

interface Zstd {
  package: typeof import("@bokuweb/zstd-wasm");
  /** The thread's context: a new one for each page would have its tables cleared each time. */
  context: number;
}

let zstd: Zstd | null = null;
let loading: Promise<void> | null = null;

/** To be awaited once in a thread before zstd is used there; a thread that never does has not loaded the package. */
export function loadZstd(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  const loaded = await import("@bokuweb/zstd-wasm");
  await loaded.init();
  zstd = { package: loaded, context: loaded.createCCtx() };
}

/**
 * One zstd frame with all of the bytes.
 *
 * @param level 1 to 19
 * @throws Error when {@link loadZstd} has not been awaited
 */
export function compressZstd(bytes: Uint8Array, level: number): Uint8Array {
  const { package: loaded, context } = theZstd();
  return loaded.compressUsingDict(context, bytes, NO_DICTIONARY, level);
}

/**
 * What a zstd frame holds.
 *
 * @param size what it should come to: memory is set aside for that where the frame does not tell
 * @throws Error when it is damaged, or when {@link loadZstd} has not been awaited
 */
export function decompressZstd(frame: Uint8Array, size: number): Uint8Array {
  return theZstd().package.decompress(frame, { defaultHeapSize: size });
}

function theZstd(): Zstd {
  if (zstd === null) throw new Error("zstd has not been loaded in this thread");
  return zstd;
}
