import type { RowGroup } from "hyparquet";
import { type Segment, transferList } from "../arrow/row-batch.js";
import { TABLES } from "../arrow/tables.js";
import { footerBytes } from "../parquet/footer.js";
import { FooterIndex } from "../parquet/footer-index.js";
import { moveRowGroup } from "../parquet/move-row-group.js";
import { moveEntry } from "../parquet/row-group-entry.js";
import { schemaOf } from "../parquet/table-schema.js";
import type {
  BatchResult,
  EncodeResult,
  PoolTask,
  RowGroupSettings,
  SpillResult,
  StoredMonth,
  StoredRows,
} from "../run/protocol.js";
import type { ExistingYear } from "./existing-year.js";
import type { PartFile } from "./part-file.js";
import type { Piece } from "./pieces.js";
import type { YearFileContext } from "./year-context.js";
import type { YearParts } from "./year-parts.js";

/** Source lists longer than this are kept on disk until a merge asks for them. */
const MAX_SOURCES_IN_MEMORY = 256;

/** The row groups of a year: has the pool encode and decode them, writes them to part files, reads them again. */
export class RowGroupStore {
  readonly #context: YearFileContext;
  readonly #parts: YearParts;
  readonly #existing: ExistingYear | null;
  /** Of a footer without row groups: reads what other footers of the table say of them. */
  #schemaIndex: FooterIndex | null = null;

  /** @param existing the year file that is added to, if one is */
  constructor(context: YearFileContext, parts: YearParts, existing: ExistingYear | null) {
    this.#context = context;
    this.#parts = parts;
    this.#existing = existing;
  }

  /** Has rows encoded as one row group; their buffers are moved away. */
  async encode(segments: Segment[]): Promise<EncodeResult> {
    const buffers = segments.flatMap(({ batch }) => transferList(batch));
    const result = await this.#make({ name: "encode", segments, ...this.#settings(false) }, buffers);
    for (const spare of result.spare) this.#context.spare.give(spare);
    return result;
  }

  /** Has rows spilled; their buffers are moved away. */
  async spill(segments: Segment[]): Promise<SpillResult> {
    const { feed, pool, spare } = this.#context;
    const buffers = segments.flatMap(({ batch }) => transferList(batch));
    const task = { name: "spill", table: feed.table, segments } as const;
    const result = (await pool(task, [...new Set(buffers)])) as SpillResult;
    for (const buffers of result.spare) spare.give(buffers);
    return result;
  }

  /** Has pieces made into one row group; where they lie is said by {@link read}. */
  async combine(pieces: readonly Piece[], file: PartFile): Promise<EncodeResult> {
    const inOrder = [...pieces].sort((a, b) => a.sequence - b.sequence);
    const stored = await Promise.all(inOrder.map((piece) => this.#stored(piece, file)));
    const task = { name: "combine", pieces: stored, ...this.#settings(true) } as const;
    return this.#make(task, stored.flatMap(buffersOf));
  }

  /** @param final whether no more components can come of feeds whose records hold one each */
  #settings(final: boolean): RowGroupSettings {
    const { feed, compression, encoder, spare } = this.#context;
    const joining = feed.joined && { final, remainders: feed.joined };
    return { table: feed.table, compression, encoder, joining, room: spare.takeRoom() };
  }

  /** Has a row group made; `buffers` are moved away. */
  async #make(
    task: Extract<PoolTask, { name: "encode" | "combine" }>,
    buffers: readonly ArrayBuffer[],
  ): Promise<EncodeResult> {
    const moved = new Set(task.room === null ? buffers : [...buffers, task.room]);
    return (await this.#context.pool(task, [...moved])) as EncodeResult;
  }

  /** Puts a row group at the end of `file`, and a long list of its sources into the side file. */
  async append(file: PartFile, result: EncodeResult, sequence: number): Promise<Piece> {
    const { bytes, crc32, rowGroup, rows, intervals } = result;
    const incomplete = result.orphans.length > 0;
    const offset = await file.append(bytes);
    const sources = await this.#storeSources(result.sources);
    const { length } = bytes;
    const piece = {
      ...{ sequence, offset, length, crc32, rowGroup: moveEntry(rowGroup, offset) },
      ...{ rows, incomplete, intervals, sources },
    };
    this.#context.spare.giveRoom(bytes.buffer);
    return piece;
  }

  /** Puts the rows of a month that were spilled at the end of `file`. */
  async appendSpilled(file: PartFile, month: StoredMonth, sequence: number): Promise<Piece> {
    const { bytes, crc32, rows, intervals } = month;
    const offset = await file.append(bytes);
    const sources = new Int32Array(0);
    const place = { sequence, offset, length: bytes.length, crc32 };
    return { ...place, rowGroup: null, rows, incomplete: true, intervals, sources };
  }

  async #storeSources(sources: Int32Array<ArrayBuffer>): Promise<Piece["sources"]> {
    return sources.length <= MAX_SOURCES_IN_MEMORY ? sources : this.#parts.storeSources(sources);
  }

  /** Pairs of file index and row count of a piece. */
  async sourcesOf({ sources }: Piece): Promise<Int32Array<ArrayBuffer>> {
    return sources instanceof Int32Array ? sources : this.#parts.readSources(sources);
  }

  /** The bytes of a piece, which lies in `file` or in the year file that is added to. */
  read(piece: Piece, file: PartFile): Promise<Uint8Array<ArrayBuffer>> {
    return piece.isExisting ? this.#existing!.read(piece) : file.read(piece.offset, piece.length);
  }

  /** CRC-32 of a piece that has been read. */
  checksumOf(piece: Piece): number {
    return piece.isExisting ? this.#existing!.checksumOf(piece) : piece.crc32;
  }

  /** All that is known of a piece as a row group; offsets count from its first byte. */
  rowGroupOf({ rowGroup }: Piece): RowGroup {
    if (rowGroup === null) throw new Error("rows that were spilled are no row group");
    if (!("entry" in rowGroup)) return rowGroup;
    this.#schemaIndex ??= new FooterIndex(footerBytes(schemaOf(TABLES[this.#context.feed.table]), [], []));
    return moveRowGroup(this.#schemaIndex.rowGroup(rowGroup), -rowGroup.offset);
  }

  /** The rows of a piece, which lies where {@link read} says, and what of those that were spilled has been left out. */
  async load(piece: Piece, file: PartFile): Promise<BatchResult> {
    const { feed, pool } = this.#context;
    const rows = await this.#stored(piece, file);
    const task = { name: "read", table: feed.table, piece: rows } as const;
    return (await pool(task, buffersOf(rows))) as BatchResult;
  }

  /** A piece to be sent away. */
  async #stored(piece: Piece, file: PartFile): Promise<StoredRows> {
    const bytes = await this.read(piece, file);
    if (piece.rowGroup === null) return { spilled: bytes };
    const sources = (await this.sourcesOf(piece)).slice();
    return { stored: { bytes, rowGroup: this.rowGroupOf(piece) }, sources };
  }
}

function buffersOf(rows: StoredRows): ArrayBuffer[] {
  return "spilled" in rows ? [rows.spilled.buffer] : [rows.stored.bytes.buffer, rows.sources.buffer];
}
