/*
 * Loops that put the rows of one interval in order of their keys. `ranks` has the rank of each row's entity, `keyRanks`
 * the rank of its key by that; a row is named by its place. src/order/interval-sorter.ts calls them.
 */

// @ts-ignore: decorator
@inline
function keyOf(ranks: usize, keyRanks: usize, row: i32): i32 {
  return load<i32>(keyRanks + (<usize>load<i32>(ranks + (<usize>row << 2)) << 2));
}

/**
 * Takes rows [from, to) as they are while their keys ascend from above `previous`; they are written to `out`.
 *
 * Returns the last key, or -1 when they do not.
 */
export function takeAscending(
  ranks: usize,
  keyRanks: usize,
  from: i32,
  to: i32,
  previous: i32,
  out: usize,
): i32 {
  for (let row = from; row < to; row++) {
    const key = keyOf(ranks, keyRanks, row);
    if (key <= previous) return -1;
    previous = key;
    store<i32>(out, row);
    out += 4;
  }
  return previous;
}

/** Puts rows [from, to) in the place of their key; returns the first whose place is taken (not -1), or `to`. */
export function placeRows(ranks: usize, keyRanks: usize, from: i32, to: i32, places: usize): i32 {
  for (let row = from; row < to; row++) {
    const place = places + (<usize>keyOf(ranks, keyRanks, row) << 2);
    if (load<i32>(place) >= 0) return row;
    store<i32>(place, row);
  }
  return to;
}

/** Moves the rows in `count` places to `out`, in their order; returns how many there are. `out` has room for one more. */
export function collectPlaces(places: usize, count: i32, out: usize): i32 {
  const first = out;
  for (let i = 0; i < count; i++) {
    const place = places + (<usize>i << 2);
    const row = load<i32>(place);
    // Overwritten by the next when the place is empty.
    store<i32>(out, row);
    out += <usize>(row >= 0) << 2;
    store<i32>(place, -1);
  }
  return <i32>((out - first) >> 2);
}

/** Writes 0 into `marks` at the place of each of the ranks. */
export function markRanks(ranks: usize, count: i32, marks: usize): void {
  for (let row = 0; row < count; row++) {
    store<i32>(marks + (<usize>load<i32>(ranks + (<usize>row << 2)) << 2), 0);
  }
}
