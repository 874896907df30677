import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { JobFeed, JobInfo } from "../../src/run/protocol.js";
import {
  listSeen,
  publishSeen,
  type SeenOutcome,
  type SeenYear,
  seenPath,
} from "../../src/write/publish-seen.js";
import { SeenEntities } from "../../src/write/seen-entities.js";
import { folder } from "../helpers/folder.js";
import { ANCILLARY, batchOf, ENERGY, energyRow, type Row } from "../helpers/rows.js";
import { JOB_FEED } from "../helpers/year-files.js";

const RESERVES: JobFeed = { ...JOB_FEED, feed: "as_hourly", table: "ancillary", market: "RT" };
const DAY_MS = 86_400_000;

function job(out: string, feeds: readonly JobFeed[]): JobInfo {
  return {
    iso: "PJM",
    out,
    files: [],
    feeds,
    rowGroupSize: 10,
    chunkSize: 10,
    compression: "zstd",
    encoder: "own",
    strict: false,
    threads: 1,
  };
}

function year(feed: JobFeed, rows: readonly Row[]): { feed: JobFeed; seen: SeenEntities } {
  const seen = new SeenEntities(feed.table);
  seen.add({ batch: batchOf(feed.table === "energy" ? ENERGY : ANCILLARY, rows), from: 0, to: rows.length });
  return { feed, seen };
}

const day = (date: number, location: string): Row => energyRow(date * DAY_MS, location, 1);
const reserve: Row = { ...day(19_000, "x"), entity: ["REG", "REG", null], measures: [1, null] };

async function publish(info: JobInfo, years: readonly SeenYear[]): Promise<SeenOutcome> {
  return publishSeen(info, await listSeen(info, years));
}

/** The list on the disk as [feed, name, first day, last day]. */
function listed(path: string): string[][] {
  const list = JSON.parse(readFileSync(path, "utf8")) as {
    feeds: ({ feed: string } & Record<string, Record<string, string>[]>)[];
  };
  return list.feeds.flatMap(({ feed, locations, products }) =>
    (locations ?? products ?? []).map((each) => [
      feed,
      each.location ?? each.product ?? "",
      each.first_day ?? "",
      each.last_day ?? "",
    ]),
  );
}

test("runs add to the lists; years of a feed make one entry; nothing seen, nothing written", async (t) => {
  const out = folder(t);
  const locations = seenPath(out, "PJM", "energy");
  const info = job(out, [JOB_FEED, RESERVES]);
  assert.equal(locations, join(out, "_gridparquet", "locations", "pjm.json"));
  const nothing = { failures: [], warnings: [], unmapped: [] };
  assert.deepEqual(await publish(info, []), nothing);
  assert.deepEqual(readdirSync(out), []);

  const years = [year(JOB_FEED, [day(19_700, "A")]), year(JOB_FEED, [day(19_000, "A"), day(19_001, "B")])];
  assert.deepEqual(await publish(info, years), nothing);
  assert.deepEqual(listed(locations), [
    ["da_hourly", "A", "2022-01-08", "2023-12-09"],
    ["da_hourly", "B", "2022-01-09", "2022-01-09"],
  ]);
  const first = readFileSync(locations);
  assert.deepEqual(readdirSync(join(out, "_gridparquet")), ["locations"]);
  const realTime: JobFeed = { ...JOB_FEED, feed: "rt_hourly", market: "RT" };
  await publish(job(out, [realTime, RESERVES]), [
    year(realTime, [day(19_000, "A")]),
    year(RESERVES, [reserve]),
  ]);
  assert.deepEqual(listed(locations).at(-1), ["rt_hourly", "A", "2022-01-08", "2022-01-08"]);
  assert.equal(listed(locations).length, 3);
  assert.deepEqual(listed(seenPath(out, "PJM", "ancillary")), [
    ["as_hourly", "REG", "2022-01-08", "2022-01-08"],
  ]);
  assert.ok(readFileSync(locations).length > first.length);
  assert.deepEqual(readdirSync(dirname(locations)), ["pjm.json"]);
});

test("a list that another run has changed since it was looked at is added to as it is now", async (t) => {
  const out = folder(t);
  const info = job(out, [JOB_FEED]);
  const path = seenPath(out, "PJM", "energy");
  const prepared = await listSeen(info, [year(JOB_FEED, [day(19_000, "A")])]);
  await publish(info, [year(JOB_FEED, [day(19_001, "B")])]);
  await publishSeen(info, prepared);
  assert.deepEqual(
    listed(path).map(([, name]) => name),
    ["A", "B"],
  );
});

test("a damaged list is replaced with a warning", async (t) => {
  const out = folder(t);
  const path = seenPath(out, "PJM", "energy");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '{"schema_version": "1", "iso":');
  const { warnings, failures } = await publish(job(out, [JOB_FEED]), [year(JOB_FEED, [day(19_000, "A")])]);
  assert.deepEqual(failures, []);
  assert.deepEqual(warnings, [
    `${path} is not JSON; it has been replaced, and lists only what this run has seen`,
  ]);
  assert.deepEqual(listed(path), [["da_hourly", "A", "2022-01-08", "2022-01-08"]]);
});

test("a list that cannot be written is a failure of its own and leaves nothing half made", async (t) => {
  const out = folder(t);
  const path = seenPath(out, "PJM", "energy");
  mkdirSync(path, { recursive: true });
  const { failures } = await publish(job(out, [JOB_FEED, RESERVES]), [
    year(JOB_FEED, [day(19_000, "A")]),
    year(RESERVES, [reserve]),
  ]);
  assert.deepEqual(
    failures.map(({ file }) => file),
    [path],
  );
  assert.match(failures[0]!.message, /^the list of locations was not written: is a folder/);
  assert.deepEqual(readdirSync(dirname(path)), ["pjm.json"]);
  assert.equal(listed(seenPath(out, "PJM", "ancillary")).length, 1);
});
