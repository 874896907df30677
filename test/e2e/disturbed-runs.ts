import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../../src/dataset/manifest.js";
import { caisoLmpFile, writeCaisoLmp } from "../../src/demo/caiso-files.js";
import type { ConvertSummary, FileAccount } from "../../src/run/options.js";
import {
  assertNothingLeft,
  checkAccounts,
  dayLines,
  digests,
  filesBelow,
  readRejects,
  runRecord,
  writeDays,
} from "./helpers.js";

/* What runs are given that are killed or hindered, and what must be the same however they came to their end. */

/** So many that a row group has more changes of file than are kept in memory. */
export const NODES = 20;

/** Two ISOs, zip files, components in two files, rows that come late and twice, bad records, two years. */
export async function makeInput(folder: string): Promise<void> {
  const [pjm, caiso] = [join(folder, "pjm"), join(folder, "caiso")];
  const days = ["2024-12-31", "2025-01-01", "2025-01-03"];
  await writeDays(
    pjm,
    days.map((date) => ({ feed: "da_hourly", date, nodeCount: NODES })),
  );
  // Two files with the rows of a day in turn, and one with some of them again.
  const { header, records } = dayLines({ feed: "da_hourly", date: "2025-01-02", nodeCount: NODES });
  const part = (rest: number) => records.filter((_, index) => index % 2 === rest);
  writeFileSync(join(pjm, "a.csv"), [header, ...part(0).with(7, "bad"), ""].join("\n"));
  writeFileSync(join(pjm, "b.csv"), [header, ...part(1), "worse", ""].join("\n"));
  writeFileSync(join(pjm, "c.csv"), [header, ...records.slice(40, 60), ""].join("\n"));

  for (const date of ["2024-12-31", "2025-01-02"]) await writeCaisoLmp(caiso, { date, nodeCount: 4 });
  const [columns, ...lines] = [...caisoLmpFile({ date: "2025-01-01", nodeCount: 4 })]
    .join("")
    .trimEnd()
    .split("\n");
  const total = lines.findIndex((line) => line.includes(",LMP_PRC,"));
  const left = lines.filter((_, index) => index !== total);
  for (const rest of [0, 1]) {
    const half = left.filter((_, index) => index % 2 === rest);
    writeFileSync(join(caiso, `half_${rest}.csv`), [columns, ...half, ""].join("\n"));
  }
}

/** What a run leaves, less what depends on the clock, on the folder, and on whether it was disturbed. */
export function outcome(summary: ConvertSummary, out: string) {
  checkAccounts(summary);
  assertNothingLeft(out);
  const { status, exitCode, totals, failures, skipped, passedOver, unmapped } = summary;
  const { files: accounts } = runRecord(summary);
  const seen = filesBelow(join(out, "_gridparquet"))
    .filter((name) => /^(locations|products)/.test(name))
    .map((name) => readFileSync(join(out, "_gridparquet", name), "utf8"));
  const manifests = filesBelow(join(out, "_gridparquet", "manifest")).map((name) => {
    const text = readFileSync(join(out, "_gridparquet", "manifest", name), "utf8");
    return { ...(JSON.parse(text) as Manifest), written: null };
  });
  const described = new Set(manifests.map((manifest) => join(out, manifest.path)));
  for (const { path } of summary.outputs) assert.ok(described.has(path), `${path} has a manifest`);
  return {
    manifests,
    ...{ status, exitCode, totals, failures, skipped, passedOver, unmapped, seen },
    accounts: accounts.map((account): FileAccount => ({ ...account, seconds: null, retries: 0 })),
    outputs: summary.outputs.map((output) => ({ ...output, path: output.path.slice(out.length) })),
    rejected: readRejects(summary),
    files: digests(out),
  };
}
