import { compactDay, midnightOf, slashedDay } from "./clock-text.js";
import { checkNodeCount, type DayOptions } from "./day-options.js";
import { NameMaker } from "./name-maker.js";
import { bareText } from "./number-text.js";
import { operatingDay } from "./operating-day.js";
import { type PricedNode, PriceModel } from "./price-model.js";
import { type SampleFile, writeSample } from "./sample-file.js";
import { SeededSequence } from "./seeded-noise.js";

/** Eastern standard time all year: MISO's days have 24 hours. */
const TIME_ZONE = "Etc/GMT+5";
const HOURS = 24;
const MOST_NODES = 20_000;
/** Blocks of the file, in its order. */
const VALUES = ["LMP", "MCC", "MLC"] as const;
const HUBS = ["ARKANSAS", "ILLINOIS", "INDIANA", "LOUISIANA", "MICHIGAN", "MINN", "MS", "TEXAS"];
const INTERFACES = ["AECI", "IESO", "MHEB", "PJMC", "SOCO", "SPP", "TVA"];
const UTILITIES = ["ALTE", "AMIL", "BREC", "CIN", "CONS", "DECO", "EAI", "IPL", "MEC", "NSP", "OTP", "WEC"];

interface Node extends PricedNode {
  readonly name: string;
  readonly type: "Interface" | "Loadzone" | "Hub" | "Gennode";
}

/**
 * The day-ahead ex-post LMPs of a market day (da_expost_lmp): four lines before the header, then a row per node with
 * a column per hour, all rows of LMP before those of its congestion and its losses. MISO does not print energy: it
 * is LMP - MCC - MLC, the same for all nodes of an hour. What stands before the rows, then one string per block.
 *
 * @throws GridparquetError `usage` for a date that does not exist or a number of nodes out of range
 */
export function* misoFile({ date, nodeCount = 100, seed = 1 }: DayOptions): Generator<string> {
  checkNodeCount(nodeCount, MOST_NODES);
  const nodes = misoNodes(nodeCount, seed);
  const model = new PriceModel(seed, nodes);
  const blocks = VALUES.map(() => new Float64Array(nodeCount * HOURS));
  for (const [hour, start] of operatingDay(date, 60, TIME_ZONE).entries()) {
    model.setInterval(start);
    for (let node = 0; node < nodeCount; node++) {
      model.setNode(node);
      const { energy, congestion, loss } = model;
      for (const [i, price] of [energy + congestion + loss, congestion, loss].entries()) {
        blocks[i]![node * HOURS + hour] = price;
      }
    }
  }

  const hours = Array.from({ length: HOURS }, (_, hour) => `HE ${hour + 1}`);
  yield `Day Ahead Market ExPost LMPs\n${slashedDay(midnightOf(date))}\n\n` +
    `,,,All Hours-Ending are Eastern Standard Time (EST)\n${["Node", "Type", "Value", ...hours].join(",")}\n`;
  for (const [i, value] of VALUES.entries()) {
    let text = "";
    for (const [node, { name, type }] of nodes.entries()) {
      const prices = [...blocks[i]!.subarray(node * HOURS, (node + 1) * HOURS)];
      text += `${name},${type},${value},${prices.map(bareText).join(",")}\n`;
    }
    yield text;
  }
}

/** Writes the file of {@link misoFile}; as plain CSV unless told. */
export function writeMiso(folder: string, options: DayOptions): Promise<SampleFile> {
  const { date, container = "csv" } = options;
  return writeSample(
    folder,
    `${compactDay(midnightOf(date))}_da_expost_lmp.csv`,
    misoFile(options),
    container,
  );
}

/** Nodes by name: interfaces, hubs, and each utility's own nodes and load zones. */
function misoNodes(count: number, seed: number): Node[] {
  const random = new SeededSequence(seed);
  const names = new NameMaker(random);
  const nodes: Omit<Node, "id">[] = [
    ...HUBS.map((name) => ({ name: `${name}.HUB`, type: "Hub" as const, zone: "" })),
    ...INTERFACES.map((name) => ({ name, type: "Interface" as const, zone: "" })),
  ].slice(0, count);
  while (nodes.length < count) {
    const zone = random.pick(UTILITIES);
    const type = random.next() < 0.25 ? "Loadzone" : "Gennode";
    nodes.push({ name: `${zone}.${names.next("")}`, type, zone });
  }
  return nodes.map((node, id) => ({ ...node, id })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
