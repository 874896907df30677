/** Days from `first` to `last`, both included, in days since 1970-01-01. */
export interface DayRange {
  first: number;
  last: number;
}

/** Days in rising order as ranges of days that follow each other. */
export function dayRanges(days: Iterable<number>): DayRange[] {
  const ranges: DayRange[] = [];
  for (const day of days) {
    const range = ranges.at(-1);
    if (range?.last === day - 1) range.last = day;
    else ranges.push({ first: day, last: day });
  }
  return ranges;
}
