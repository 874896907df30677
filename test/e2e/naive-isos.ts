import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";

/*
 * A naive reader for each kind of file: csv-parse, plain date arithmetic, and the American rule for daylight saving
 * time (second Sunday of March, first Sunday of November, at two o'clock). Nothing of it is the converter's.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The day of a month's nth Sunday, as if it were UTC. */
function sunday(year: number, month: number, nth: number): number {
  const first = Date.UTC(year, month - 1, 1);
  return first + ((7 - new Date(first).getUTCDay()) % 7) * DAY + (nth - 1) * 7 * DAY;
}

export class Clock {
  /** @param standard hours between UTC and the winter's clock, -5 in the east */
  constructor(readonly standard: number) {}

  offset(utc: number): number {
    const year = new Date(utc).getUTCFullYear();
    const forward = sunday(year, 3, 2) + (2 - this.standard) * HOUR;
    const back = sunday(year, 11, 1) + (1 - this.standard) * HOUR;
    return (this.standard + (utc >= forward && utc < back ? 1 : 0)) * HOUR;
  }

  /** The instant at which the clock shows a reading, for the first or the second time. */
  utc(wall: number, second = false): number {
    const times = [wall - (this.standard + 1) * HOUR, wall - this.standard * HOUR];
    const shown = times.filter((time) => time + this.offset(time) === wall);
    const time = shown[second ? 1 : 0];
    assert.ok(time !== undefined, `${new Date(wall).toISOString()} is not shown`);
    return time;
  }

  date(utc: number): number {
    return Math.floor((utc + this.offset(utc)) / DAY);
  }

  hourEnding(utc: number): number {
    return Math.floor((utc - this.utc(this.date(utc) * DAY)) / HOUR) + 1;
  }

  hoursInDay(date: number): number {
    return (this.utc((date + 1) * DAY) - this.utc(date * DAY)) / HOUR;
  }
}

export const EASTERN = new Clock(-5);
export const CENTRAL = new Clock(-6);
export const PACIFIC = new Clock(-8);

/** One row: when it begins, what it is for (as the key), all else that is stored. */
export interface NaiveRow {
  start: number;
  key: (string | number | null)[];
  values: (string | number | null)[];
}

export type Cells = Record<string, string>;

export interface RealFeed {
  iso: string;
  feed: string;
  folder: string;
  clock: Clock;
  minutes: number;
  /** Columns of `key` and `values`. */
  key: string[];
  values: string[];
  /** Rows of a file. */
  read(records: Cells[]): NaiveRow[];
}

/** Records of a CSV text by header, all of it trimmed. */
export function recordsOf(text: string): Cells[] {
  return parse(text, {
    columns: (header: string[]) => header.map((name) => name.trim()),
    trim: true,
  }) as Cells[];
}

/** `1/2/2024`, with `3:04` or `3:04:05` behind it, as if it were UTC. */
export function usTime(text: string): number {
  const [month, day, year, hour = 0, minute = 0, second = 0] = text.split(/[/ :]/).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

/** `1/2/2024 12:04:05 AM`. */
function usTwelveHours(text: string): number {
  const [date, time, half] = text.split(" ");
  const [hour, ...rest] = time!.split(":");
  return usTime(`${date} ${(Number(hour) % 12) + (half === "PM" ? 12 : 0)}:${rest.join(":")}`);
}

export const number = (text: string): number | null => (text === "" ? null : Number(text));
const prefixType = (name: string): string =>
  name.startsWith("HB_")
    ? "HUB"
    : name.startsWith("LZ_")
      ? "ZONE"
      : name.startsWith("DC_")
        ? "TIE"
        : "RESOURCE_NODE";

export const ENERGY_KEY = ["location", "location_type", "location_id"];
export const ENERGY = ["zone", "lmp_total", "lmp_energy", "lmp_congestion", "lmp_loss"];
export const PRODUCT_KEY = ["product", "region"];
export const PRODUCT = ["product_standard", "price"];

/** NYISO: what a location's stamps have twice, they have for the second time. */
function nyiso(records: Cells[], endsAfter: number): NaiveRow[] {
  const seen = new Set<string>();
  return records.map((cells) => {
    const stamp = cells["Time Stamp"]!;
    const again = seen.has(`${cells.PTID} ${stamp}`);
    seen.add(`${cells.PTID} ${stamp}`);
    const [total, loss, congestion] = ["LBMP", "Marginal Cost Losses", "Marginal Cost Congestion"].map(
      (name) => Number(cells[`${name} ($/MWHr)`]),
    );
    const energy = Number((total! - loss! + congestion!).toFixed(6));
    return {
      start: EASTERN.utc(usTime(stamp), again) - endsAfter,
      key: [cells.Name!, "ZONE", Number(cells.PTID)],
      values: [null, total!, energy, -congestion!, loss!],
    };
  });
}

/** ERCOT's hour ending on a day, `N` or `Y` as flag. */
const ercotHour = (date: string, hour: string, flag: string): number =>
  CENTRAL.utc(usTime(date) + (Number.parseInt(hour, 10) - 1) * HOUR, flag === "Y");

const ERCOT_TYPES: Record<string, string> = {
  RN: "RESOURCE_NODE",
  PUN: "PRIVATE_USE_NETWORK",
  LZ: "ZONE",
  LZEW: "ZONE_ENERGY_WEIGHTED",
  LZ_DC: "TIE",
  LZ_DCEW: "TIE_ENERGY_WEIGHTED",
  HU: "HUB",
  SH: "HUB",
  AH: "HUB",
  LCCRN: "COMBINED_CYCLE_LOGICAL",
  PCCRN: "COMBINED_CYCLE_PHYSICAL",
};
const ERCOT_PRODUCTS: Record<string, string> = {
  REGUP: "REG_UP",
  REGDN: "REG_DOWN",
  RRS: "SPIN",
  NSPIN: "NON_SPIN",
};
const CAISO_PRODUCTS: Record<string, string> = {
  NR: "NON_SPIN",
  SR: "SPIN",
  RU: "REG_UP",
  RD: "REG_DOWN",
  RMU: "REG_MILEAGE_UP",
  RMD: "REG_MILEAGE_DOWN",
};
const SPP_PRODUCTS = {
  RegUP: "REG_UP",
  RegDN: "REG_DOWN",
  Spin: "SPIN",
  Supp: "SUPPLEMENTAL",
  RampUP: "RAMP_UP",
  RampDN: "RAMP_DOWN",
  UncUP: "UNCERTAINTY_UP",
};
const ISONE_TYPES: Record<string, string> = {
  HUB: "HUB",
  "HUB NODE": "HUB_NODE",
  "LOAD ZONE": "ZONE",
  "NETWORK NODE": "NODE",
  "EXT. NODE": "EXTERNAL_NODE",
  DRRAZ: "DEMAND_RESPONSE_ZONE",
};

const ENERGY_FEEDS: Omit<RealFeed, "key" | "values">[] = [
  {
    iso: "ERCOT",
    feed: "dam_spp",
    folder: "dam_spp",
    clock: CENTRAL,
    minutes: 60,
    read: (records) =>
      records.map((cells) => ({
        start: ercotHour(cells.DeliveryDate!, cells.HourEnding!, cells.DSTFlag!),
        key: [cells.SettlementPoint!, prefixType(cells.SettlementPoint!), null],
        values: [null, Number(cells.SettlementPointPrice), null, null, null],
      })),
  },
  {
    iso: "ERCOT",
    feed: "rtm_spp",
    folder: "rtm_spp",
    clock: CENTRAL,
    minutes: 15,
    read: (records) =>
      records.map((cells) => ({
        start:
          ercotHour(cells.DeliveryDate!, cells.DeliveryHour!, cells.DSTFlag!) +
          ((Number(cells.DeliveryInterval) - 1) * HOUR) / 4,
        key: [cells.SettlementPointName!, ERCOT_TYPES[cells.SettlementPointType!]!, null],
        values: [null, Number(cells.SettlementPointPrice), null, null, null],
      })),
  },
  {
    iso: "ERCOT",
    feed: "rt_sced",
    folder: "lmp_node",
    clock: CENTRAL,
    minutes: 5,
    read: (records) =>
      records.map((cells) => ({
        start: CENTRAL.utc(usTime(cells.SCEDTimestamp!), cells.RepeatedHourFlag === "Y"),
        key: [cells.SettlementPoint!, prefixType(cells.SettlementPoint!), null],
        values: [null, Number(cells.LMP), null, null, null],
      })),
  },
  ...["damlbmp_zone", "rtlbmp_zone"].map((feed) => ({
    iso: "NYISO",
    feed,
    folder: feed,
    clock: EASTERN,
    minutes: 60,
    read: (records: Cells[]) => nyiso(records, 0),
  })),
  {
    iso: "NYISO",
    feed: "realtime_zone",
    folder: "realtime_zone",
    clock: EASTERN,
    minutes: 5,
    read: (records) => nyiso(records, 5 * 60_000),
  },
  {
    iso: "ISONE",
    feed: "da_hourly",
    folder: "da",
    clock: EASTERN,
    minutes: 60,
    read: (records) =>
      records.map((cells) => ({
        start: EASTERN.utc(
          usTime(cells.Date!) + (Number.parseInt(cells["Hour Ending"]!, 10) - 1) * HOUR,
          cells["Hour Ending"]!.endsWith("X"),
        ),
        key: [
          cells["Location Name"]!.trim(),
          ISONE_TYPES[cells["Location Type"]!]!,
          Number(cells["Location ID"]),
        ],
        values: [
          null,
          ...[
            "Locational Marginal Price",
            "Energy Component",
            "Congestion Component",
            "Marginal Loss Component",
          ].map((name) => number(cells[name]!)),
        ],
      })),
  },
  {
    iso: "SPP",
    feed: "da_lmp_sl",
    folder: "da_lmp",
    clock: CENTRAL,
    minutes: 60,
    read: (records) =>
      records.map((cells) => ({
        start: usTime(cells.GMTIntervalEnd ?? cells.GMTINTERVALEND!) - HOUR,
        key: [cells["Settlement Location"] ?? cells.SETTLEMENT_LOCATION!, null, null],
        values: [cells.BAA ?? null, ...[cells.LMP!, cells.MEC!, cells.MCC!, cells.MLC!].map(number)],
      })),
  },
];

const PRODUCT_FEEDS: Omit<RealFeed, "key" | "values">[] = [
  {
    iso: "ERCOT",
    feed: "dam_as",
    folder: "dam_as",
    clock: CENTRAL,
    minutes: 60,
    read: (records) =>
      records.map((cells) => ({
        start: ercotHour(cells.DeliveryDate!, cells.HourEnding!, cells.DSTFlag!),
        key: [cells.AncillaryType!, null],
        values: [ERCOT_PRODUCTS[cells.AncillaryType!]!, Number(cells.MCPC)],
      })),
  },
  {
    iso: "ERCOT",
    feed: "dam_as_yearly",
    folder: "as_yearly",
    clock: CENTRAL,
    minutes: 60,
    read: (records) =>
      records.flatMap((cells) =>
        Object.entries(ERCOT_PRODUCTS).map(([product, standard]) => ({
          start: ercotHour(cells["Delivery Date"]!, cells["Hour Ending"]!, cells["Repeated Hour Flag"]!),
          key: [product, null],
          values: [standard, Number(cells[product])],
        })),
      ),
  },
  {
    iso: "SPP",
    feed: "da_mcp",
    folder: "da_mcp",
    clock: CENTRAL,
    minutes: 60,
    read: (records) =>
      records.flatMap((cells) =>
        Object.entries(SPP_PRODUCTS).map(([product, standard]) => ({
          start: usTime(cells.GMTIntervalEnd!) - HOUR,
          key: [product, cells["Reserve Zone"]!],
          values: [standard, Number(cells[product])],
        })),
      ),
  },
  {
    iso: "CAISO",
    feed: "as_hourly",
    folder: "as",
    clock: PACIFIC,
    minutes: 60,
    read: (records) =>
      records
        .filter((cells) => cells.MARKET_RUN_ID === "DAM")
        .map((cells) => ({
          start: Date.parse(cells.INTERVALSTARTTIME_GMT!.replace("-00:00", "Z")),
          key: [cells.ANC_TYPE!, cells.ANC_REGION!],
          values: [CAISO_PRODUCTS[cells.ANC_TYPE!]!, Number(cells.MW)],
        })),
  },
  {
    iso: "PJM",
    feed: "as_hourly",
    folder: "ancillary",
    clock: EASTERN,
    minutes: 60,
    read: (records) =>
      records
        .filter((cells) => cells.unit === "Price")
        .map((cells) => ({
          start: usTwelveHours(cells.datetime_beginning_utc!),
          key: [cells.ancillary_service!, null],
          values: [
            cells.ancillary_service === "RTO Synchronized Reserve" ? "SPIN" : "OTHER",
            Number(cells.value),
          ],
        })),
  },
  {
    iso: "PJM",
    feed: "as_5min",
    folder: "ancillary",
    clock: EASTERN,
    minutes: 5,
    read: (records) =>
      records.map((cells) => ({
        start: usTwelveHours(cells.datetime_beginning_utc!),
        key: [cells.service!, cells.locale!],
        values: [
          { REG: "REG", SR: "SPIN", "30MIN": "SUPPLEMENTAL" }[cells.service!] ?? "OTHER",
          Number(cells.mcp),
        ],
      })),
  },
];

export const FEEDS: RealFeed[] = [
  ...ENERGY_FEEDS.map((feed) => ({ ...feed, key: ENERGY_KEY, values: ENERGY })),
  ...PRODUCT_FEEDS.map((feed) => ({ ...feed, key: PRODUCT_KEY, values: PRODUCT })),
];
