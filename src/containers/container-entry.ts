import { describeError, GridparquetError } from "../errors.js";

/** Where an entry lies in its archive, as the archive's central directory says. Sizes in bytes. */
export interface EntryLocation {
  /** Position of its local header, from the beginning of the archive. */
  headerOffset: number;
  method: "stored" | "deflated";
  compressedBytes: number;
  bytes: number;
  crc32: number;
}

/** A file that can be read: one on disk, or one in an archive. Plain data; `openEntry` takes it as it is. */
export interface ContainerEntry {
  /** The file on disk. */
  path: string;
  /** Names inside it, outermost first; empty for what is a file by itself, be it plain or gzip. */
  entry: string[];
  /** Size of the content: as the archive declares it, but only an estimate where `gzip` is set. */
  bytes: number;
  /** One location for each name in `entry`. */
  locations: EntryLocation[];
  /** Whether what lies there is gzip, and its content is meant. */
  gzip: boolean;
}

/** Whether the content is that of the file on disk, byte by byte. */
export function isPlain({ entry, gzip }: ContainerEntry): boolean {
  return entry.length === 0 && !gzip;
}

/** A file or an entry that cannot be read. */
export interface RefusedEntry {
  path: string;
  entry: string[];
  /** What is wrong, as the rest of a sentence that begins with the name: `is encrypted`. */
  reason: string;
  /** Whether something may be lost by it, which makes a run partial. */
  failed: boolean;
}

/** What a file holds. Its parts come in the order of the archive. */
export interface ContainerListing {
  entries: ContainerEntry[];
  refused: RefusedEntry[];
}

/** `archive.zip/day.zip/prices.csv`: the name of an entry for people. */
export function entryName({ path, entry }: { path: string; entry: readonly string[] }): string {
  return [path, ...entry].join("/");
}

/** An entry whose bytes cannot be had. `message` names it and says why; `reason` is the why alone. */
export class EntryError extends GridparquetError {
  readonly reason: string;

  constructor(where: { path: string; entry: readonly string[] }, cause: unknown) {
    const reason = reasonOf(cause);
    super("input-unreadable", `${entryName(where)} ${reason}`, { cause });
    this.name = "EntryError";
    this.reason = reason;
  }
}

/** Something that is wrong with an archive or an entry; the message is a reason as in {@link RefusedEntry}. */
export class Damage extends Error {}

/** Damage that an entry cannot be blamed for alone: the whole file is refused. */
export class LimitExceeded extends Damage {}

/** What an error of reading or inflating means, as the rest of a sentence that begins with the name. */
export function reasonOf(error: unknown): string {
  if (error instanceof Damage) return error.message;
  if (error instanceof EntryError) return error.reason;
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === "Z_BUF_ERROR") return "is cut off: its compressed data end too early";
  if (code?.startsWith("Z_")) return `is damaged: ${describeError(error).replace(/ \(Z_\w+\)$/, "")}`;
  return `cannot be read: ${describeError(error)}`;
}
