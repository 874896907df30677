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
  const ofName = new Map<string, T>();
  /** Of names that come more than once: all their items. */
  const alike = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    if (!sortsByCodeUnits(name)) return [...items].sort(compare);
    const first = ofName.get(name);
    if (first === undefined) {
      ofName.set(name, item);
      continue;
    }
    const same = alike.get(name);
    if (same === undefined) alike.set(name, [first, item]);
    else same.push(item);
  }
  const sorted: T[] = [];
  for (const name of [...ofName.keys()].sort()) {
    const same = alike.get(name);
    if (same === undefined) sorted.push(ofName.get(name)!);
    else for (const item of same.sort(compare)) sorted.push(item);
  }
  return sorted;
}
