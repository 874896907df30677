import type { EntityValue } from "../arrow/row-batch.js";
import { sortsByCodeUnits } from "./compare-values.js";

/**
 * Items in the order of their names, which nearly all differ, and those of one name as `compare` has them.
 *
 * The engine sorts texts without calling anything, which counts while a thread's code is still interpreted. Where a name
 * may sort otherwise by its UTF-8 bytes than by its code units, all are compared.
 *
 * @param compare the order of any two items: that of their names first
 */
export function sortByName<T>(
  items: readonly T[],
  nameOf: (item: T) => EntityValue,
  compare: (a: T, b: T) => number,
): T[] {
  const ofName = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    if (!sortsByCodeUnits(name)) return [...items].sort(compare);
    const same = ofName.get(name);
    if (same === undefined) ofName.set(name, [item]);
    else same.push(item);
  }
  const sorted: T[] = [];
  for (const name of [...ofName.keys()].sort()) {
    const same = ofName.get(name)!;
    if (same.length > 1) same.sort(compare);
    for (const item of same) sorted.push(item);
  }
  return sorted;
}
