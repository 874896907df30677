import type { IntervalStart } from "./operating-day.js";
import { smoothNoise, uniform } from "./seeded-noise.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Prices are counted in millionths of a dollar per MWh, so that sums are exact. */
const MICROS = 1_000_000;
/** A cent per MWh, in millionths of a dollar. */
export const CENT = 10_000;

/** Energy price by hour of the day over the day's level: low at night, a morning and an evening peak. */
const DAILY_SHAPE = [
  ...[0.74, 0.7, 0.67, 0.66, 0.69, 0.78, 0.99, 1.14, 1.08, 1.02, 1.0, 0.99],
  ...[0.98, 1.0, 1.03, 1.09, 1.2, 1.36, 1.34, 1.27, 1.15, 1.02, 0.9, 0.8],
];

const CONSTRAINTS = 12;
/** Series of random numbers, one per use, so that none repeats another. */
const SERIES = {
  level: 1,
  hour: 2,
  spike: 3,
  loss: 4,
  realTime: 5,
  negative: 6,
  zone: 100,
  shift: 200,
  limit: 300,
  reserve: 400,
};

/** What prices follow from: nodes with near prices share a zone. */
export interface PricedNode {
  /** Whole number, unique among the nodes. */
  readonly id: number;
  readonly zone: string;
}

export interface PriceModelOptions {
  /** Real-time prices move more than day-ahead ones, and are sometimes negative. */
  realTime?: boolean;
  /** What the energy price is rounded to, in millionths of $/MWh. Default {@link CENT}. */
  energyStep?: number;
  /** What each node's congestion and loss are rounded to, in millionths of $/MWh. Default {@link CENT}. */
  stepOf?: (index: number) => number;
}

/**
 * LMPs of made-up nodes: one system energy price per interval, congestion from a dozen transmission constraints
 * that bind for some hours, losses in proportion to energy. A node's congestion is the sum, over binding
 * constraints, of shadow price times shift factor, so it moves with that of its neighbours and its last hour.
 */
export class PriceModel {
  /** Energy price of the interval in millionths of $/MWh. */
  energy = 0;
  /** Congestion of the node last asked for, in millionths of $/MWh. */
  congestion = 0;
  /** Marginal loss price of the node last asked for, in millionths of $/MWh. */
  loss = 0;

  readonly #seed: number;
  readonly #realTime: boolean;
  readonly #energyStep: number;
  readonly #shiftFactors: Float64Array;
  readonly #lossFactors: Float64Array;
  /** What a node's congestion and loss are rounded to, in millionths of $/MWh. */
  readonly #steps: Int32Array;
  #binding: { constraint: number; shadowPrice: number }[] = [];
  #lossScale = 0;

  constructor(seed: number, nodes: readonly PricedNode[], options: PriceModelOptions = {}) {
    const { realTime = false, energyStep = CENT, stepOf = () => CENT } = options;
    this.#seed = seed;
    this.#realTime = realTime;
    this.#energyStep = energyStep;
    this.#shiftFactors = shiftFactors(seed, nodes);
    this.#lossFactors = Float64Array.from(
      nodes,
      (node) => (uniform(seed, SERIES.loss, node.id) - 0.55) * 0.09,
    );
    this.#steps = Int32Array.from(nodes, (_, index) => stepOf(index));
  }

  /** Goes to an interval: sets `energy`, and what `setNode` answers. */
  setInterval({ utcMs, wallMs }: IntervalStart): void {
    const seed = this.#seed;
    const hours = utcMs / HOUR_MS;
    const stepsPerDollar = MICROS / this.#energyStep;
    this.energy = Math.round(this.#energyDollars(hours, wallMs) * stepsPerDollar) * this.#energyStep;
    this.#lossScale = (this.energy / MICROS) * (1 + 0.3 * smoothNoise(seed, SERIES.loss, hours / 5));
    this.#binding = [];
    for (let constraint = 0; constraint < CONSTRAINTS; constraint++) {
      const load = smoothNoise(seed, SERIES.limit + constraint, hours / 4);
      if (load < 0.3) continue;
      // A few constraints are expensive, most cost some dollars.
      const size = constraint % 6 === 0 ? 140 : 16;
      const jitter = this.#realTime ? 1.8 * uniform(seed, SERIES.realTime + constraint, utcMs / 60_000) : 1;
      this.#binding.push({ constraint, shadowPrice: (load - 0.3) * size * jitter });
    }
  }

  /** Sets `congestion` and `loss` of a node in the interval. @param index of the node in the list given */
  setNode(index: number): void {
    let congestion = 0;
    for (const { constraint, shadowPrice } of this.#binding) {
      congestion += this.#shiftFactors[index * CONSTRAINTS + constraint]! * shadowPrice;
    }
    const step = this.#steps[index]!;
    this.congestion = Math.round((congestion * MICROS) / step) * step;
    this.loss = Math.round((this.#lossFactors[index]! * this.#lossScale * MICROS) / step) * step;
  }

  #energyDollars(hours: number, wallMs: number): number {
    const seed = this.#seed;
    const day = Math.floor(wallMs / DAY_MS);
    const hour = (wallMs - day * DAY_MS) / HOUR_MS;
    const from = DAILY_SHAPE[Math.floor(hour)]!;
    const to = DAILY_SHAPE[(Math.floor(hour) + 1) % 24]!;
    const shape = from + (to - from) * (hour - Math.floor(hour));
    // 1970-01-01 was a Thursday: days 2 and 3 of each seven are a weekend.
    const weekend = day % 7 === 2 || day % 7 === 3 ? 0.88 : 1;
    const level =
      43 + 16 * smoothNoise(seed, SERIES.level, day / 5) + 6 * smoothNoise(seed, SERIES.level, day);
    let price = level * shape * weekend * (1 + 0.08 * smoothNoise(seed, SERIES.hour, hours));
    if (this.#realTime) price *= 1 + 0.3 * smoothNoise(seed, SERIES.realTime, hours * 4);

    const whole = Math.floor(hours);
    const rare = this.#realTime ? 0.008 : 0.004;
    if (uniform(seed, SERIES.spike, whole) < rare) price += 90 + 600 * uniform(seed, SERIES.spike, -whole);
    const negative = this.#realTime && uniform(seed, SERIES.negative, whole) < 0.004;
    return negative ? -0.2 * price : price;
  }
}

/** Shift factors, by node and then by constraint: a zone's common part and the node's own, mostly near zero. */
function shiftFactors(seed: number, nodes: readonly PricedNode[]): Float64Array {
  const zones = new Map<string, number>();
  const factors = new Float64Array(nodes.length * CONSTRAINTS);
  nodes.forEach(({ id, zone }, index) => {
    if (!zones.has(zone)) zones.set(zone, zones.size);
    for (let constraint = 0; constraint < CONSTRAINTS; constraint++) {
      const common = 2 * uniform(seed, SERIES.zone + constraint, zones.get(zone)) - 1;
      const own = 2 * uniform(seed, SERIES.shift + constraint, id) - 1;
      factors[index * CONSTRAINTS + constraint] = 0.55 * common * common * common + 0.3 * own * own * own;
    }
  });
  return factors;
}

/**
 * Price of a reserve product in an interval: nothing for many hours, some dollars when it is short.
 *
 * @param series tells products and regions apart
 * @returns millionths of $/MW, whole cents, never negative
 */
export function reservePrice(seed: number, series: number, { utcMs }: IntervalStart): number {
  const hours = utcMs / HOUR_MS;
  const scarcity = smoothNoise(seed, SERIES.reserve + series, hours / 4);
  return Math.max(0, Math.round((scarcity + 0.2) * 900)) * CENT;
}
