import type { TableName } from "../../src/arrow/tables.js";
import { writeCaisoLmp } from "../../src/demo/caiso-files.js";
import { writeErcotDam, writeErcotRtm } from "../../src/demo/ercot-files.js";
import { writeIsone } from "../../src/demo/isone-files.js";
import { writeMiso } from "../../src/demo/miso-files.js";
import { writeNyiso } from "../../src/demo/nyiso-files.js";
import { writePjmDay } from "../../src/demo/pjm-files.js";
import type { Container, SampleFile } from "../../src/demo/sample-file.js";
import { writeSppLmp, writeSppMcp } from "../../src/demo/spp-files.js";
import {
  caisoSelect,
  type DuckdbSelect,
  ercotSelect,
  isoneSelect,
  misoSelect,
  nyisoSelect,
  pjmSelect,
  sppEnergySelect,
  sppProductsSelect,
} from "./duckdb-selects.js";

/** A market day to write. */
export interface LayoutDay {
  date: string;
  nodeCount: number;
}

/** A way in which markets lay their prices out, or pack them. */
export interface Layout {
  /** For the table and the command line. */
  name: string;
  /** Locations per hour: about as many as the market has. */
  nodeCount: number;
  /** Whether its files have to be inflated. */
  packed: boolean;
  /** How DuckDB reads it; null where it cannot. */
  duckdb: { select: DuckdbSelect; pattern: string; timeZone: string; table: TableName } | null;
  write(folder: string, day: LayoutDay): Promise<SampleFile[]>;
}

const EASTERN = "America/New_York";
const CENTRAL = "America/Chicago";

/** The plain files of PJM first. */
export const LAYOUTS: readonly Layout[] = [
  {
    ...{ name: "PJM plain", nodeCount: 6000, packed: false, write: pjm("csv") },
    duckdb: duckdb(pjmSelect, EASTERN),
  },
  {
    ...{ name: "PJM gzip", nodeCount: 6000, packed: true, write: pjm("gz") },
    duckdb: duckdb(pjmSelect, EASTERN, "*.csv.gz"),
  },
  { name: "PJM zip", nodeCount: 6000, packed: true, write: pjm("zip"), duckdb: null },
  {
    ...{ name: "CAISO components", nodeCount: 1000, packed: false, write: one(writeCaisoLmp) },
    duckdb: duckdb(caisoSelect, "America/Los_Angeles"),
  },
  {
    ...{ name: "ERCOT plain", nodeCount: 800, packed: false, write: one(writeErcotDam) },
    duckdb: duckdb(ercotSelect, CENTRAL),
  },
  {
    ...{ name: "ERCOT small zips", nodeCount: 800, packed: true, duckdb: null },
    write: (folder, day) => writeErcotRtm(folder, day, "zips"),
  },
  {
    ...{ name: "MISO hours", nodeCount: 2400, packed: false, write: one(writeMiso) },
    // standard time all year
    duckdb: duckdb(misoSelect, "Etc/GMT+5"),
  },
  {
    // fifteen zones, whatever is asked for
    ...{ name: "NYISO five minutes", nodeCount: 15, packed: false },
    duckdb: duckdb(nyisoSelect, EASTERN),
    write: async (folder, { date }) => [await writeNyiso(folder, { feed: "realtime_zone", date })],
  },
  {
    ...{ name: "ISO-NE records", nodeCount: 1200, packed: false, write: one(writeIsone) },
    duckdb: duckdb(isoneSelect, EASTERN),
  },
  {
    ...{ name: "SPP energy", nodeCount: 1200, packed: false, write: one(writeSppLmp) },
    duckdb: duckdb(sppEnergySelect, CENTRAL),
  },
  {
    // SPP itself has six zones: a hundred megabytes of them would be twenty years of tiny files
    ...{ name: "SPP products", nodeCount: 1000, packed: false, write: one(writeSppMcp) },
    duckdb: { ...duckdb(sppProductsSelect, CENTRAL), table: "ancillary" },
  },
];

function duckdb(select: DuckdbSelect, timeZone: string, pattern = "*.csv") {
  return { select, timeZone, pattern, table: "energy" as TableName };
}

/** The plain layouts are without a container even where the market uses one: that is measured by itself. */
function one(write: (folder: string, day: LayoutDay & { container: Container }) => Promise<SampleFile>) {
  return async (folder: string, day: LayoutDay) => [await write(folder, { ...day, container: "csv" })];
}

function pjm(container: Container): Layout["write"] {
  return async (folder, day) => [await writePjmDay(folder, { feed: "da_hourly", ...day, container })];
}
