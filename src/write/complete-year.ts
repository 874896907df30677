import { join, relative } from "node:path";
import { EXISTING_FILE } from "../arrow/row-batch.js";
import type { LedgerInput } from "../dataset/ledger.js";
import { describeError, isThreadDeath } from "../errors.js";
import type { ReadyYear } from "../journal/job-state.js";
import { MAGIC } from "../parquet/footer.js";
import { wholeFile } from "../parquet/whole-file.js";
import { failpoint } from "../run/failpoints.js";
import type { OutputFile } from "../run/options.js";
import { monthOfDay } from "../time/calendar.js";
import { checkPart } from "./check-part.js";
import type { CopyAhead } from "./copy-ahead.js";
import type { ExistingYear } from "./existing-year.js";
import { inputsWithEarlier } from "./ledger-inputs.js";
import { PieceMerger } from "./piece-merger.js";
import { type MonthPlan, type Piece, planMonths } from "./pieces.js";
import { planAddition } from "./plan-addition.js";
import { RowGroupStore } from "./row-group-store.js";
import { finalPathOf, type YearFileContext } from "./year-context.js";
import { yearDays, yearFooter } from "./year-footer.js";
import { unchangedManifest, yearManifest } from "./year-manifest.js";
import type { YearParts } from "./year-parts.js";
import { addCounts, addSources, type MergedRows, type YearRows } from "./year-rows.js";

/** A year of which all rows are in the part file, as pieces. */
export interface WrittenYear {
  context: YearFileContext;
  /** Where it is noted what became of rows. */
  rows: YearRows;
  parts: YearParts;
  rowGroups: RowGroupStore;
  /** The year file that is added to; null where none is. */
  existing: ExistingYear | null;
  /** What copies its first row groups; null where none is. */
  ahead: CopyAhead | null;
  pieces: readonly Piece[];
}

/** Makes a year file of pieces: one that lacks nothing but its name. */
export async function completeYear(written: WrittenYear): Promise<ReadyYear> {
  const { context, rows, existing, pieces } = written;
  if (pieces.length === 0) return withoutRows(written);
  const months = new Set(pieces.map(({ intervals }) => monthOfDay(intervals.date[0]!)));
  let exact: readonly Piece[] | null;
  try {
    exact = await orderPieces(written, months);
  } catch (error) {
    if (!isThreadDeath(error)) throw error;
    // All that the dead thread had in hand lies in the part file, or in the year file that is added to.
    const path = finalPathOf(context, rows.year);
    context.onRetry?.(`${path}: ${describeError(error)}; its row groups are put in order once more`);
    exact = await orderPieces(onThreadsAlone(written), months);
  }
  if (exact === null) return unchanged(written, existing!);
  if (exact.length === 0) return withoutRows(written);
  return finish({ ...written, pieces: exact }, months);
}

/** The same, with threads for it that nothing else can kill. */
function onThreadsAlone(written: WrittenYear): WrittenYear {
  const { parts, existing } = written;
  const { pool } = written.context;
  const context: YearFileContext = {
    ...written.context,
    pool: (task, transfer) => pool(task, transfer, true),
  };
  // What was copied ahead is gone with the first try.
  return { ...written, context, rowGroups: new RowGroupStore(context, parts, existing), ahead: null };
}

/**
 * The pieces as the year file is to have them, in its part file; null when the file that is there has all rows. What
 * failed leaves nothing that counts: it can be done again.
 */
async function orderPieces(
  written: WrittenYear,
  months: ReadonlySet<number>,
): Promise<readonly Piece[] | null> {
  const { context, rows, rowGroups, pieces } = written;
  const merged: MergedRows = { dropped: new Map(), replaced: new Map(), orphans: [] };
  const merger = new PieceMerger(context, rowGroups, merged);
  const plan = await planYear(written, months, merger);
  let exact: readonly Piece[] | null = null;
  if (plan !== null) {
    const ordered = plan.flatMap(({ pieces }) => pieces);
    const asWritten = ordered.every((piece, index) => piece === pieces[index]);
    const isExact = asWritten && plan.every(({ action }) => action === "keep");
    exact = isExact ? pieces : await rewrite(plan, written, merger);
  }
  addCounts(rows.dropped, merged.dropped);
  addCounts(rows.replaced, merged.replaced);
  rows.orphans.push(...merged.orphans);
  return exact;
}

/** What is to be done with all pieces, which are of these months; null when the file that is there has all rows. */
async function planYear(
  { context, parts, existing, pieces }: WrittenYear,
  months: ReadonlySet<number>,
  merger: PieceMerger,
): Promise<MonthPlan[] | null> {
  const { rowGroupSize } = context;
  if (existing === null) return planMonths(pieces, rowGroupSize);
  const file = await parts.part();
  return planAddition(existing, pieces, months, rowGroupSize, (group) => merger.merge(group, file, file));
}

/** Writes the file anew: pieces that may stay are copied as bytes, the others merged and cut by the calendar. */
async function rewrite(
  plan: readonly MonthPlan[],
  { parts, ahead }: WrittenYear,
  merger: PieceMerger,
): Promise<Piece[]> {
  const old = await parts.part();
  const fresh = (await ahead?.take(unmovedEnd(plan))) ?? (await parts.createSorted());
  let pieces: Piece[];
  try {
    pieces = await merger.rewrite(plan, old, fresh);
  } catch (error) {
    await fresh.discard();
    throw error;
  }
  await parts.replacePart(fresh);
  failpoint("year:rewritten");
  return pieces;
}

/** Where the first row groups of a plan end that stay where they are in the file that is added to. */
function unmovedEnd(plan: readonly MonthPlan[]): number {
  let end = MAGIC.length;
  for (const { action, pieces } of plan) {
    for (const { isExisting, offset, length } of pieces) {
      if (action !== "keep" || !isExisting || offset !== end) return end;
      end += length;
    }
  }
  return end;
}

/** Puts the footer behind the row groups, which are as they are to be now. */
async function finish(written: WrittenYear, months: ReadonlySet<number>): Promise<ReadyYear> {
  const { context, rows, parts, rowGroups, existing, pieces } = written;
  const { year, replaced } = rows;
  for (const piece of pieces) addSources(rows.written, await rowGroups.sourcesOf(piece));
  const before = (await existing?.days()) ?? null;
  const days = yearDays(pieces, before, months);
  const file = await parts.part();
  const footer = yearFooter(context, year, pieces, days, (piece) => rowGroups.rowGroupOf(piece));
  failpoint("year:before-footer");
  await file.append(footer);
  // Read back while the disk is waited for.
  file.beginFlush();
  await checkPart(file, footer, pieces, rows.written);
  await file.flush();
  failpoint("year:after-footer");
  return {
    written: rows.written,
    replaced,
    output: outputOf(written, file.size),
    file: wholeFile(file.path, file.size, footer),
    manifest: yearManifest(context, { year, pieces, footer, bytes: file.size, inputs: inputsOf(written) }),
    ...(context.update && { days: { before, after: days } }),
  };
}

function outputOf({ context, rows, existing, pieces }: WrittenYear, bytes: number): OutputFile {
  const { iso, feed, out } = context;
  const { year, written, replaced } = rows;
  return {
    path: join(out, relative(out, finalPathOf(context, year))),
    table: feed.table,
    iso,
    market: feed.market,
    feed: feed.feed,
    year,
    rows: pieces.reduce((sum, { rows }) => sum + rows, 0),
    rowGroups: pieces.length,
    bytes,
    ...(existing !== null && {
      rowsKept: written.get(EXISTING_FILE) ?? 0,
      rowsReplaced: [...replaced.values()].reduce((sum, rows) => sum + rows, 0),
    }),
  };
}

/** The inputs that its rows come from, those of earlier runs first; null when they are not all known. */
function inputsOf({ context, rows, existing }: WrittenYear): LedgerInput[] | null {
  if (context.inputsOf === undefined) return null;
  return inputsWithEarlier(existing?.inputs(rows.year) ?? [], context.inputsOf(rows));
}

/** Leaves the file that is there; only that the inputs add nothing to it may be new. */
async function unchanged(written: WrittenYear, existing: ExistingYear): Promise<ReadyYear> {
  const { context, rows } = written;
  const manifest = await unchangedManifest(context, rows.year, existing, () => inputsOf(written));
  return { ...(await withoutRows(written)), manifest };
}

async function withoutRows({ rows, parts }: WrittenYear): Promise<ReadyYear> {
  await parts.replacePart(null);
  const { written, replaced } = rows;
  return { written, replaced, output: null, file: null, manifest: null };
}
