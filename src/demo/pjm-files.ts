import { writeFile } from "node:fs/promises";
import path from "node:path";
import { GridparquetError } from "../errors.js";
import type { TimestampForm } from "../feeds/feed-definition.js";
import { makeFolder } from "../make-folder.js";
import { operatingDay } from "./operating-day.js";
import { type PjmNode, pjmNodes } from "./pjm-nodes.js";
import { PjmPriceModel } from "./pjm-prices.js";
import { uniform } from "./seeded-noise.js";

/** Feeds that can be made. */
export type PjmFeed = "da_hourly" | "rt_hourly" | "rt_5min";

/** What a generated day file holds. The same options always give the same bytes. */
export interface PjmDayOptions {
  feed: PjmFeed;
  /** Operating date, `YYYY-MM-DD`. */
  date: string;
  /** Nodes per interval, 1 to 50,000. Default 100. */
  nodeCount?: number;
  /** Whole number; the nodes and their prices follow from it. Default 1. */
  seed?: number;
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
  if (!Number.isInteger(nodeCount) || nodeCount < 1 || nodeCount > MOST_NODES) {
    throw new GridparquetError("usage", `The number of nodes is from 1 to ${MOST_NODES}, not ${nodeCount}.`);
  }
  const { suffix, minutes } = FEEDS[feed];
  const lineEnd = options.lineEnd ?? (timestampForm === "M/D/YYYY h:mm:ss AM" ? "\r\n" : "\n");
  const starts = operatingDay(date, minutes);
  const nodes = pjmNodes(nodeCount, seed);
  const model = new PjmPriceModel(seed, nodes, suffix === "rt", options.sixDecimalAggregates ?? false);
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

/**
 * Writes a day file, interval by interval, into the folder, which is made if missing.
 *
 * @returns the file's path
 * @throws GridparquetError as {@link pjmDayFile}; the system's error when the file cannot be written
 */
export async function writePjmDay(folder: string, options: PjmDayOptions): Promise<string> {
  await makeFolder(folder);
  const file = path.join(folder, pjmFileName(options));
  await writeFile(file, pjmDayFile(options));
  return file;
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

function priceCells(model: PjmPriceModel, correction: number): string {
  const congestion = model.congestion + correction;
  const total = model.energy + congestion + model.loss;
  return `,${priceText(total)},${priceText(congestion)},${priceText(model.loss)}`;
}

function isRevised(share: number | undefined, seed: number, utcMs: number, nodeId: number): boolean {
  return share !== undefined && uniform(seed + REVISION_SEED, utcMs / 60_000, nodeId) < share;
}

/** Texts of prices in whole cents, from 0 to 500 $/MWh: nearly all prices are among them. */
const CENT_TEXTS = Array.from({ length: 50_000 }, (_, cents) => (cents / 100).toFixed(6));

/** A price with six decimals. @param micros millionths of $/MWh, a whole number */
function priceText(micros: number): string {
  if (micros < 0) return `-${priceText(-micros)}`;
  return CENT_TEXTS[micros / 10_000] ?? (micros / 1e6).toFixed(6);
}

/** @param ms the time is what `new Date(ms)` shows in its UTC fields */
function timeText(ms: number, form: TimestampForm): string {
  const time = new Date(ms);
  if (form === "YYYY-MM-DDTHH:mm:ss") return time.toISOString().slice(0, 19);
  const hour = time.getUTCHours();
  const minute = String(time.getUTCMinutes()).padStart(2, "0");
  const day = `${time.getUTCMonth() + 1}/${time.getUTCDate()}/${time.getUTCFullYear()}`;
  return `${day} ${hour % 12 || 12}:${minute}:00 ${hour < 12 ? "AM" : "PM"}`;
}
