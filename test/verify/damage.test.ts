import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { readCoverage } from "../../src/dataset/coverage.js";
import { writePjmDay } from "../../src/demo/pjm-files.js";
import { convert } from "../../src/run/convert.js";
import { CHECKS, type CheckName } from "../../src/verify/checks.js";
import { type VerifyResult, verifyDataset } from "../../src/verify/verify-dataset.js";
import { Victim } from "../helpers/damage.js";
import { folder, put } from "../helpers/folder.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { Random } from "../helpers/random.js";
import type { Row } from "../helpers/rows.js";

/* Every kind of damage is made on a healthy file that convert wrote, and must be found by its own check. */

const DAYS = ["2025-03-29", "2025-03-30", "2025-03-31", "2025-04-01", "2025-04-02"];
const LOCATIONS = 6;
/** A day of 24 hours and {@link LOCATIONS} fits into a row group, two do not. */
const ROW_GROUP_SIZE = 200;
const GROUP_ROWS = 24 * LOCATIONS;
const PATH = "energy/iso=PJM/market=DA/feed=da_hourly/year=2025/pjm_da_hourly_2025.parquet";

let root: string;
let healthy: string;

before(async () => {
  await loadEncoders();
  root = mkdtempSync(join(tmpdir(), "gridparquet-damage-"));
  healthy = join(root, "healthy");
  for (const feed of ["da_hourly", "rt_hourly"] as const)
    for (const date of DAYS) await writePjmDay(join(root, "in"), { feed, date, nodeCount: LOCATIONS });
  await convert({ inputs: [join(root, "in")], out: healthy, rowGroupSize: ROW_GROUP_SIZE, threads: 1 });
});
after(() => rmSync(root, { recursive: true, force: true }));

const verify = (out: string, deep?: string[]): Promise<VerifyResult> =>
  verifyDataset({ out, threads: 1, ...(deep && { deep }) });

interface Damage {
  name: string;
  /** The check that must find it. */
  check: CheckName;
  make: (victim: Victim, random: Random) => void | Promise<void>;
  /** What the finding must say. */
  message?: RegExp;
}

/** Damage to one row, whichever. */
function row(name: string, check: CheckName, change: (row: Row) => Row, message?: RegExp): Damage {
  const make = (victim: Victim, random: Random): Promise<void> => {
    const [group, at] = [random.int(0, DAYS.length - 1), random.int(0, GROUP_ROWS - 1)];
    return victim.changeRows((groups) =>
      groups.with(group, groups[group]!.with(at, change(groups[group]![at]!))),
    );
  };
  return { name, check, make, ...(message && { message }) };
}

/** Damage to one interval with all its rows. */
function interval(name: string, check: CheckName, change: (row: Row) => Row): Damage {
  const make = (victim: Victim, random: Random): Promise<void> => {
    const hit = random.int(1, GROUP_ROWS / LOCATIONS - 2);
    const isHit = (at: number) => Math.floor(at / LOCATIONS) === hit;
    return victim.changeRows((groups) =>
      groups.with(
        1,
        groups[1]!.map((each, at) => (isHit(at) ? change(each) : each)),
      ),
    );
  };
  return { name, check, make };
}

const measure = (column: number, value: number) => (row: Row) => ({
  ...row,
  measures: row.measures.with(column, value),
});

/** Swaps two rows of one row group. */
const swapped = (rows: Row[], a: number, b: number): Row[] => rows.with(a, rows[b]!).with(b, rows[a]!);

const DAMAGES: readonly Damage[] = [
  {
    name: "a byte of a page is another",
    check: "checksum",
    make: (victim, random) =>
      victim.change((bytes) => {
        const at = random.int(4, bytes.length - bytes.readUInt32LE(bytes.length - 8) - 9);
        bytes[at]! ^= 1 << random.int(0, 7);
        return undefined;
      }),
  },
  {
    name: "a page's header is overwritten, and there is no manifest",
    check: "page",
    make: (victim) => {
      victim.dropManifest();
      victim.change((bytes) => bytes.fill(0xff, 4, 12));
    },
  },
  {
    name: "the file is cut off",
    check: "magic",
    make: (victim, random) => truncateSync(victim.file, random.int(1, victim.read().length - 1)),
  },
  {
    name: "the file is empty",
    check: "magic",
    make: (victim) => truncateSync(victim.file, 0),
    message: /is empty/,
  },
  {
    name: "bytes are added at the end",
    check: "magic",
    make: (victim, random) =>
      victim.change((bytes) => Buffer.concat([bytes, Buffer.alloc(random.int(1, 99), 7)])),
  },
  {
    name: "the first bytes are not PAR1",
    check: "magic",
    make: (victim) => victim.change((bytes) => bytes.fill("X", 0, 1)),
    message: /does not begin with PAR1/,
  },
  {
    name: "the footer would be longer than the file",
    check: "footer",
    make: (victim) =>
      victim.change((bytes) => {
        bytes.writeUInt32LE(bytes.length * 2, bytes.length - 8);
        return undefined;
      }),
  },
  {
    name: "the footer is overwritten",
    check: "footer",
    make: (victim) =>
      victim.change((bytes) => {
        const end = bytes.length - 8;
        return bytes.fill(0, end - bytes.readUInt32LE(end), end);
      }),
  },
  {
    name: "a byte of the footer is another",
    check: "footer-checksum",
    make: (victim) =>
      victim.change((bytes) => {
        bytes[bytes.lastIndexOf("gridparquet")] = "G".charCodeAt(0);
        return undefined;
      }),
  },
  {
    name: "a row group is left out of the footer",
    check: "layout",
    make: (victim, random) =>
      victim.changeFooter(({ row_groups }) => row_groups.splice(random.int(0, DAYS.length - 1), 1)),
  },
  {
    name: "a column of a row group is left out of the footer",
    check: "layout",
    make: (victim) => victim.changeFooter(({ row_groups }) => row_groups[1]!.columns.pop()),
  },
  {
    name: "a row group claims more rows than its columns have",
    check: "row-count",
    make: (victim) =>
      victim.changeFooter(({ row_groups }) => {
        row_groups[2]!.num_rows += 1n;
      }),
  },
  {
    name: "a lower bound in the footer is wrong",
    check: "statistics",
    make: (victim) =>
      victim.changeFooter(({ row_groups }) => {
        row_groups[1]!.columns.find(({ meta_data }) => meta_data!.path_in_schema[0] === "lmp_total")!
          .meta_data!.statistics!.min_value = -123_456;
      }),
    message: /^lmp_total: the footer says -123456 to /,
  },
  {
    name: "the bounds of a text are wrong",
    check: "statistics",
    make: (victim) =>
      victim.changeFooter(({ row_groups }) => {
        row_groups[0]!.columns[4]!.meta_data!.statistics!.max_value = "ZZZ";
      }),
    message: /^location: the footer says .* to ZZZ/,
  },
  {
    name: "a number of nulls is wrong",
    check: "statistics",
    make: (victim) =>
      victim.changeFooter(({ row_groups }) => {
        row_groups[3]!.columns[7]!.meta_data!.statistics!.null_count = 1_000n;
      }),
    message: /1000 nulls/,
  },
  {
    name: "the metadata are those of another ISO",
    check: "metadata",
    make: (victim) =>
      victim.changeFooter(({ key_value_metadata }) => {
        key_value_metadata!.find(({ key }) => key === "gridparquet.iso")!.value = "MISO";
      }),
    message: /^gridparquet\.iso is MISO, it should be PJM$/,
  },
  {
    name: "the metadata are missing",
    check: "metadata",
    make: (victim) =>
      victim.changeFooter((metadata) => {
        metadata.key_value_metadata = [];
      }),
  },
  {
    name: "the time zone is another",
    check: "operating-date",
    make: (victim) =>
      victim.changeFooter(({ key_value_metadata }) => {
        key_value_metadata!.find(({ key }) => key === "gridparquet.time_zone")!.value = "America/Los_Angeles";
      }),
  },
  {
    name: "the day counts are wrong",
    check: "day-counts",
    make: (victim) =>
      victim.changeFooter(({ key_value_metadata }) => {
        const days = key_value_metadata!.find(({ key }) => key === "gridparquet.days")!;
        days.value = days.value!.replace("144,144", "144,143");
      }),
  },
  {
    name: "a column is missing",
    check: "schema",
    make: (victim) =>
      victim.changeFooter(({ schema, row_groups }) => {
        schema.splice(5, 1);
        schema[0]!.num_children! -= 1;
        for (const { columns } of row_groups) columns.splice(4, 1);
      }),
    message: /^column 5, location \(BYTE_ARRAY UTF8, REQUIRED\), has location_id/,
  },
  {
    name: "a column has another type",
    check: "schema",
    make: (victim) =>
      victim.changeFooter(({ schema }) => {
        delete schema[4]!.converted_type;
      }),
    message: /hour_ending \(INT32 UINT_8, REQUIRED\), has hour_ending \(INT32, REQUIRED\)/,
  },
  {
    name: "a required column is optional",
    check: "schema",
    make: (victim) =>
      victim.changeFooter(({ schema }) => {
        schema.find(({ name }) => name === "lmp_total")!.repetition_type = "OPTIONAL";
      }),
  },
  {
    name: "the file has another name",
    check: "path",
    make: (victim) => renameSync(victim.file, join(dirname(victim.file), "part-0.parquet")),
  },
  {
    name: "the file lies in the folder of another year",
    check: "operating-year",
    make: (victim) => {
      const path = PATH.replaceAll("2025", "2024");
      put(victim.out, path, victim.read());
      rmSync(dirname(victim.file), { recursive: true });
    },
  },
  {
    name: "the file is gone",
    check: "missing-file",
    make: (victim) => rmSync(victim.file),
    message: /720 rows were written/,
  },
  {
    name: "the manifest has other rows",
    check: "manifest-rows",
    make: (victim) => victim.changeManifest((text) => text.replace('"rows": 720', '"rows": 721')),
  },
  {
    name: "the manifest is of an earlier file",
    check: "manifest",
    make: (victim) => victim.changeManifest((text) => text.replace(/"bytes": \d+/, '"bytes": 77')),
    message: /of another file/,
  },
  {
    name: "the manifest is damaged",
    check: "manifest",
    make: (victim) => victim.changeManifest((text) => text.slice(0, 50)),
    message: /is damaged/,
  },
  { name: "the manifest is gone", check: "manifest", make: (victim) => victim.dropManifest() },
  {
    name: "another file lies beside",
    check: "stray",
    make: (victim) => void put(dirname(victim.file), "notes.txt", "hello"),
  },
  {
    name: "a run that was killed has left a file",
    check: "stray",
    make: (victim) => void put(victim.out, `${PATH}.partial`, "PAR1"),
  },
  {
    name: "two locations of an interval are swapped",
    check: "sort-order",
    make: (victim, random) => {
      const first = random.int(0, 23) * LOCATIONS + random.int(0, LOCATIONS - 2);
      return victim.changeRows((groups) => groups.with(1, swapped(groups[1]!, first, first + 1)));
    },
  },
  {
    name: "rows of two intervals are swapped",
    check: "sort-order",
    make: (victim, random) => {
      const hour = random.int(0, 20);
      return victim.changeRows((groups) =>
        groups.with(1, swapped(groups[1]!, hour * LOCATIONS, (hour + 2) * LOCATIONS)),
      );
    },
  },
  {
    name: "two row groups are swapped",
    check: "sort-order",
    make: (victim) => victim.changeRows((groups) => [groups[1]!, groups[0]!, ...groups.slice(2)]),
  },
  {
    name: "a row comes twice",
    check: "duplicate-key",
    make: (victim, random) => {
      const at = random.int(0, GROUP_ROWS - 1);
      return victim.changeRows((groups) => groups.with(2, groups[2]!.toSpliced(at, 0, groups[2]![at]!)));
    },
  },
  {
    name: "a row comes again at the end of its interval",
    check: "duplicate-key",
    make: (victim) =>
      victim.changeRows((groups) => groups.with(2, groups[2]!.toSpliced(LOCATIONS, 0, groups[2]![0]!))),
  },
  {
    name: "an interval goes on in the next row group",
    check: "row-group-cut",
    make: (victim, random) => {
      const cut = random.int(0, 23) * LOCATIONS + random.int(1, LOCATIONS - 1);
      return victim.changeRows(([first, ...rest]) => [first!.slice(0, cut), first!.slice(cut), ...rest]);
    },
  },
  {
    name: "a row group holds rows of two months",
    check: "row-group-cut",
    make: (victim) =>
      victim.changeRows((groups) => [...groups.slice(0, 2), [...groups[2]!, ...groups[3]!], groups[4]!]),
    message: /two months/,
  },
  interval("an hour ending is wrong", "hour-ending", (each) => ({ ...each, hour: each.hour + 1 })),
  interval("an operating date is wrong", "operating-date", (each) => ({ ...each, date: each.date + 1 })),
  interval("an operating date is of another year", "operating-year", (each) => ({
    ...each,
    date: each.date - 366,
  })),
  interval("an interval is too long", "interval-length", (each) => ({ ...each, end: each.end + 300_000 })),
  interval("an interval ends before it begins", "interval-length", (each) => ({
    ...each,
    end: each.start - 1,
  })),
  row("one row of an interval ends elsewhere", "interval-length", (each) => ({
    ...each,
    end: each.end + 60_000,
  })),
  {
    name: "no interval has a length",
    check: "interval-length",
    make: (victim) =>
      victim.changeRows((groups) =>
        groups.map((group) => group.map((each) => ({ ...each, end: each.start }))),
      ),
  },
  {
    name: "a location lacks an interval",
    check: "location-gap",
    make: (victim, random) => {
      const at = random.int(2 * LOCATIONS, GROUP_ROWS - 2 * LOCATIONS);
      return victim.changeRows((groups) => groups.with(1, groups[1]!.toSpliced(at, 1)));
    },
    message: /^1 interval is missing between /,
  },
  {
    name: "a location lacks a day",
    check: "location-gap",
    make: (victim, random) => {
      const location = random.int(0, LOCATIONS - 1);
      return victim.changeRows((groups) =>
        groups.with(
          1,
          groups[1]!.filter((_, at) => at % LOCATIONS !== location),
        ),
      );
    },
    message: /^24 intervals are missing between /,
  },
  {
    name: "an hour is missing",
    check: "hours-of-day",
    make: (victim, random) => {
      const hour = random.int(0, 23);
      return victim.changeRows((groups) => groups.with(1, groups[1]!.toSpliced(hour * LOCATIONS, LOCATIONS)));
    },
    message: /^it has 23 of 24 hours$/,
  },
  {
    name: "a day is missing",
    check: "missing-days",
    make: (victim, random) =>
      victim.changeRows((groups) => groups.toSpliced(random.int(1, DAYS.length - 2), 1)),
    message: /^the day is missing$/,
  },
  row("a price is not a number", "not-a-number", measure(0, Number.NaN), /^lmp_total is NaN$/),
  row(
    "a component is infinite",
    "not-a-number",
    measure(2, Number.POSITIVE_INFINITY),
    /^lmp_congestion is Inf/,
  ),
  row(
    "a price is beyond all bounds",
    "price-bounds",
    measure(0, 1e6),
    /^lmp_total is 1000000, beyond 20000$/,
  ),
  row("a total is not the sum", "components", (each) => measure(0, each.measures[0]! + 0.5)(each)),
];

test("the healthy dataset has no finding", async () => {
  const { findings, status, exitCode, totals } = await verify(healthy, [join(root, "in")]);
  assert.deepEqual([findings, status, exitCode], [[], "healthy", 0]);
  assert.deepEqual([totals.files, totals.rows], [2, 2 * DAYS.length * GROUP_ROWS]);
});

for (const [index, { name, check, make, message }] of DAMAGES.entries()) {
  test(`${check}: ${name}`, async (t) => {
    const victim = new Victim(healthy, join(folder(t), "lake"), PATH);
    await make(victim, new Random(index + 1));
    const { findings, exitCode, status } = await verify(victim.out);
    const found = findings.filter((finding) => finding.check === check);
    const all = findings.map((finding) => `${finding.check}: ${finding.message}`).join("\n");
    assert.ok(found.length > 0, `not found, but:\n${all}`);
    if (message !== undefined)
      assert.ok(
        found.some((finding) => message.test(finding.message)),
        all,
      );
    const isError = findings.some(({ severity }) => severity === "error");
    if (CHECKS[check] === "error") assert.ok(isError);
    assert.deepEqual([exitCode, status], isError ? [2, "damaged"] : [0, "doubtful"]);
    assert.ok(
      findings.every(({ file }) => !file.includes("rt_hourly")),
      "the other file is healthy",
    );
  });
}

test("whatever bytes are other ones, verify and status come to their end", async (t) => {
  const out = folder(t);
  const victim = new Victim(healthy, join(folder(t), "lake"), PATH);
  const bytes = victim.read();
  const files = 60;
  for (let file = 0; file < files; file++) {
    const random = new Random(1000 + file);
    const damaged = Buffer.from(bytes);
    // Half of them in the footer, which is short.
    const from = file % 2 === 0 ? 0 : bytes.length - bytes.readUInt32LE(bytes.length - 8) - 8;
    for (let i = random.int(1, 5); i > 0; i--)
      damaged[random.int(from, bytes.length - 1)] = random.int(0, 255);
    put(out, PATH.replaceAll("da_hourly", `f${file}`), damaged);
  }
  const { totals, findings } = await verify(out);
  assert.equal(totals.files, files);
  assert.equal(new Set(findings.map(({ file }) => file)).size, files);
  const { feeds, stray } = await readCoverage(out);
  assert.equal(feeds.length + stray.length, files);
});

test("of many findings of a check the first few are named, the others counted", async (t) => {
  const victim = new Victim(healthy, join(folder(t), "lake"), PATH);
  await victim.changeRows((groups) => groups.map((group) => group.map((each) => ({ ...each, hour: 7 }))));
  const { findings, omitted, totals } = await verify(victim.out);
  const named = findings.filter(({ check }) => check === "hour-ending");
  const counted = omitted.find(({ check }) => check === "hour-ending")!;
  assert.equal(named.length, 5);
  assert.equal(named.length + counted.count, DAYS.length * 23);
  assert.ok(totals.errors >= DAYS.length * 23);
  assert.deepEqual([named[0]!.rowGroup, named[0]!.day, named[0]!.file], [0, "2025-03-29", PATH]);
});

test("against the source files: other values, missing and further rows are found", async (t) => {
  const victim = new Victim(healthy, join(folder(t), "lake"), PATH);
  const deep = [join(root, "in")];
  await victim.changeRows((groups) => [
    groups[0]!.slice(LOCATIONS),
    groups[1]!.with(30, measure(0, 77)(groups[1]![30]!)),
    ...groups.slice(2, 4),
    groups[4]!.with(GROUP_ROWS - 1, {
      ...groups[4]!.at(-1)!,
      entity: groups[4]!.at(-1)!.entity.with(0, "ZZZ"),
    }),
  ]);
  const { findings } = await verify(victim.out, deep);
  const found = findings
    .filter(({ check }) => check.startsWith("deep"))
    .map(({ check, day, message }) => [check, day, message.replace(/.*: /, "").replace(/(is 77,).*/, "$1")]);
  assert.deepEqual(found, [
    ["deep-differs", "2025-03-30", "lmp_total is 77,"],
    ["deep-missing", "2025-03-29", "6 rows of the source files are not there"],
    ["deep-missing", "2025-04-02", "1 rows of the source files are not there"],
    ["deep-extra", "2025-04-02", "1 rows are not of the source files"],
  ]);
});

test("against the source files: the same rows written with other settings are the same", async (t) => {
  const out = folder(t);
  const inputs = [join(root, "in")];
  await convert({
    inputs,
    out,
    compression: "snappy",
    rowGroupSize: 50,
    encoder: "parquet-wasm",
    threads: 1,
  });
  assert.deepEqual((await verify(out, inputs)).findings, []);
});

test("against the source files: a year file that is not there", async (t) => {
  const victim = new Victim(healthy, join(folder(t), "lake"), PATH);
  rmSync(victim.file);
  victim.dropManifest();
  const { findings } = await verify(victim.out, [join(root, "in")]);
  assert.deepEqual(
    findings.map(({ check, file }) => [check, file]),
    [["deep-missing", PATH]],
  );
});
