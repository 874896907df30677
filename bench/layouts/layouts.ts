import { writeCaisoLmp } from "../../src/demo/caiso-files.js";
import { writeErcotDam, writeErcotRtm } from "../../src/demo/ercot-files.js";
import { writeIsone } from "../../src/demo/isone-files.js";
import { writeMiso } from "../../src/demo/miso-files.js";
import { writeNyiso } from "../../src/demo/nyiso-files.js";
import { writePjmDay } from "../../src/demo/pjm-files.js";
import type { Container, SampleFile } from "../../src/demo/sample-file.js";
import { writeSppLmp, writeSppMcp } from "../../src/demo/spp-files.js";

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
  write(folder: string, day: LayoutDay): Promise<SampleFile[]>;
}

/** Name of the layout that the others are compared with. */
export const BASE_LAYOUT = "PJM plain";

/** The base first. */
export const LAYOUTS: readonly Layout[] = [
  { name: BASE_LAYOUT, nodeCount: 6000, packed: false, write: pjm("csv") },
  { name: "PJM gzip", nodeCount: 6000, packed: true, write: pjm("gz") },
  { name: "PJM zip", nodeCount: 6000, packed: true, write: pjm("zip") },
  { name: "CAISO components", nodeCount: 1000, packed: false, write: one(writeCaisoLmp) },
  { name: "ERCOT plain", nodeCount: 800, packed: false, write: one(writeErcotDam) },
  {
    ...{ name: "ERCOT small zips", nodeCount: 800, packed: true },
    write: (folder, day) => writeErcotRtm(folder, day, "zips"),
  },
  { name: "MISO hours", nodeCount: 2400, packed: false, write: one(writeMiso) },
  {
    // fifteen zones, whatever is asked for
    ...{ name: "NYISO five minutes", nodeCount: 15, packed: false },
    write: async (folder, { date }) => [await writeNyiso(folder, { feed: "realtime_zone", date })],
  },
  { name: "ISO-NE records", nodeCount: 1200, packed: false, write: one(writeIsone) },
  { name: "SPP energy", nodeCount: 1200, packed: false, write: one(writeSppLmp) },
  // SPP itself has six zones: a hundred megabytes of them would be twenty years of tiny files
  { name: "SPP products", nodeCount: 1000, packed: false, write: one(writeSppMcp) },
];

/** The plain layouts are without a container even where the market uses one: that is measured by itself. */
function one(write: (folder: string, day: LayoutDay & { container: Container }) => Promise<SampleFile>) {
  return async (folder: string, day: LayoutDay) => [await write(folder, { ...day, container: "csv" })];
}

function pjm(container: Container): Layout["write"] {
  return async (folder, day) => [await writePjmDay(folder, { feed: "da_hourly", ...day, container })];
}
