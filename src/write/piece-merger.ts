import { batchBytes, copyRows, type RowBatch, type Segment, transferList } from "../arrow/row-batch.js";
import { DEFAULTS } from "../run/options.js";
import type { BatchResult } from "../run/protocol.js";
import type { PartFile } from "./part-file.js";
import { PendingRows, type RowGroupRows } from "./pending-rows.js";
import {
  type MonthPlan,
  mergeBlocks,
  overlapDepth,
  overlappingRows,
  type Piece,
  type PieceWeight,
} from "./pieces.js";
import type { RowGroupStore } from "./row-group-store.js";
import type { YearFileContext } from "./year-context.js";
import { addSources, type YearRows } from "./year-rows.js";

/** Least that a piece counts for among those that are open at once: each has names of its own. */
const LEAST_WEIGHT = 1 / 8;
/** Row groups that are encoded while the next rows are merged. */
const WRITES_AHEAD = 2;

/** Merges pieces that overlap, with a bounded number of them open, and cuts their rows by the calendar. */
export class PieceMerger {
  readonly #context: YearFileContext;
  readonly #rowGroups: RowGroupStore;
  readonly #rows: Pick<YearRows, "dropped" | "replaced" | "orphans">;

  /** @param rows where rows that a merge leaves out are noted */
  constructor(
    context: YearFileContext,
    rowGroups: RowGroupStore,
    rows: Pick<YearRows, "dropped" | "replaced" | "orphans">,
  ) {
    this.#context = context;
    this.#rowGroups = rowGroups;
    this.#rows = rows;
  }

  /**
   * Carries a plan out, at the end of `to`: pieces that may stay are copied as bytes, the others merged.
   *
   * @param from where the pieces lie that are not in the file that is added to
   * @returns the pieces in order of time
   */
  async rewrite(plan: readonly MonthPlan[], from: PartFile, to: PartFile): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for (const { action, pieces: ofMonth } of plan) {
      if (action === "merge") pieces.push(...(await this.merge(ofMonth, from, to)));
      else {
        // Each is read while the one before is written.
        let next = this.#read(ofMonth[0], from);
        for (const [index, piece] of ofMonth.entries()) {
          const bytes = await next;
          next = this.#read(ofMonth[index + 1], from);
          const offset = await to.append(bytes!);
          const { isExisting: _, ...copied } = piece;
          pieces.push({ ...copied, offset });
        }
      }
    }
    return pieces;
  }

  /** The bytes of a piece, if there is one; a failure is heard of when they are waited for. */
  #read(piece: Piece | undefined, from: PartFile): Promise<Uint8Array | null> {
    const bytes = piece === undefined ? Promise.resolve(null) : this.#rowGroups.read(piece, from);
    bytes.catch(() => undefined);
    return bytes;
  }

  /** Merges pieces that lie in `from`, or in the file that is added to, into row groups at the end of `to`. */
  async merge(pieces: readonly Piece[], from: PartFile, to: PartFile): Promise<Piece[]> {
    const { mergeFanIn = DEFAULTS.mergeFanIn, rowGroupSize } = this.#context;
    // The bound is on memory: many small pieces take no more of it than a few whole row groups.
    const weight: PieceWeight = ({ rows }) => Math.min(1, Math.max(LEAST_WEIGHT, rows / rowGroupSize));
    let left = [...pieces];
    while (overlapDepth(left, weight) > mergeFanIn) {
      const merged: Piece[] = [];
      for (const [sequence, block] of mergeBlocks(left, mergeFanIn, weight).entries()) {
        for (const piece of await this.#mergeOnce(block, from, from, false))
          merged.push({ ...piece, sequence });
      }
      left = merged;
    }
    return this.#mergeOnce(left, from, to, true);
  }

  /** @param final whether no other pieces hold rows of this stretch of time */
  async #mergeOnce(pieces: readonly Piece[], from: PartFile, to: PartFile, final: boolean): Promise<Piece[]> {
    const made: Piece[] = [];
    const pending = new PendingRows(this.#context.rowGroupSize);
    // While row groups are encoded, the rows of the next ones are read and merged.
    const writes: Promise<void>[] = [];
    const write = async (groups: RowGroupRows[]) => {
      for (const { segments } of groups) {
        const encoded = this.#rowGroups.encode(segments);
        const before = writes.at(-1);
        const writing = Promise.all([encoded, before]).then(async ([result]) => {
          made.push(await this.#rowGroups.append(to, result, made.length));
        });
        // What fails is heard of when it is waited for.
        writing.catch(() => undefined);
        writes.push(writing);
        if (writes.length > WRITES_AHEAD) await writes.shift();
      }
    };
    try {
      for await (const segments of overlappingRows(pieces, (piece) => this.#rowGroups.load(piece, from))) {
        const batch = await this.#mergeRows(segments, final);
        if (batch.rows === 0) continue;
        pending.add({ batch, from: 0, to: batch.rows }, batchBytes(batch));
        await write(pending.takeFinal());
      }
      await write(pending.takeAll());
      await Promise.all(writes);
    } finally {
      // After a failure, too, nothing may be at work on the file: it is closed, or cut to what counts of it.
      await Promise.allSettled(writes);
    }
    return made;
  }

  async #mergeRows(segments: readonly Segment[], final: boolean): Promise<RowBatch> {
    const { feed, pool } = this.#context;
    const joining = feed.joined && { final, remainders: feed.joined };
    // Copies are sent: a piece stays open while later stretches of it are needed.
    const copies = segments.map((segment) => ({
      batch: copyRows(segment),
      from: 0,
      to: segment.to - segment.from,
    }));
    const buffers = copies.flatMap(({ batch }) => transferList(batch));
    const result = (await pool(
      { name: "merge", table: feed.table, segments: copies, joining },
      buffers,
    )) as BatchResult;
    addSources(this.#rows.dropped, Int32Array.from(result.dropped));
    addSources(this.#rows.replaced, Int32Array.from(result.replaced));
    if (final) this.#rows.orphans.push(...result.orphans);
    return result.batch;
  }
}
