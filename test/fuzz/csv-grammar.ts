import { caisoAncillaryFile, caisoLmpFile } from "../../src/demo/caiso-files.js";
import { ercotDamFile } from "../../src/demo/ercot-files.js";
import { isoneFile } from "../../src/demo/isone-files.js";
import { misoFile } from "../../src/demo/miso-files.js";
import { nyisoFile } from "../../src/demo/nyiso-files.js";
import { pjmAncillaryFile, pjmDayFile } from "../../src/demo/pjm-files.js";
import { sppLmpFile, sppMcpFile } from "../../src/demo/spp-files.js";
import { TIMESTAMP_FORMS } from "../../src/feeds/feed-definition.js";
import type { Random } from "../helpers/random.js";
import type { FuzzInput } from "./fuzz-target.js";
import { mutateBytes } from "./mutate-bytes.js";
import { fixtureFiles } from "./seed-inputs.js";

/* Market files at random: whole ones that are right, and others with cells, records and bytes changed. */

interface DayMaker {
  feed: string;
  make(options: { date: string; nodeCount: number; seed: number }): Iterable<string>;
  /** Whether cells may be quoted that need not be; the naive readers of the others cut lines themselves. */
  quotable: boolean;
}

const DAYS: readonly DayMaker[] = [
  { feed: "PJM.da_hourly", make: (day) => pjmDayFile({ ...day, feed: "da_hourly" }), quotable: true },
  { feed: "PJM.as_hourly", make: pjmAncillaryFile, quotable: true },
  { feed: "CAISO.da_hourly", make: caisoLmpFile, quotable: true },
  { feed: "CAISO.as_hourly", make: caisoAncillaryFile, quotable: true },
  { feed: "ERCOT.dam_spp", make: ercotDamFile, quotable: true },
  { feed: "MISO.da_expost", make: misoFile, quotable: false },
  {
    feed: "NYISO.damlbmp_zone",
    make: (day) => nyisoFile({ ...day, feed: "damlbmp_zone" }),
    quotable: true,
  },
  {
    feed: "NYISO.realtime_zone",
    make: (day) => nyisoFile({ ...day, feed: "realtime_zone" }),
    quotable: true,
  },
  { feed: "ISONE.da_hourly", make: isoneFile, quotable: false },
  { feed: "SPP.da_lmp_sl", make: sppLmpFile, quotable: true },
  { feed: "SPP.da_mcp", make: (day) => sppMcpFile({ date: day.date, seed: day.seed }), quotable: true },
];
const DATES = ["2025-03-09", "2025-11-02", "2024-12-31", "2025-01-01", "2024-02-29", "2023-07-04"];

/** The end of a name that says that the file is right: no record of it may be rejected. */
export const VALID = ".valid.csv";

/** A day's file that is right, spelled in one of many ways. */
export function validFile(random: Random): FuzzInput {
  const { feed, make, quotable } = random.pick(DAYS);
  const day = { date: random.pick(DATES), nodeCount: random.int(1, 4), seed: random.int(1, 1000) };
  const lines = [...make(day)].join("").trimEnd().split(/\r?\n/);
  const quoted = quotable ? random.pick([0, 0, 0.02, 0.3]) : 0;
  const lineEnd = random.pick(["\n", "\r\n"]);
  const text = lines.map((line) => spellAnew(random, line, quoted)).join(lineEnd);
  return { name: feed + VALID, bytes: Buffer.from(text + random.pick([lineEnd, lineEnd, ""])) };
}

/** Puts quotes around cells that have none, so often. */
function spellAnew(random: Random, line: string, share: number): string {
  if (share === 0 || line.includes('"')) return line;
  return line
    .split(",")
    .map((cell) => (random.chance(share) ? `"${cell}"` : cell))
    .join(",");
}

let fixtures: FuzzInput[] | undefined;

/** A stretch of a file with things changed, or a seed with bytes changed. */
export function troubledFile(random: Random, seeds: readonly FuzzInput[]): FuzzInput {
  fixtures ??= fixtureFiles();
  if (seeds.length > 0 && random.chance(0.15)) {
    const { name, bytes } = random.pick(seeds);
    return { name: asTroubled(name), bytes: mutateBytes(random, bytes, random.int(1, 6)) };
  }
  const base = random.chance(0.4) ? validFile(random) : random.pick(fixtures);
  const lineEnd = random.pick(["\n", "\r\n", "\n"]);
  let lines = stretchOf(random, base.bytes.toString("latin1").trimEnd().split(/\r?\n/));
  for (let i = random.pick([1, 2, 5, 20]); i > 0; i--) lines = changeLines(random, lines);
  const text = lines.join(lineEnd) + random.pick(["", lineEnd, lineEnd, "\r", "\n\n"]);
  const bytes = Buffer.from(text, "latin1");
  const changes = random.pick([0, 0, 0, 1, 3]);
  return { name: asTroubled(base.name), bytes: mutateBytes(random, bytes, changes) };
}

function asTroubled(name: string): string {
  return name.replace(VALID, ".csv");
}

/** The lines that may be the header, some records, and the last line, which may tell how many they are. */
function stretchOf(random: Random, lines: readonly string[]): string[] {
  const [head, tail] = [lines.slice(0, 8), lines.slice(-1)];
  const from = random.int(0, Math.max(0, lines.length - 10));
  return [...head, ...lines.slice(8 + from, 8 + from + random.int(0, 40)), ...tail];
}

function changeLines(random: Random, before: readonly string[]): string[] {
  const lines = before.length > 0 ? before : [""];
  // The header less often: without it there is nothing to read.
  const at = random.int(random.chance(0.05) ? 0 : Math.min(8, lines.length - 1), lines.length - 1);
  const line = lines[at]!;
  switch (random.int(0, 9)) {
    case 0:
      return lines.toSpliced(at, 1);
    case 1:
      return lines.toSpliced(at, 0, line);
    case 2:
      return lines.toSpliced(
        at,
        0,
        random.pick(["", ",", "\r", " ", '""', ",,,,,,,,", lines[0]!, lines[4] ?? ""]),
      );
    case 3: {
      const other = random.int(0, lines.length - 1);
      return lines.with(at, lines[other]!).with(other, line);
    }
    default:
      return lines.with(at, changeCells(random, line));
  }
}

function changeCells(random: Random, line: string): string {
  const cells = line.split(",");
  const at = random.int(0, cells.length - 1);
  const cell = cells[at]!;
  switch (random.int(0, 7)) {
    case 0:
      return cells.toSpliced(at, random.int(0, 2), ...(random.chance(0.5) ? ["x"] : [])).join(",");
    case 1:
      return cells.with(at, `"${cell.replaceAll('"', '""')}"`).join(",");
    case 2:
      return cells
        .with(at, random.pick([` ${cell}`, `${cell} `, `\t${cell}\t `, `"${cell}`, `${cell}"`, `+${cell}`]))
        .join(",");
    case 3:
      return cells.with(at, `"${random.pick(["a,b", "a\nb", "\n", "\r\n", '""', "", " "])}"`).join(",");
    default:
      return cells.with(at, cellOf(random)).join(",");
  }
}

const WORDS = [
  ...[
    "",
    " ",
    "-",
    ".",
    "+",
    "-.",
    "NaN",
    "Infinity",
    "1e5",
    "0x10",
    "(1.25)",
    "1,5",
    "null",
    "N",
    "Y",
    "DAM",
    "LMP",
  ],
  ...[
    "HUB",
    "ZONE",
    "138 KV",
    "KV",
    "02X",
    "2X",
    "24:00",
    "25",
    "00",
    "0",
    "-0",
    "-0.0",
    "00:00",
    "1.",
    ".5",
    "+3",
  ],
  ...[
    "D",
    "H",
    "T",
    "C",
    "__proto__",
    "constructor",
    "toString",
    "\u00c5\u0081",
    "\u00ff",
    "\u00e2\u0082\u00ac",
    "a\tb",
    "\u0007",
  ],
  ...[
    "99999999999",
    "2147483648",
    "-2147483649",
    "9007199254740993",
    "123456789012345",
    "0.1234567890123456789",
  ],
  ...["179769313486231570000", `${"9".repeat(400)}`, `${"x".repeat(1025)}`, `0.${"0".repeat(330)}1`],
];
const pad = (value: number): string => String(value).padStart(2, "0");

/** A cell of some kind; most fit no column but one. */
function cellOf(random: Random): string {
  if (random.chance(0.4)) return random.pick(WORDS);
  if (random.chance(0.4)) {
    const sign = random.pick(["", "", "-", "+"]);
    return `${sign}${random.digits(random.int(0, 17))}${random.pick([".", ".", ""])}${random.digits(random.int(0, 9))}`;
  }
  const year = random.pick([2025, 2025, 2024, 1989, 1990, 2100, 2101, 0]);
  const [month, day] = random.pick([
    [3, 9],
    [11, 2],
    [2, 29],
    [2, 30],
    [12, 31],
    [random.int(0, 13), random.int(0, 32)],
  ]) as [number, number];
  const [hour, minute, second] = [
    random.int(0, 24),
    random.pick([0, 0, 5, 55, 60]),
    random.pick([0, 0, 1, 59]),
  ];
  const form = random.pick([...TIMESTAMP_FORMS, "M/D/YYYY", "YYYY-MM-DD"]);
  const parts: Record<string, string> = {
    YYYY: String(year).padStart(4, "0"),
    MM: pad(month),
    DD: pad(day),
    M: String(month),
    D: random.chance(0.5) ? pad(day) : String(day),
    HH: pad(hour),
    H: String(hour),
    h: String(hour),
    mm: pad(minute),
    ss: pad(second),
    AM: random.pick(["AM", "PM"]),
    "±": random.pick(["+", "-", "-"]),
  };
  return form.replace(/YYYY|MM|DD|M(?=\/)|D|HH|H|h|mm|ss|AM|±/g, (part) => parts[part]!);
}
