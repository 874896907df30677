import { scaleLinear } from "d3-scale";
import type { Axis } from "./page/plot-markup.js";
import { NO_PRICE, type PackedSeries, packNumber } from "./page/price-plots.js";
import type { PriceDay, PriceSeries } from "./report-model.js";

/** Steps between prices, in the unit of the prices: the finest that reaches from the lowest to the highest. */
const STEPS = [0.01, 1, 100, 10_000];
/** Prices beyond the axis: so large a share of the days may have one, below or above. */
const BEYOND = 0.02;

/** The prices of a location as the page carries them: 12 bytes a day. */
export function packSeries({ table, days, hours }: PriceSeries): PackedSeries {
  const lowest = Math.min(...days.map(({ low }) => low));
  const highest = Math.max(...days.map(({ high }) => high));
  const step = STEPS.find((each) => (highest - lowest) / each < NO_PRICE - 1) ?? STEPS.at(-1)!;
  const base = Math.floor(lowest / step) * step;
  const byDay = new Map(days.map((day) => [day.day, day]));
  const first = days[0]!.day;
  const pack = (value: number): string =>
    packNumber(Math.max(0, Math.min(NO_PRICE - 1, Math.round((value - base) / step))));
  const packed = Array.from({ length: days.at(-1)!.day - first + 1 }, (_, i) => {
    const day = byDay.get(first + i);
    if (day === undefined) return packNumber(NO_PRICE).repeat(3);
    return pack(day.low) + pack(day.mean) + pack(day.high);
  });
  const means = hours.filter((hour): hour is number => hour !== null);
  return {
    unit: table === "energy" ? "$/MWh" : "$/MW",
    ...{ first, days: packed.join(""), base, step },
    axis: axisOf(...usualRange(days)),
    hours: hours.map((hour) => (hour === null ? null : Math.round(hour * 100) / 100)),
    hourAxis: axisOf(Math.min(0, ...means), Math.max(0, ...means)),
  };
}

/** A round axis with a few ticks. */
export function axisOf(low: number, high: number): Axis {
  const isFlat = high - low < 1e-9;
  const scale = scaleLinear()
    .domain(isFlat ? [low - 1, high + 1] : [low, high])
    .nice(4);
  const [from, to] = scale.domain();
  // A little below zero must not cost a whole step.
  const lowest = low < 0 && !isFlat ? low : from!;
  return { low: lowest, high: to!, ticks: scale.ticks(4).filter((tick) => tick >= lowest) };
}

/** All means, and all but the rarest of the lowest and highest prices: one spike must not flatten a year. */
function usualRange(days: readonly PriceDay[]): [number, number] {
  const sorted = (values: number[]): number[] => values.sort((a, b) => a - b);
  const lows = sorted(days.map(({ low }) => low));
  const highs = sorted(days.map(({ high }) => high));
  const skip = Math.floor(days.length * BEYOND);
  const means = days.map(({ mean }) => mean);
  return [Math.min(lows[skip]!, ...means), Math.max(highs[highs.length - 1 - skip]!, ...means)];
}
