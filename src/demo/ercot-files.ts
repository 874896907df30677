import {
  clockTime,
  compactDay,
  DAY_MS,
  HOUR_MS,
  hourOf,
  MINUTE_MS,
  midnightOf,
  slashedDay,
  twoDigits,
} from "./clock-text.js";
import { checkNodeCount, type DayOptions } from "./day-options.js";
import { NameMaker } from "./name-maker.js";
import { shortText } from "./number-text.js";
import { type IntervalStart, operatingDay, wallClock } from "./operating-day.js";
import { type PricedNode, PriceModel } from "./price-model.js";
import { type SampleFile, writeBytes, writeSample } from "./sample-file.js";
import { SeededSequence } from "./seeded-noise.js";
import { zipFile } from "./zip-file.js";

const TIME_ZONE = "America/Chicago";
const MOST_NODES = 20_000;
const QUARTER_MS = 15 * MINUTE_MS;
/** A report's file is posted some minutes after what it is of. */
const POSTED_MS = 2 * MINUTE_MS + 6000;
const DAM_REPORT = "00012331";
const RTM_REPORT = "00012301";

const HUBS = ["HB_HOUSTON", "HB_NORTH", "HB_PAN", "HB_SOUTH", "HB_WEST"];
const LOAD_ZONES = ["AEN", "CPS", "HOUSTON", "LCRA", "NORTH", "RAYBN", "SOUTH", "WEST"].map(
  (zone) => `LZ_${zone}`,
);
const TIES = ["DC_E", "DC_L", "DC_N", "DC_R", "DC_S"];
const UNITS = ["_ALL", "_RN", "_UNIT1", "_G1", "_WND1", "_SLR"];

interface SettlementPoint extends PricedNode {
  readonly name: string;
  readonly type: string;
}

/** What the files of a real-time day are put into: each in a zip of its own, or those zips in one for the day. */
export type IntervalContainer = "zips" | "archive";

/**
 * The day-ahead settlement point prices of a delivery day (DAMSPNP4190): hour by hour, points by name; the flag is Y
 * in the second pass of the repeated hour. The header, then one string per hour.
 *
 * @throws GridparquetError `usage` for a date that does not exist or a number of points out of range
 */
export function* ercotDamFile({ date, nodeCount = 100, seed = 1 }: DayOptions): Generator<string> {
  const points = settlementPoints(nodeCount, seed).filter(({ type }) => !type.endsWith("EW"));
  const model = new PriceModel(seed, points);
  yield "DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag\n";
  for (const start of operatingDay(date, 60, TIME_ZONE)) {
    const hour = `${slashedDay(start.wallMs)},${twoDigits(hourOf(start.wallMs) + 1)}:00,`;
    model.setInterval(start);
    let text = "";
    for (const [index, { name }] of points.entries()) {
      text += `${hour}${name}, ${shortText(totalOf(model, index))},${flag(start)}\n`;
    }
    yield text;
  }
}

/** Writes the file of {@link ercotDamFile}; in a zip unless told, which is named as ERCOT names its downloads. */
export async function writeErcotDam(folder: string, options: DayOptions): Promise<SampleFile> {
  const { date, container = "zip" } = options;
  // posted on the day before
  const posted = midnightOf(date) - DAY_MS + 12 * HOUR_MS + 31 * MINUTE_MS;
  const name = csvName(DAM_REPORT, posted, "DAMSPNP4190");
  if (container !== "zip") return writeSample(folder, name, ercotDamFile(options), container);
  const content = Buffer.from([...ercotDamFile(options)].join(""));
  return writeBytes(
    folder,
    zipName(DAM_REPORT, posted, posted),
    zipFile([{ name, content }]),
    content.length,
  );
}

/** A file of one quarter of an hour, with the zip that it comes in. */
interface QuarterFile {
  zip: string;
  name: string;
  text: string;
}

/** The real-time settlement point prices of a day (SPPHLZNP6905): a file per quarter of an hour. */
function* quarterFiles({ date, nodeCount = 100, seed = 1 }: DayOptions): Generator<QuarterFile> {
  const points = settlementPoints(nodeCount, seed);
  const model = new PriceModel(seed, points, { realTime: true });
  for (const start of operatingDay(date, 15, TIME_ZONE)) {
    const quarter = (start.wallMs % HOUR_MS) / QUARTER_MS + 1;
    const time = `${slashedDay(start.wallMs)},${hourOf(start.wallMs) + 1},${quarter},`;
    model.setInterval(start);
    let text =
      "DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,SettlementPointType,SettlementPointPrice," +
      "DSTFlag\n";
    for (const [index, { name, type }] of points.entries()) {
      text += `${time}${name},${type},${shortText(totalOf(model, index))},${flag(start)}\n`;
    }
    const endMs = start.utcMs + QUARTER_MS;
    const end = wallClock(endMs, TIME_ZONE);
    const stamp = `${compactDay(end)}_${clockTime(end).slice(0, 5).replace(":", "")}`;
    const posted = end + POSTED_MS;
    yield {
      zip: zipName(RTM_REPORT, posted, endMs),
      name: csvName(RTM_REPORT, posted, `SPPHLZNP6905_${stamp}`),
      text,
    };
  }
}

/**
 * Writes the real-time settlement point prices of a delivery day: 92, 96 or 100 small files.
 *
 * @param container default `zips`
 * @returns the zips; of an archive that alone
 * @throws GridparquetError `usage` for a date that does not exist or a number of points out of range
 */
export async function writeErcotRtm(
  folder: string,
  options: Omit<DayOptions, "container">,
  container: IntervalContainer = "zips",
): Promise<SampleFile[]> {
  const files: SampleFile[] = [];
  const zips: { name: string; content: Buffer; csvBytes: number }[] = [];
  for (const { zip, name, text } of quarterFiles(options)) {
    const csv = Buffer.from(text);
    const content = zipFile([{ name, content: csv }]);
    if (container === "archive") zips.push({ name: zip, content, csvBytes: csv.length });
    else files.push(await writeBytes(folder, zip, content, csv.length));
  }
  if (container === "zips") return files;
  const csvBytes = zips.reduce((sum, zip) => sum + zip.csvBytes, 0);
  const name = `SPPHLZNP6905_${compactDay(midnightOf(options.date))}.zip`;
  return [await writeBytes(folder, name, zipFile(zips), csvBytes)];
}

function totalOf(model: PriceModel, index: number): number {
  model.setNode(index);
  return model.energy + model.congestion + model.loss;
}

function flag({ repeated }: IntervalStart): string {
  return repeated ? "Y" : "N";
}

/** @param posted wall clock */
function csvName(report: string, posted: number, what: string): string {
  const time = clockTime(posted).replaceAll(":", "");
  return `cdr.${report}.0000000000000000.${compactDay(posted)}.${time}.${what}.csv`;
}

/**
 * Name of a download: report, time of posting, number of the document.
 *
 * @param posted wall clock, which comes twice in autumn
 * @param ms an instant, which the document's number follows from: it does not come twice
 */
function zipName(report: string, posted: number, ms: number): string {
  const time = clockTime(posted).replaceAll(":", "");
  return `${report}_${compactDay(posted)}_${time}000_${Math.floor(ms / MINUTE_MS) * 32}.zip`;
}

/**
 * Points by name. A load zone or tie comes twice, the second time energy weighted with its own price; these come in
 * real-time files only and are not counted.
 */
function settlementPoints(count: number, seed: number): SettlementPoint[] {
  checkNodeCount(count, MOST_NODES);
  const random = new SeededSequence(seed);
  const names = new NameMaker(random);
  const points: Omit<SettlementPoint, "id">[] = [
    ...HUBS.map((name) => ({ name, type: "HU", zone: name.slice(3) })),
    { name: "HB_BUSAVG", type: "SH", zone: "" },
    { name: "HB_HUBAVG", type: "AH", zone: "" },
    ...LOAD_ZONES.map((name) => ({ name, type: "LZ", zone: name.slice(3) })),
    ...TIES.map((name) => ({ name, type: "LZ_DC", zone: "" })),
  ].slice(0, count);
  for (const { name, type, zone } of [...points]) {
    if (type === "LZ" || type === "LZ_DC") points.push({ name, type: `${type}EW`, zone });
  }
  let resources = count - points.filter(({ type }) => !type.endsWith("EW")).length;
  for (; resources > 0; resources--) {
    const chance = random.next();
    const type = chance < 0.62 ? "RN" : chance < 0.84 ? "PCCRN" : chance < 0.93 ? "LCCRN" : "PUN";
    const name =
      names.next("_") + (type === "PUN" ? "_PUN1" : type === "LCCRN" ? "_CC1" : random.pick(UNITS));
    points.push({ name, type, zone: random.pick(LOAD_ZONES).slice(3) });
  }
  return points
    .map((point, id) => ({ ...point, id }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id));
}
