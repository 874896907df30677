import { compactDay, DAY_MS, hourOf, midnightOf, slashedDay, twoDigits } from "./clock-text.js";
import { checkNodeCount, type DayOptions } from "./day-options.js";
import { NameMaker } from "./name-maker.js";
import { pointText } from "./number-text.js";
import { operatingDay } from "./operating-day.js";
import { type PricedNode, PriceModel } from "./price-model.js";
import { type SampleFile, writeSample } from "./sample-file.js";
import { SeededSequence } from "./seeded-noise.js";

const MOST_NODES = 3000;
const ZONES = [
  ...["MAINE", "NEWHAMPSHIRE", "VERMONT", "CONNECTICUT", "RHODEISLAND"],
  ...["SEMASS", "WCMASS", "NEMASSBOST"],
];
const VOLTAGES = ["13.2", "13.8", "23  ", "34.5", "69  ", "115 "];
/** Location ids of network nodes, from the hub on, and of hub nodes. */
const FIRST_ID = { network: 321, hub: 4000, hubNode: 6352 };

interface Location extends PricedNode {
  readonly name: string;
  readonly type: "HUB" | "HUB NODE" | "LOAD ZONE" | "NETWORK NODE";
}

/**
 * The day-ahead LMPs of an operating day (WW_DALMP_ISO): records of comment, header, data and trailer. The hour is
 * named by its end, the repeated one `02X`. Total = energy + congestion + loss holds exactly. What stands before the
 * data, one string per hour, the trailer.
 *
 * @throws GridparquetError `usage` for a date that does not exist or a number of locations out of range
 */
export function* isoneFile({ date, nodeCount = 100, seed = 1 }: DayOptions): Generator<string> {
  checkNodeCount(nodeCount, MOST_NODES);
  const day = slashedDay(midnightOf(date));
  const locations = isoneLocations(nodeCount, seed);
  const model = new PriceModel(seed, locations);
  const starts = operatingDay(date, 60);
  // made at noon of the day before, when the clock is that of the day's first hour
  const zone = new Date(starts[0]!.utcMs).getUTCHours() === 5 ? "EST" : "EDT";
  const made = `${slashedDay(midnightOf(date) - DAY_MS)} 12:57:12 ${zone}`;

  yield `"C","Day-Ahead Energy Market Hourly LMP Report"\n"C","Filename: ${isoneName(date)}"\n` +
    `"C","Report for: ${day} - ${day}"\n"C","Report generated: ${made}"\n` +
    '"H","Date","Hour Ending","Location ID","Location Name","Location Type","Locational Marginal Price",' +
    '"Energy Component","Congestion Component","Marginal Loss Component"\n' +
    '"H","Date","HE","String","String","String","Number","Number","Number","Number"\n';
  for (const start of starts) {
    const hour = `${twoDigits(hourOf(start.wallMs) + 1)}${start.repeated ? "X" : ""}`;
    model.setInterval(start);
    let text = "";
    for (const [index, { id, name, type }] of locations.entries()) {
      model.setNode(index);
      const { energy, congestion, loss } = model;
      const prices = [energy + congestion + loss, energy, congestion, loss].map(pointText).join(",");
      text += `"D","${day}","${hour}","${id}","${name}","${type}",${prices}\n`;
    }
    yield text;
  }
  yield `"T","${starts.length * locations.length} lines"`;
}

/** Writes the file of {@link isoneFile}; as plain CSV unless told. */
export function writeIsone(folder: string, options: DayOptions): Promise<SampleFile> {
  return writeSample(folder, isoneName(options.date), isoneFile(options), options.container ?? "csv");
}

function isoneName(date: string): string {
  return `WW_DALMP_ISO_${compactDay(midnightOf(date))}.csv`;
}

/** Locations by id: network nodes, the hub, load zones, nodes of the hub. */
function isoneLocations(count: number, seed: number): Location[] {
  const random = new SeededSequence(seed);
  const names = new NameMaker(random);
  const place = () => names.next("").slice(0, 8).padEnd(8);
  const fixed: Location[] = [
    { id: FIRST_ID.hub, name: ".H.INTERNAL_HUB", type: "HUB", zone: "" },
    ...ZONES.map((zone, i) => ({
      ...{ id: FIRST_ID.hub + 1 + i, name: `.Z.${zone}`, zone },
      type: "LOAD ZONE" as const,
    })),
  ];
  const locations = fixed.slice(0, count);
  for (let i = 0; locations.length < count; i++) {
    const zone = random.pick(ZONES);
    if (i % 30 === 0) {
      const name = `HC.${place()}${random.pick(VOLTAGES)}`;
      locations.push({ id: FIRST_ID.hubNode + i, name, type: "HUB NODE", zone });
    } else {
      const name = `UN.${place()}${random.pick(VOLTAGES)}G${twoDigits(random.integer(1, 99))}`;
      locations.push({ id: FIRST_ID.network + i, name, type: "NETWORK NODE", zone });
    }
  }
  return locations.sort((a, b) => a.id - b.id);
}
