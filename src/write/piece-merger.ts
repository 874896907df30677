import { batchBytes, copyRows, type RowBatch, type Segment, transferList } from "../arrow/row-batch.js";
import { DEFAULTS } from "../run/options.js";
import type { BatchResult } from "../run/protocol.js";
import type { PartFile } from "./part-file.js";
import { PendingRows, type RowGroupRows } from "./pending-rows.js";
import { type MonthPlan, mergeBlocks, overlapDepth, overlappingRows, type Piece } from "./pieces.js";
import type { RowGroupStore } from "./row-group-store.js";
import type { YearFileContext } from "./year-context.js";
import { addSources, type YearRows } from "./year-rows.js";

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
        for (const piece of ofMonth) {
          const offset = await to.append(await this.#rowGroups.read(piece, from));
          const { isExisting: _, ...copied } = piece;
          pieces.push({ ...copied, offset });
        }
      }
    }
    return pieces;
  }

  /** Merges pieces that lie in `from`, or in the file that is added to, into row groups at the end of `to`. */
  async merge(pieces: readonly Piece[], from: PartFile, to: PartFile): Promise<Piece[]> {
    const { mergeFanIn = DEFAULTS.mergeFanIn } = this.#context;
    let left = [...pieces];
    while (overlapDepth(left) > mergeFanIn) {
      const merged: Piece[] = [];
      for (const [sequence, block] of mergeBlocks(left, mergeFanIn).entries()) {
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
    const write = async (groups: RowGroupRows[]) => {
      for (const { segments } of groups) {
        made.push(await this.#rowGroups.append(to, await this.#rowGroups.encode(segments), made.length));
      }
    };
    for await (const segments of overlappingRows(pieces, (piece) => this.#rowGroups.load(piece, from))) {
      const batch = await this.#mergeRows(segments, final);
      if (batch.rows === 0) continue;
      pending.add({ batch, from: 0, to: batch.rows }, batchBytes(batch));
      await write(pending.takeFinal());
    }
    await write(pending.takeAll());
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
