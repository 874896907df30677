import { compactDay, MINUTE_MS, midnightOf, slashedTime } from "./clock-text.js";
import type { DayOptions } from "./day-options.js";
import { fixedText } from "./number-text.js";
import { operatingDay, wallClock } from "./operating-day.js";
import { type PricedNode, PriceModel } from "./price-model.js";
import { type SampleFile, writeBytes, writeSample } from "./sample-file.js";
import { zipFile } from "./zip-file.js";

const TIME_ZONE = "America/New_York";
/** NYISO's zones and its neighbours, with their PTIDs. */
const ZONES: readonly (PricedNode & { name: string })[] = [
  ["CAPITL", 61757],
  ["CENTRL", 61754],
  ["DUNWOD", 61760],
  ["GENESE", 61753],
  ["H Q", 61844],
  ["HUD VL", 61758],
  ["LONGIL", 61762],
  ["MHK VL", 61756],
  ["MILLWD", 61759],
  ["N.Y.C.", 61761],
  ["NORTH", 61755],
  ["NPX", 61845],
  ["O H", 61846],
  ["PJM", 61847],
  ["WEST", 61752],
].map(([name, id]) => ({ name: name as string, id: id as number, zone: "" }));

/** Feeds that can be made, by their minutes. */
const MINUTES = { damlbmp_zone: 60, realtime_zone: 5 };
export type NyisoFeed = keyof typeof MINUTES;

/** The zones are NYISO's own fifteen. */
export type NyisoOptions = Omit<DayOptions, "nodeCount"> & { feed: NyisoFeed };

const cents = fixedText(2);

/**
 * The zonal LBMPs of a day. Times are the wall clock: the hour's beginning in day-ahead files, the interval's end in
 * five-minute ones; the repeated hour is told by nothing but the order. Congestion has NYISO's own sign: LBMP =
 * energy + losses - congestion, energy being the same for all zones. The header, then one string per interval.
 *
 * @throws GridparquetError `usage` for a date that does not exist
 */
export function* nyisoFile({ feed, date, seed = 1 }: NyisoOptions): Generator<string> {
  const minutes = MINUTES[feed];
  const model = new PriceModel(seed, ZONES, { realTime: feed === "realtime_zone" });
  yield '"Time Stamp","Name","PTID","LBMP ($/MWHr)","Marginal Cost Losses ($/MWHr)",' +
    '"Marginal Cost Congestion ($/MWHr)"\n';
  for (const start of operatingDay(date, minutes, TIME_ZONE)) {
    const end = wallClock(start.utcMs + minutes * MINUTE_MS, TIME_ZONE);
    const stamp = feed === "realtime_zone" ? slashedTime(end) : slashedTime(start.wallMs).slice(0, -3);
    model.setInterval(start);
    let text = "";
    for (const [index, { name, id }] of ZONES.entries()) {
      model.setNode(index);
      const { energy, congestion, loss } = model;
      const prices = [energy + congestion + loss, loss, 0 - congestion].map(cents).join(",");
      text += `"${stamp}","${name}",${id},${prices}\n`;
    }
    yield text;
  }
}

/** Name of a day's CSV: `20250309damlbmp_zone.csv`. */
function dayName(feed: NyisoFeed, date: string): string {
  return `${compactDay(midnightOf(date))}${feed}.csv`;
}

/** Writes the file of {@link nyisoFile}; as plain CSV unless told. */
export function writeNyiso(folder: string, options: NyisoOptions): Promise<SampleFile> {
  const { feed, date, container = "csv" } = options;
  return writeSample(folder, dayName(feed, date), nyisoFile(options), container);
}

/**
 * Writes days of one month as NYISO archives them: one zip with a CSV per day, `20250301damlbmp_zone_csv.zip`.
 *
 * @param dates of one month, at least one
 */
export function writeNyisoMonth(
  folder: string,
  feed: NyisoFeed,
  dates: readonly string[],
  seed = 1,
): Promise<SampleFile> {
  const entries = dates.map((date) => ({
    name: dayName(feed, date),
    content: Buffer.from([...nyisoFile({ feed, date, seed })].join("")),
  }));
  const csvBytes = entries.reduce((sum, { content }) => sum + content.length, 0);
  const month = `${compactDay(midnightOf(dates[0]!)).slice(0, 6)}01`;
  return writeBytes(folder, `${month}${feed}_csv.zip`, zipFile(entries), csvBytes);
}
