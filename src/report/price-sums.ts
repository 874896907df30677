import type { PriceDay } from "./report-model.js";

/** Longest operating day. */
const HOURS = 25;
/** Hours of usual days: the shape of a day would end with that of a single one. */
const USUAL_HOURS = 24;

interface DaySum {
  low: number;
  high: number;
  sum: number;
  count: number;
}

/** Adds prices of one location up to days and hours. */
export class PriceSums {
  readonly #days = new Map<number, DaySum>();
  readonly #hourSums = new Map<number, Float64Array>();

  /** @param day days since 1970-01-01; `hour` the ordinal hour of the operating day, from 1 */
  add(day: number, hour: number, price: number): void {
    let sums = this.#days.get(day);
    if (sums === undefined) {
      sums = { low: price, high: price, sum: 0, count: 0 };
      this.#days.set(day, sums);
      this.#hourSums.set(day, new Float64Array(HOURS * 2));
    }
    sums.low = Math.min(sums.low, price);
    sums.high = Math.max(sums.high, price);
    sums.sum += price;
    sums.count++;
    const hours = this.#hourSums.get(day)!;
    hours[hour * 2 - 2]! += price;
    hours[hour * 2 - 1]!++;
  }

  /** Days from `first` on, in order. */
  days(first: number): PriceDay[] {
    return [...this.#days]
      .filter(([day]) => day >= first)
      .sort(([a], [b]) => a - b)
      .map(([day, { low, high, sum, count }]) => ({ day, low, mean: sum / count, high }));
  }

  /** Means by hour ending, 1 to 24, over the days from `first` on. */
  hours(first: number): (number | null)[] {
    const totals = new Float64Array(HOURS * 2);
    for (const [day, hours] of this.#hourSums) {
      if (day >= first) for (const [i, value] of hours.entries()) totals[i]! += value;
    }
    return Array.from({ length: USUAL_HOURS }, (_, hour) => {
      const count = totals[hour * 2 + 1]!;
      return count === 0 ? null : totals[hour * 2]! / count;
    });
  }
}
