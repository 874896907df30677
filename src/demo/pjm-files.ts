import type { TimestampForm } from "../feeds/feed-definition.js";
import { checkNodeCount, type DayOptions } from "./day-options.js";
import { fixedText } from "./number-text.js";
import { operatingDay } from "./operating-day.js";
import { type PjmNode, pjmNodes } from "./pjm-nodes.js";
import { CENT, PriceModel, reservePrice } from "./price-model.js";
import { type SampleFile, writeSample } from "./sample-file.js";
import { uniform } from "./seeded-noise.js";

/** Feeds that can be made. */
export type PjmFeed = "da_hourly" | "rt_hourly" | "rt_5min";

/** What a generated day file holds. Nodes per interval are 1 to 50,000, 100 unless told. */
export interface PjmDayOptions extends DayOptions {
  feed: PjmFeed;
  /** How times are printed. Default: as the website prints them. */
  timestampForm?: TimestampForm;
  /** Default: CRLF with the website's times, LF with the API's. */
  lineEnd?: "\r\n" | "\n";
  /** Share of keys, 0 to 1, that appear twice: `False,1` with an older price, then `True,2`. Default 0. */
  revisedShare?: number;
  /**
   * Whether prices of ZONE, HUB and AGGREGATE nodes use all six decimals, as PJM's averages do; else every price is
   * in whole cents. Default false.
   */
  sixDecimalAggregates?: boolean;
}

const FEEDS: Record<PjmFeed, { file: string; suffix: "da" | "rt"; minutes: number }> = {
  da_hourly: { file: "da_hrl_lmps", suffix: "da", minutes: 60 },
  rt_hourly: { file: "rt_hrl_lmps", suffix: "rt", minutes: 60 },
  rt_5min: { file: "rt_fivemin_hrl_lmps", suffix: "rt", minutes: 5 },
};
/** With more, the blocks of ids would run into each other; PJM itself has about 14,000. */
const MOST_NODES = 50_000;
/** Types of node whose prices are averages. */
const AVERAGES: ReadonlySet<PjmNode["type"]> = new Set(["ZONE", "HUB", "AGGREGATE"]);
const REVISION_SEED = 7919;

/** Name of the day file: `da_hrl_lmps_2024-03-10.csv`. */
export function pjmFileName({ feed, date }: Pick<PjmDayOptions, "feed" | "date">): string {
  return `${FEEDS[feed].file}_${date}.csv`;
}

/**
 * The text of a day file in the layout of PJM's Data Miner 2: the header, then one string per interval of the
 * operating day (23, 24 or 25 hours), its rows by pnode_id. Total = energy + congestion + loss holds exactly.
 *
 * @throws GridparquetError `usage` for a date that does not exist or a number of nodes out of range
 */
export function* pjmDayFile(options: PjmDayOptions): Generator<string> {
  const { feed, date, nodeCount = 100, seed = 1, timestampForm = "M/D/YYYY h:mm:ss AM" } = options;
  checkNodeCount(nodeCount, MOST_NODES);
  const { suffix, minutes } = FEEDS[feed];
  const lineEnd = options.lineEnd ?? (timestampForm === "M/D/YYYY h:mm:ss AM" ? "\r\n" : "\n");
  const starts = operatingDay(date, minutes);
  const nodes = pjmNodes(nodeCount, seed);
  const model = new PriceModel(seed, nodes, {
    realTime: suffix === "rt",
    stepOf: (index) => (options.sixDecimalAggregates && AVERAGES.has(nodes[index]!.type) ? 1 : CENT),
  });
  const places = nodes.map(placeCells);

  yield header(suffix) + lineEnd;
  for (const start of starts) {
    model.setInterval(start);
    const times = `${timeText(start.utcMs, timestampForm)},${timeText(start.wallMs, timestampForm)}`;
    // Only the day-ahead energy price is printed with two decimals.
    const energy = suffix === "da" ? (model.energy / 1e6).toFixed(2) : priceText(model.energy);
    let text = "";
    for (let index = 0; index < nodes.length; index++) {
      model.setNode(index);
      const row = `${times}${places[index]!}${energy}`;
      if (isRevised(options.revisedShare, seed, start.utcMs, nodes[index]!.id)) {
        // The older price lacked a dime of congestion.
        text += `${row}${priceCells(model, -100_000)},False,1${lineEnd}${row}${priceCells(model, 0)},True,2${lineEnd}`;
      } else {
        text += `${row}${priceCells(model, 0)},True,1${lineEnd}`;
      }
    }
    yield text;
  }
}

/** Writes the file of {@link pjmDayFile}; as plain CSV unless told. */
export function writePjmDay(folder: string, options: PjmDayOptions): Promise<SampleFile> {
  return writeSample(folder, pjmFileName(options), pjmDayFile(options), options.container ?? "csv");
}

/** The hourly ancillary service prices of a day (ancillary_services), of one service. The header, then one string per hour. */
export function* pjmAncillaryFile({ date, seed = 1 }: DayOptions): Generator<string> {
  const service = "RTO Synchronized Reserve";
  const form = "M/D/YYYY h:mm:ss AM";
  yield "datetime_beginning_utc,datetime_beginning_ept,ancillary_service,unit,value,row_is_current,version_nbr\r\n";
  for (const start of operatingDay(date, 60)) {
    const times = `${timeText(start.utcMs, form)},${timeText(start.wallMs, form)}`;
    yield `${times},${service},Price,${priceText(reservePrice(seed, 0, start))},True,1\r\n`;
  }
}

/** Writes the file of {@link pjmAncillaryFile}; as plain CSV unless told. */
export function writePjmAncillary(folder: string, options: DayOptions): Promise<SampleFile> {
  const name = `ancillary_services_${options.date}.csv`;
  return writeSample(folder, name, pjmAncillaryFile(options), options.container ?? "csv");
}

function header(suffix: "da" | "rt"): string {
  const prices = ["system_energy_price", "total_lmp", "congestion_price", "marginal_loss_price"];
  return [
    ...["datetime_beginning_utc", "datetime_beginning_ept", "pnode_id", "pnode_name"],
    ...["voltage", "equipment", "type", "zone"],
    ...prices.map((name) => `${name}_${suffix}`),
    ...["row_is_current", "version_nbr"],
  ].join(",");
}

/** The cells between the times and the prices, commas around them. */
function placeCells({ id, name, voltage, equipment, type, zone }: PjmNode): string {
  return `,${id},${name},${voltage},${equipment},${type},${zone},`;
}

function priceCells(model: PriceModel, correction: number): string {
  const congestion = model.congestion + correction;
  const total = model.energy + congestion + model.loss;
  return `,${priceText(total)},${priceText(congestion)},${priceText(model.loss)}`;
}

function isRevised(share: number | undefined, seed: number, utcMs: number, nodeId: number): boolean {
  return share !== undefined && uniform(seed + REVISION_SEED, utcMs / 60_000, nodeId) < share;
}

/** A price with six decimals. */
const priceText = fixedText(6);

/** @param ms the time is what `new Date(ms)` shows in its UTC fields */
function timeText(ms: number, form: TimestampForm): string {
  const time = new Date(ms);
  if (form === "YYYY-MM-DDTHH:mm:ss") return time.toISOString().slice(0, 19);
  const hour = time.getUTCHours();
  const minute = String(time.getUTCMinutes()).padStart(2, "0");
  const day = `${time.getUTCMonth() + 1}/${time.getUTCDate()}/${time.getUTCFullYear()}`;
  return `${day} ${hour % 12 || 12}:${minute}:00 ${hour < 12 ? "AM" : "PM"}`;
}
