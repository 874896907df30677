import { type ByteSource, openFile } from "../csv/byte-source.js";
import { type ContainerEntry, EntryError } from "./container-entry.js";
import { entryAccess, entryBytes, gzipBytes } from "./entry-bytes.js";
import { OpenFile, type RandomAccess } from "./random-access.js";

/**
 * The content of an entry that `findEntries` found, from its first byte on.
 *
 * Memory stays bounded whatever the entry's size: some chunks of 256 KiB, and the archive around it where that is
 * itself a compressed entry (see LIMITS). Every error names file and entry; what was read before it is given first.
 *
 * @param opened the file on disk where the caller has it open; it stays open
 * @throws EntryError when an archive around the entry is damaged; what the system says when the file cannot be opened.
 *   `read` throws EntryError when the entry itself is damaged, cut off, or not what the archive declares.
 */
export async function openEntry(
  entry: ContainerEntry,
  opened: RandomAccess | null = null,
): Promise<ByteSource> {
  const { path, locations, gzip } = entry;
  if (locations.length === 0 && !gzip) return openFile(path, 0);
  const own = opened === null ? new OpenFile(path) : null;
  try {
    let access = (opened ?? own)!;
    const archives = gzip ? locations : locations.slice(0, -1);
    for (const [depth, location] of archives.entries()) {
      try {
        access = await entryAccess(access, location);
      } catch (error) {
        throw new EntryError({ path, entry: entry.entry.slice(0, depth + 1) }, error);
      }
    }
    const chunks = gzip ? gzipBytes(access) : entryBytes(access, locations.at(-1)!);
    return new ChunkSource(chunks, entry, () => own?.close());
  } catch (error) {
    own?.close();
    throw error;
  }
}

/** Bytes that come in chunks, for reading in pieces of any size. */
class ChunkSource implements ByteSource {
  readonly #chunks: AsyncGenerator<Uint8Array>;
  readonly #entry: ContainerEntry;
  readonly #release: () => void;
  #chunk: Uint8Array = new Uint8Array();
  #used = 0;
  #ended = false;
  #failure: EntryError | null = null;

  constructor(chunks: AsyncGenerator<Uint8Array>, entry: ContainerEntry, release: () => void) {
    this.#chunks = chunks;
    this.#entry = entry;
    this.#release = release;
  }

  async read(buffer: Uint8Array, offset: number, length: number): Promise<number> {
    let filled = 0;
    while (filled < length) {
      if (this.#used === this.#chunk.length && !(await this.#advance())) break;
      const part = this.#chunk.subarray(this.#used, this.#used + length - filled);
      buffer.set(part, offset + filled);
      filled += part.length;
      this.#used += part.length;
    }
    // What comes before an error is given first, so that no size of the reads changes what is got.
    if (filled === 0 && this.#failure !== null) throw this.#failure;
    return filled;
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#used = this.#chunk.length;
    await this.#chunks.return(undefined);
    this.#release();
  }

  async #advance(): Promise<boolean> {
    if (this.#ended) return false;
    try {
      const next = await this.#chunks.next();
      if (!next.done) {
        this.#chunk = next.value;
        this.#used = 0;
        return true;
      }
    } catch (error) {
      this.#failure = new EntryError(this.#entry, error);
    }
    this.#ended = true;
    return false;
  }
}
