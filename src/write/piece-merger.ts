import { batchBytes, copyRows, type RowBatch, type Segment, transferList } from "../arrow/row-batch.js";
import { DEFAULTS } from "../run/options.js";
import type { BatchResult } from "../run/protocol.js";
import { CombinedMonths } from "./combined-months.js";
import type { PartFile } from "./part-file.js";
import { PendingRows, type RowGroupRows } from "./pending-rows.js";
import {
  cutStretch,
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
/** Row groups' worth of rows that are merged while the ones before are waited for. */
const MERGES_AHEAD = 1;

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
   * @param to may have the first pieces of the plan already, where they are in the file that is added to
   * @returns the pieces in order of time
   */
  async rewrite(plan: readonly MonthPlan[], from: PartFile, to: PartFile): Promise<Piece[]> {
    const combined = new CombinedMonths(this.#context.encoding);
    try {
      return await this.#carryOut(plan, from, to, combined);
    } finally {
      await combined.close();
    }
  }

  async #carryOut(
    plan: readonly MonthPlan[],
    from: PartFile,
    to: PartFile,
    combined: CombinedMonths,
  ): Promise<Piece[]> {
    const pieces: Piece[] = [];
    const there = to.size;
    const isThere = (piece: Piece): boolean => piece.isExisting === true && piece.offset < there;
    for (const { action, pieces: planned } of plan) {
      if (action === "merge") {
        if (!combined.has(planned)) this.#beginFrom(planned, plan, from, combined);
        pieces.push(...(await this.#mergeMonth(planned, from, to, combined)));
      } else {
        for (const piece of planned.filter(isThere)) {
          const { isExisting: _, ...copied } = piece;
          pieces.push({ ...copied, crc32: this.#rowGroups.checksumOf(piece) });
        }
        const others = planned.filter((piece) => !isThere(piece));
        pieces.push(...(await this.#copy(others, from, to)));
      }
    }
    return pieces;
  }

  /** Copies pieces as bytes to the end of `to`; each is read while the one before is written. */
  async #copy(pieces: readonly Piece[], from: PartFile, to: PartFile): Promise<Piece[]> {
    const copies: Piece[] = [];
    let next = this.#read(pieces[0], from);
    for (const [index, piece] of pieces.entries()) {
      const bytes = await next;
      next = this.#read(pieces[index + 1], from);
      const offset = await to.append(bytes!);
      const { isExisting: _, ...copied } = piece;
      copies.push({ ...copied, offset });
    }
    return copies;
  }

  /** Begins months from one on whose rows are not too many for a row group, up to the first that has more. */
  #beginFrom(
    first: readonly Piece[],
    plan: readonly MonthPlan[],
    from: PartFile,
    combined: CombinedMonths,
  ): void {
    const begins = plan.findIndex(({ pieces }) => pieces === first);
    for (const { action, pieces } of plan.slice(begins)) {
      if (action === "keep") continue;
      if (!this.#fitRowGroup(pieces)) return;
      combined.begin(pieces, () => this.#rowGroups.combine(pieces, from));
    }
  }

  async #mergeMonth(
    pieces: readonly Piece[],
    from: PartFile,
    to: PartFile,
    combined: CombinedMonths,
  ): Promise<Piece[]> {
    if (!combined.has(pieces)) return this.merge(pieces, from, to);
    return combined.take(pieces, async (result) => {
      addSources(this.#rows.dropped, Int32Array.from(result.dropped));
      addSources(this.#rows.replaced, Int32Array.from(result.replaced));
      this.#rows.orphans.push(...result.orphans);
      // Rows without their total have been left out, and may have been all.
      if (result.rows === 0) return [];
      return [await this.#rowGroups.append(to, { ...result, orphans: [] }, 0)];
    });
  }

  /** Whether pieces of one month make one row group, whatever duplicates are among their rows, and few enough to be open at once. */
  #fitRowGroup(pieces: readonly Piece[]): boolean {
    const { mergeFanIn = DEFAULTS.mergeFanIn, rowGroupSize } = this.#context;
    const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
    return rows <= rowGroupSize && pieces.length * LEAST_WEIGHT <= mergeFanIn;
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
    // While rows are merged, the next ones are read.
    const merges: Promise<BatchResult>[] = [];
    const take = async (merge: Promise<BatchResult>) => {
      const batch = this.#noteMerged(await merge, final);
      if (batch.rows === 0) return;
      pending.add({ batch, from: 0, to: batch.rows }, batchBytes(batch));
      await write(pending.takeFinal());
    };
    try {
      for await (const stretch of overlappingRows(pieces, (piece) => this.#load(piece, from))) {
        for (const segments of cutStretch(stretch, this.#context.rowGroupSize)) {
          const merge = this.#mergeRows(segments, final);
          merge.catch(() => undefined);
          merges.push(merge);
          if (merges.length > MERGES_AHEAD) await take(merges.shift()!);
        }
      }
      while (merges.length > 0) await take(merges.shift()!);
      await write(pending.takeAll());
      await Promise.all(writes);
    } finally {
      // After a failure, too, nothing may be at work on the file: it is closed, or cut to what counts of it.
      await Promise.allSettled([...merges, ...writes]);
    }
    return made;
  }

  /** The rows of a piece; of those that were spilled, what has been left out is counted. */
  async #load(piece: Piece, from: PartFile): Promise<RowBatch> {
    return this.#noteMerged(await this.#rowGroups.load(piece, from), false);
  }

  /** Has the pool merge rows. */
  async #mergeRows(segments: readonly Segment[], final: boolean): Promise<BatchResult> {
    const { feed, pool } = this.#context;
    const joining = feed.joined && { final, remainders: feed.joined };
    // Copies are sent: a piece stays open while later stretches of it are needed.
    const copies = segments.map((segment) => ({
      batch: copyRows(segment),
      from: 0,
      to: segment.to - segment.from,
    }));
    const buffers = copies.flatMap(({ batch }) => transferList(batch));
    const task = { name: "merge", table: feed.table, segments: copies, joining } as const;
    return (await pool(task, buffers)) as BatchResult;
  }

  /** Counts what a merge has left out; its rows. */
  #noteMerged(result: BatchResult, final: boolean): RowBatch {
    addSources(this.#rows.dropped, Int32Array.from(result.dropped));
    addSources(this.#rows.replaced, Int32Array.from(result.replaced));
    if (final) this.#rows.orphans.push(...result.orphans);
    return result.batch;
  }
}
