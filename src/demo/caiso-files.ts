import { compactDay, DAY_MS, dashedDay, HOUR_MS, hourOf, midnightOf } from "./clock-text.js";
import { checkNodeCount, type DayOptions } from "./day-options.js";
import { NameMaker } from "./name-maker.js";
import { shortText } from "./number-text.js";
import { type IntervalStart, operatingDay } from "./operating-day.js";
import { type PricedNode, PriceModel, reservePrice } from "./price-model.js";
import { type SampleFile, writeSample } from "./sample-file.js";
import { SeededSequence } from "./seeded-noise.js";

/** CAISO prints up to five decimals. */
const STEP = 10;
const MOST_NODES = 20_000;
const ZONES = ["NP15", "SP15", "ZP26"];
/** The rows of a node, in OASIS's order: what kind of price, and what the report calls it. */
const COMPONENTS = [
  ["LMP", "LMP_PRC"],
  ["MCC", "LMP_CONG_PRC"],
  ["MCE", "LMP_ENE_PRC"],
  ["MCL", "LMP_LOSS_PRC"],
  ["MGHG", "LMP_GHG_PRC"],
] as const;
const REGIONS = ["AS_CAISO", "AS_CAISO_EXP", "AS_NP26", "AS_NP26_EXP", "AS_SP26", "AS_SP26_EXP"];
const PRODUCTS = { NR: "NS", RD: "RD", RMD: "RMD", RMU: "RMU", RU: "RU", SR: "SP" };
const NO_ORDER = 3001;

interface Node extends PricedNode {
  readonly name: string;
}

/** Name of OASIS's answer for an operating day, asked for in the afternoon before. */
function reportName(report: string, date: string): string {
  const day = midnightOf(date);
  const [from, to, asked] = [day, day + DAY_MS, day - DAY_MS].map(compactDay);
  return `${from}_${to}_${report}_DAM_${asked}_13_05_00_v12.csv`;
}

/**
 * The day-ahead LMPs of an operating day as OASIS prints them (PRC_LMP): one row per hour, node and component, hours
 * in no order of time. LMP = MCE + MCC + MCL + MGHG holds exactly. The header, then one string per node.
 *
 * @throws GridparquetError `usage` for a date that does not exist or a number of nodes out of range
 */
export function* caisoLmpFile({ date, nodeCount = 100, seed = 1 }: DayOptions): Generator<string> {
  checkNodeCount(nodeCount, MOST_NODES);
  const starts = operatingDay(date, 60, "America/Los_Angeles");
  const nodes = caisoNodes(nodeCount, seed);
  const model = new PriceModel(seed, nodes, { energyStep: STEP, stepOf: () => STEP });
  const random = new SeededSequence(seed + NO_ORDER);
  const times = starts.map(timeCells);
  const prices = dayPrices(model, starts, nodeCount);

  yield "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE_ID_XML,NODE_ID,NODE," +
    "MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,GROUP\n";
  let group = 0;
  for (const [index, { name }] of nodes.entries()) {
    let text = "";
    for (const [component, [type, item]] of COMPONENTS.entries()) {
      group++;
      const place = `0,${name},${name},${name},DAM,${type},${item},${name},ALL,1,`;
      for (const hour of shuffled(starts.length, random)) {
        const price = prices[(hour * nodeCount + index) * COMPONENTS.length + component]!;
        text += `${times[hour]}${place}${shortText(price)},${group}\n`;
      }
    }
    yield text;
  }
}

/** Writes the file of {@link caisoLmpFile}; in a zip unless told. */
export function writeCaisoLmp(folder: string, options: DayOptions): Promise<SampleFile> {
  const { date, container = "zip" } = options;
  return writeSample(folder, reportName("PRC_LMP", date), caisoLmpFile(options), container);
}

/** The day-ahead ancillary service prices of an operating day (PRC_AS): one row per hour, product and region. */
export function* caisoAncillaryFile({ date, seed = 1 }: DayOptions): Generator<string> {
  const starts = operatingDay(date, 60, "America/Los_Angeles");
  const random = new SeededSequence(seed + NO_ORDER);
  yield "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,OPR_TYPE,ANC_TYPE,ANC_REGION," +
    "MARKET_RUN_ID,XML_DATA_ITEM,MW,GROUP\n";
  for (const [group, [product, item]] of Object.entries(PRODUCTS).entries()) {
    let text = "";
    for (const row of shuffled(starts.length * REGIONS.length, random)) {
      const region = row % REGIONS.length;
      const start = starts[Math.floor(row / REGIONS.length)]!;
      const price = shortText(reservePrice(seed, group * REGIONS.length + region, start));
      text += `${timeCells(start)}0,Hourly,${product},${REGIONS[region]},DAM,${item}_CLR_PRC,${price},${group + 1}\n`;
    }
    yield text;
  }
}

/** Writes the file of {@link caisoAncillaryFile}; in a zip unless told. */
export function writeCaisoAncillary(folder: string, options: DayOptions): Promise<SampleFile> {
  const { date, container = "zip" } = options;
  return writeSample(folder, reportName("PRC_AS", date), caisoAncillaryFile(options), container);
}

/** Millionths of $/MWh by hour, node and component, components in the order of {@link COMPONENTS}. */
function dayPrices(model: PriceModel, starts: readonly IntervalStart[], nodes: number): Float64Array {
  const prices = new Float64Array(starts.length * nodes * COMPONENTS.length);
  let at = 0;
  for (const start of starts) {
    model.setInterval(start);
    for (let node = 0; node < nodes; node++) {
      model.setNode(node);
      const { energy, congestion, loss } = model;
      // nothing of it is for greenhouse gas, as inside California
      for (const price of [energy + congestion + loss, congestion, energy, loss, 0]) prices[at++] = price;
    }
  }
  return prices;
}

/** Start and end in UTC, operating date and hour. The repeated hour is 25, the short day leaves 3 out. */
function timeCells({ utcMs, wallMs, repeated }: IntervalStart): string {
  const hour = repeated ? 25 : hourOf(wallMs) + 1;
  return `${utcTime(utcMs)},${utcTime(utcMs + HOUR_MS)},${dashedDay(wallMs)},${hour},`;
}

function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}-00:00`;
}

/** Nodes by name: a substation, its voltage's class and the number of a bus. */
function caisoNodes(count: number, seed: number): Node[] {
  const random = new SeededSequence(seed);
  const names = new NameMaker(random);
  const nodes = Array.from({ length: count }, (_, id) => {
    const bus = String(random.integer(1, 120)).padStart(3, "0");
    return { id, name: `${names.next("")}_${random.integer(1, 7)}_N${bus}`, zone: random.pick(ZONES) };
  });
  return nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The whole numbers below `count` in a random order. */
function shuffled(count: number, random: SeededSequence): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = random.integer(0, i);
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
