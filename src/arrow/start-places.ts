import { lowerBound } from "../lower-bound.js";

/**
 * Starts of intervals, numbered as they are met.
 *
 * Files of one location each go through the same times one after the other, so the one that came next last time is
 * tried first: a table of thousands of times need not be searched for every row, nor made while they come in order.
 */
export class StartPlaces {
  /** By number. */
  readonly starts: number[] = [];
  /** Null as long as the starts ascend. */
  #places: Map<number, number> | null = null;
  #last = -1;

  /** The number of a start; the next one when it is new. */
  placeOf(start: number): number {
    const { starts } = this;
    const guess = this.#last + 1;
    if (guess < starts.length && starts[guess] === start) this.#last = guess;
    else if (starts[this.#last] !== start) this.#last = this.#find(start);
    return this.#last;
  }

  #find(start: number): number {
    const { starts } = this;
    if (this.#places === null) {
      const place = lowerBound(starts, start);
      if (place === starts.length) return starts.push(start) - 1;
      if (starts[place] === start) return place;
      this.#places = new Map(starts.map((known, number) => [known, number]));
    }
    let place = this.#places.get(start);
    if (place === undefined) {
      place = starts.push(start) - 1;
      this.#places.set(start, place);
    }
    return place;
  }

  /** By number: the place in order of time. */
  inOrder(): Int32Array {
    const { starts } = this;
    const order = new Int32Array(starts.length);
    for (let place = 0; place < order.length; place++) order[place] = place;
    if (this.#places === null) return order;
    order.sort((a, b) => starts[a]! - starts[b]!);
    const places = new Int32Array(starts.length);
    for (let place = 0; place < order.length; place++) places[order[place]!] = place;
    return places;
  }
}
