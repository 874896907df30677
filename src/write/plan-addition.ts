import type { ExistingYear } from "./existing-year.js";
import { byFirstStart, type MonthPlan, overlapGroups, type Piece, planMonths } from "./pieces.js";

/**
 * What is to be done so that a year file has new pieces beside those that it has: in months without new ones its row
 * groups stay.
 *
 * @param months of the new pieces
 * @param target most rows in a row group
 * @param merge merges pieces that overlap
 * @returns null when the file has all rows of the new pieces already
 */
export async function planAddition(
  existing: ExistingYear,
  added: readonly Piece[],
  months: ReadonlySet<number>,
  target: number,
  merge: (pieces: readonly Piece[]) => Promise<Piece[]>,
): Promise<MonthPlan[] | null> {
  const { touched, others } = await existing.pieces(months);
  const apart: Piece[] = [];
  for (const group of overlapGroups([...touched, ...added])) {
    const isExact = group.length === 1 && !group[0]!.incomplete;
    apart.push(...(isExact ? group : await merge(group)));
  }
  if (isSame(apart, touched)) return null;
  const kept = others.map((piece): MonthPlan => ({ action: "keep", pieces: [piece] }));
  return [...kept, ...planMonths(apart, target)].sort((a, b) => byFirstStart(a.pieces[0]!, b.pieces[0]!));
}

/** Whether pieces hold the same bytes in the same order. */
function isSame(pieces: readonly Piece[], others: readonly Piece[]): boolean {
  return (
    pieces.length === others.length &&
    pieces.every(({ crc32, length }, index) => {
      const other = others[index]!;
      return crc32 === other.crc32 && length === other.length;
    })
  );
}
