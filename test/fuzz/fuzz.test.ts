import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeCase } from "./fuzz-case.js";
import type { FuzzInput } from "./fuzz-target.js";
import { corpusOf } from "./seed-inputs.js";
import { TARGETS } from "./targets.js";

/*
 * Inputs at random, always the same ones, and the committed corpus. `npm run fuzz` goes on from here with other seeds
 * for as long as it is told; what it finds belongs into the corpus.
 */

const SEED = 2025;
/** Cases by target: together they take about a minute and a half on two cores. */
const CASES: Readonly<Record<string, number>> = { csv: 600, recognise: 1500, containers: 2000, yaml: 3000 };

async function check(target: (typeof TARGETS)[number], input: FuzzInput, what: string): Promise<void> {
  try {
    await target.check(input);
  } catch (error) {
    const path = join(
      mkdtempSync(join(tmpdir(), "gridparquet-fuzz-")),
      input.name.replaceAll(/[^\w.-]/g, "_").slice(0, 100),
    );
    writeFileSync(path, input.bytes);
    (error as Error).message = `${target.name}, ${what}, input in ${path}: ${(error as Error).message}`;
    throw error;
  }
}

for (const target of TARGETS) {
  const seeds = corpusOf(target.name);

  test(`${target.name}: the corpus`, async () => {
    assert.ok(seeds.length > 5, "the corpus is there");
    for (const input of seeds) await check(target, input, `corpus ${input.name}`);
  });

  // A case that hangs is what the limit is for; it is far above what all cases take on a busy machine.
  test(`${target.name}: inputs at random`, { timeout: 900_000 }, async () => {
    for (let number = 0; number < CASES[target.name]!; number++)
      await check(target, makeCase(target, seeds, SEED, number), `seed ${SEED}, case ${number}`);
  });
}
