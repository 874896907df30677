import {
  type Cells,
  Clock,
  ENERGY,
  ENERGY_KEY,
  type NaiveRow,
  number,
  PACIFIC,
  PRODUCT,
  PRODUCT_KEY,
  type RealFeed,
  recordsOf,
  usTime,
} from "./naive-isos.js";

/* Naive readers of the files whose records hold one component of a price, or the hours of a day side by side. */

const HOUR = 3_600_000;

/** Eastern Standard Time, summer and winter. */
class Eastern extends Clock {
  override offset(): number {
    return -5 * HOUR;
  }
}
export const EST = new Eastern(-5);

/** Joins components by interval and location; what has no total is no row. */
function joined(
  parts: { start: number; key: NaiveRow["key"]; component: string; value: string }[],
): NaiveRow[] {
  const rows = new Map<string, { start: number; key: NaiveRow["key"]; prices: Map<string, number | null> }>();
  for (const { start, key, component, value } of parts) {
    const name = JSON.stringify([start, key]);
    const row = rows.get(name) ?? { start, key, prices: new Map() };
    rows.set(name, row);
    row.prices.set(component, number(value));
  }
  return [...rows.values()]
    .filter(({ prices }) => (prices.get("LMP") ?? null) !== null)
    .map(({ start, key, prices }) => {
      const of = (name: string) => prices.get(name) ?? null;
      const [total, congestion, loss] = [of("LMP"), of("MCC"), of("MCL") ?? of("MLC")];
      const rest = congestion === null || loss === null ? null : total! - congestion - loss;
      // MISO does not print the energy component.
      const energy = prices.has("MCE") ? of("MCE") : rest === null ? null : Number(rest.toFixed(6));
      return { start, key, values: [null, total, energy, congestion, loss, of("MGHG")] };
    });
}

/**
 * Records of a MISO file: under one header, with the day that stands above in a column of its own. The file of
 * reserve prices has two tables, both with three columns before the hours.
 */
function misoRecords(text: string): Cells[] {
  const lines = text.split(/\r?\n/);
  const day = lines.find((line) => /^\d+\/\d+\/\d{4}/.test(line))!.split(",")[0]!;
  const hours = Array.from({ length: 24 }, (_, hour) => String(hour + 1));
  const data = lines.filter((line) => line.split(",").length === 27 && !line.includes("HE 1,"));
  return recordsOf([["A", "B", "C", ...hours].join(), ...data].join("\n")).map((cells) => ({
    ...cells,
    day,
  }));
}

/** The hours of a record, those without a price left out. */
function hoursOf(cells: Cells): { start: number; value: string }[] {
  return Array.from({ length: 24 }, (_, hour) => ({
    start: EST.utc(usTime(cells.day!)) + hour * HOUR,
    value: cells[hour + 1]!,
  })).filter(({ value }) => value !== "");
}

const MISO_TYPES: Record<string, string> = {
  Interface: "INTERFACE",
  Loadzone: "ZONE",
  Hub: "HUB",
  Gennode: "GENERATOR",
};

const misoPrices = (records: Cells[]): NaiveRow[] =>
  joined(
    records.flatMap((cells) =>
      hoursOf(cells).map((hour) => ({
        ...hour,
        key: [cells.A!, MISO_TYPES[cells.B!]!, null],
        component: cells.C!,
      })),
    ),
  );

const misoReserves = (records: Cells[]): NaiveRow[] =>
  records.flatMap((cells) =>
    hoursOf(cells).map(({ start, value }) => ({
      start,
      key: [cells.C!, cells.A!],
      values: [/REG/.test(cells.C!) ? "REG" : /SPIN/.test(cells.C!) ? "SPIN" : "SUPPLEMENTAL", Number(value)],
    })),
  );

const caisoPrices = (records: Cells[]): NaiveRow[] =>
  joined(
    records.map((cells) => ({
      start: Date.parse(cells.INTERVALSTARTTIME_GMT!.replace("-00:00", "Z")),
      key: [cells.NODE!, "NODE", null],
      component: cells.LMP_TYPE!,
      value: cells.MW ?? cells.PRC!,
    })),
  );

const LMP = { key: ENERGY_KEY, values: [...ENERGY, "lmp_ghg"] };
const MISO = { iso: "MISO", clock: EST, minutes: 60 };
const CAISO = { iso: "CAISO", clock: PACIFIC, read: caisoPrices, ...LMP };

export const COMPONENT_FEEDS: RealFeed[] = [
  { ...MISO, ...LMP, feed: "da_expost", folder: "da", read: misoPrices },
  { ...MISO, ...LMP, feed: "rt_final", folder: "rt", read: misoPrices },
  { ...MISO, feed: "as_da_expost", folder: "as", key: PRODUCT_KEY, values: PRODUCT, read: misoReserves },
  { ...CAISO, feed: "da_hourly", folder: "da", minutes: 60 },
  { ...CAISO, feed: "da_hourly", folder: "zips", minutes: 60 },
  { ...CAISO, feed: "hasp_15min", folder: "hasp", minutes: 15 },
  { ...CAISO, feed: "rtpd_15min", folder: "rtpd", minutes: 15 },
];

/** Records of a text; those of ISO New England have their kind in front. */
export function readRecords(text: string, iso: string): Cells[] {
  if (iso === "MISO") return misoRecords(text);
  if (iso !== "ISONE") return recordsOf(text);
  const lines = text.split("\n");
  const header = lines.findIndex((line) => line.startsWith('"H"'));
  return recordsOf([lines[header], ...lines.filter((line) => line.startsWith('"D"'))].join("\n"));
}
