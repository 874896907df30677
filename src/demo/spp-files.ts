import { compactDay, HOUR_MS, midnightOf, slashedTime } from "./clock-text.js";
import { checkNodeCount, type DayOptions } from "./day-options.js";
import { NameMaker } from "./name-maker.js";
import { fixedText } from "./number-text.js";
import { type IntervalStart, operatingDay } from "./operating-day.js";
import { type PricedNode, PriceModel, reservePrice } from "./price-model.js";
import { type SampleFile, writeSample } from "./sample-file.js";
import { SeededSequence } from "./seeded-noise.js";

const TIME_ZONE = "America/Chicago";
/** SPP prints four decimals. */
const STEP = 100;
const MOST_NODES = 20_000;
const UTILITIES = ["CSWS", "EDE", "GRDA", "KCPL", "LES", "MPS", "NPPD", "OKGE", "OPPD", "SPS", "WFEC", "WR"];
const PRODUCTS = ["RegUP", "RegDN", "Spin", "Supp", "RampUP", "RampDN", "UncUP"];
/** SPP has five, and prints the whole of it as the sixth. */
const RESERVE_ZONES = 6;

const price = fixedText(4);

interface SettlementLocation extends PricedNode {
  readonly name: string;
  readonly pnode: string;
}

/**
 * The day-ahead LMPs of an operating day by settlement location (DA-LMP-SL), in the order LMP, loss, congestion,
 * energy; LMP is their sum exactly. The header, then one string per hour.
 *
 * @throws GridparquetError `usage` for a date that does not exist or a number of locations out of range
 */
export function* sppLmpFile({ date, nodeCount = 100, seed = 1 }: DayOptions): Generator<string> {
  checkNodeCount(nodeCount, MOST_NODES);
  const locations = settlementLocations(nodeCount, seed);
  const model = new PriceModel(seed, locations, { energyStep: STEP, stepOf: () => STEP });
  yield "Interval,GMTIntervalEnd,Settlement Location,Pnode,LMP,MLC,MCC,MEC\n";
  for (const start of operatingDay(date, 60, TIME_ZONE)) {
    model.setInterval(start);
    const times = timeCells(start);
    const energy = price(model.energy);
    let text = "";
    for (const [index, { name, pnode }] of locations.entries()) {
      model.setNode(index);
      const { congestion, loss } = model;
      const total = price(model.energy + congestion + loss);
      text += `${times}${name},${pnode},${total},${price(loss)},${price(congestion)},${energy}\n`;
    }
    yield text;
  }
}

/** Writes the file of {@link sppLmpFile}; as plain CSV unless told. */
export function writeSppLmp(folder: string, options: DayOptions): Promise<SampleFile> {
  return writeSample(
    folder,
    fileName("DA-LMP-SL", options.date),
    sppLmpFile(options),
    options.container ?? "csv",
  );
}

/**
 * The day-ahead clearing prices of an operating day (DA-MCP): a row per hour and reserve zone, a column per product.
 *
 * @param options `nodeCount` is the number of reserve zones; default 6, as SPP has. The last is `SPP`.
 */
export function* sppMcpFile({ date, nodeCount = RESERVE_ZONES, seed = 1 }: DayOptions): Generator<string> {
  checkNodeCount(nodeCount, MOST_NODES);
  const zones = [...Array.from({ length: nodeCount - 1 }, (_, i) => String(i + 1)), "SPP"];
  yield `Interval,GMTIntervalEnd,Reserve Zone,${PRODUCTS.join(",")}\n`;
  for (const start of operatingDay(date, 60, TIME_ZONE)) {
    // zones differ when a reserve cannot reach one of them, which is rare: here they never do
    const prices = PRODUCTS.map((_, product) => price(reservePrice(seed, product, start))).join(",");
    yield zones.map((zone) => `${timeCells(start)}${zone},${prices}\n`).join("");
  }
}

/** Writes the file of {@link sppMcpFile}; as plain CSV unless told. */
export function writeSppMcp(folder: string, options: DayOptions): Promise<SampleFile> {
  return writeSample(
    folder,
    fileName("DA-MCP", options.date),
    sppMcpFile(options),
    options.container ?? "csv",
  );
}

function fileName(report: string, date: string): string {
  return `${report}-${compactDay(midnightOf(date))}0100.csv`;
}

/** The interval's end on the wall clock, which counts on from its beginning, and in UTC. */
function timeCells({ utcMs, wallMs }: IntervalStart): string {
  return `${slashedTime(wallMs + HOUR_MS)},${slashedTime(utcMs + HOUR_MS)},`;
}

/** Locations by name, each with the node that stands behind it. */
function settlementLocations(count: number, seed: number): SettlementLocation[] {
  const random = new SeededSequence(seed);
  const names = new NameMaker(random);
  const locations: Omit<SettlementLocation, "id">[] = ["NORTH", "SOUTH"].map((side) => {
    return { name: `SPP${side}_HUB`, pnode: `SPP${side}_H`, zone: "" };
  });
  for (const zone of UTILITIES) locations.push({ name: `${zone}_${zone}`, pnode: `${zone}_LA`, zone });
  locations.splice(count);
  while (locations.length < count) {
    const zone = random.pick(UTILITIES);
    const name = names.next("");
    const unit = random.integer(1, 4);
    locations.push({ name: `${zone}${name}${unit}`, pnode: `${zone}${name}UN${unit}_RA`, zone });
  }
  return locations.map((location, id) => ({ ...location, id })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
