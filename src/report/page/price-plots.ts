import { type Axis, heightOf, numberText, plotMarkup, UNITS } from "./plot-markup.js";

/* Runs when the page is made and again in the browser, for the location that is chosen there. */

/** Prices of a location as the page carries them; see {@link packDays}. */
export interface PackedSeries {
  /** Unit of the prices: `$/MWh`. */
  unit: string;
  /** Days since 1970-01-01. */
  first: number;
  /** Three prices a day from `first` on, lowest, mean and highest; each of {@link DIGITS_EACH} characters. */
  days: string;
  /** A price is `base + step * number`. */
  base: number;
  step: number;
  axis: Axis;
  /** Means by hour ending, from 1. */
  hours: (number | null)[];
  hourAxis: Axis;
}

/** Prices of a day, null where there are none. */
export interface DayPrices {
  day: number;
  low: number;
  mean: number;
  high: number;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Enough for any price to the cent. */
const DIGITS_EACH = 4;
/** Characters of a day. */
const DAY_LENGTH = 3 * DIGITS_EACH;
/** Stands for a day without prices; numbers are smaller. */
export const NO_PRICE = DIGITS.length ** DIGITS_EACH - 1;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MS_PER_DAY = 86_400_000;

/** A number from 0 to {@link NO_PRICE} in four characters. */
export function packNumber(value: number): string {
  return [18, 12, 6, 0].map((shift) => DIGITS[(value >> shift) & 63]!).join("");
}

/** Days from the first to the last, those without prices as well. */
export function dayCount({ days }: PackedSeries): number {
  return days.length / DAY_LENGTH;
}

/** The days of a series, in order; null for a day without prices. */
export function unpackDays(series: PackedSeries): (DayPrices | null)[] {
  const { first, days, base, step } = series;
  const numberAt = (i: number): number => {
    let value = 0;
    for (let at = 0; at < DIGITS_EACH; at++) value = value * 64 + DIGITS.indexOf(days[i * DIGITS_EACH + at]!);
    return value;
  };
  return Array.from({ length: dayCount(series) }, (_, i) => {
    if (numberAt(i * 3) === NO_PRICE) return null;
    const price = (at: number): number => base + step * numberAt(i * 3 + at);
    return { day: first + i, low: price(0), mean: price(1), high: price(2) };
  });
}

/** `10 Mar 2024`. */
export function shortDay(day: number): string {
  const date = new Date(day * MS_PER_DAY);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** Where a day's middle is in the plot, from 0 to 1. */
export function dayPlace(i: number, count: number): number {
  return (i + 0.5) / count;
}

/** The inside of the plot of days: a band from the lowest to the highest price, a line of means. */
export function daysMarkup(series: PackedSeries): string {
  const days = unpackDays(series);
  const y = (value: number): number => heightOf(series.axis, value);
  let band = "";
  let line = "";
  for (let i = 0; i < days.length; ) {
    let end = i;
    while (end < days.length && days[end] !== null) end++;
    const run = days.slice(i, end) as DayPrices[];
    if (run.length > 0) {
      const x = (at: number): string => (dayPlace(i + at, days.length) * UNITS).toFixed(1);
      const highs = run.map(({ high }, at) => `${x(at)} ${y(high)}`);
      const lows = run.map(({ low }, at) => `${x(at)} ${y(low)}`).reverse();
      band += `M${highs.join("L")}L${lows.join("L")}Z`;
      // a day by itself is a dot
      line += `M${run.map(({ mean }, at) => `${x(at)} ${y(mean)}`).join("L")}${run.length === 1 ? "h0" : ""}`;
    }
    i = end + 1;
  }
  return plotMarkup(
    series.axis,
    monthPlaces(series.first, days.length),
    `<path class="band" d="${band}"/><path class="line" d="${line}"/>`,
  );
}

/** Labels at the first of each month; every third where there are many, days where there are few. */
function monthPlaces(first: number, count: number): [number, string][] {
  const places: [number, string][] = [];
  if (count <= 35) {
    const step = Math.ceil(count / 5);
    for (let i = 0; i < count; i += step)
      places.push([dayPlace(i, count), shortDay(first + i).replace(/ \d+$/, "")]);
    return places;
  }
  for (let i = 0; i < count; i++) {
    const date = new Date((first + i) * MS_PER_DAY);
    const [month, day] = [date.getUTCMonth(), date.getUTCDate()];
    const isLabelled = day === 1 && (count <= 120 || month % 3 === 0);
    if (!isLabelled) continue;
    places.push([i / count, month === 0 ? `Jan ${date.getUTCFullYear()}` : MONTHS[month]!]);
  }
  return places;
}

/** The inside of the plot of hours: a step for each hour ending. */
export function hoursMarkup({ hours, hourAxis }: PackedSeries): string {
  const width = UNITS / hours.length;
  let steps = "";
  let filled = "";
  for (const [i, mean] of hours.entries()) {
    if (mean === null) continue;
    const [left, right] = [(i * width).toFixed(1), ((i + 1) * width).toFixed(1)];
    const y = heightOf(hourAxis, mean);
    filled += `M${left} ${heightOf(hourAxis, 0)}V${y}H${right}V${heightOf(hourAxis, 0)}Z`;
    steps += `${steps === "" || hours[i - 1] === null ? "M" : "L"}${left} ${y}H${right}`;
  }
  const labels = [1, 6, 12, 18, 24].map((hour): [number, string] => [
    (hour - 0.5) / hours.length,
    String(hour),
  ]);
  const inside = `<path class="band" d="${filled}"/><path class="line" d="${steps}"/>`;
  return plotMarkup(hourAxis, labels, inside);
}

/** The line below the plots: `Mean 32.10 $/MWh; lowest −4.20 on 3 Mar 2024; highest 512.00 on 9 Jul 2024.` */
export function priceSentence(series: PackedSeries): string {
  const days = unpackDays(series).filter((day): day is DayPrices => day !== null);
  const lowest = days.reduce((a, b) => (b.low < a.low ? b : a));
  const highest = days.reduce((a, b) => (b.high > a.high ? b : a));
  const mean = days.reduce((sum, day) => sum + day.mean, 0) / days.length;
  const beyond = highest.high > series.axis.high || lowest.low < series.axis.low;
  return (
    `Mean of the ${days.length === 1 ? "day" : `${days.length} days`} ${numberText(mean, 2)} ${series.unit}; ` +
    `lowest ${numberText(lowest.low, 2)} on ${shortDay(lowest.day)}; ` +
    `highest ${numberText(highest.high, 2)} on ${shortDay(highest.day)}.` +
    (beyond ? " The rarest prices lie beyond the axis and are drawn at its end." : "")
  );
}

/** Rows of the table behind the plot, a month each: month, days, lowest, mean, highest. */
export function monthRows(series: PackedSeries): string {
  const months = new Map<string, DayPrices[]>();
  for (const day of unpackDays(series)) {
    if (day === null) continue;
    const month = shortDay(day.day).replace(/^\d+ /, "");
    months.set(month, [...(months.get(month) ?? []), day]);
  }
  return [...months]
    .map(([month, days]) => {
      const mean = days.reduce((sum, day) => sum + day.mean, 0) / days.length;
      const low = Math.min(...days.map((day) => day.low));
      const high = Math.max(...days.map((day) => day.high));
      const cells = [String(days.length), ...[low, mean, high].map((price) => numberText(price, 2))];
      return `<tr><th scope="row">${month}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
    })
    .join("");
}

/** What the plots of a location say at one place. */
export function dayReadout(series: PackedSeries, i: number): string {
  const day = unpackDays(series)[i];
  if (day === null || day === undefined) return `${shortDay(series.first + i)}: no prices`;
  const [low, mean, high] = [day.low, day.mean, day.high].map((price) => numberText(price, 2));
  return `${shortDay(day.day)}: mean ${mean} ${series.unit}, from ${low} to ${high}`;
}

export function hourReadout({ hours, unit }: PackedSeries, i: number): string {
  const mean = hours[i];
  if (mean === null || mean === undefined) return `Hour ending ${i + 1}: no prices`;
  return `Hour ending ${i + 1}: mean ${numberText(mean, 2)} ${unit}`;
}
