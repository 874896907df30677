import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig, readConfigFile } from "../../src/cli/config-file.js";
import { folder, usage } from "./helpers.js";

async function valuesOf(text: string): Promise<Record<string, unknown>> {
  return Object.fromEntries([...(await parseConfig(text))].map(([name, { value }]) => [name, value]));
}

test("keys are long option names", async () => {
  const text =
    "threads: 4\nisos: [PJM, CAISO]\nyear: 2024\nno-progress: true\ncompression: none\nout: lake # here\n";
  assert.deepEqual(await valuesOf(text), {
    threads: 4,
    iso: ["PJM", "CAISO"],
    year: ["2024"],
    "no-progress": true,
    compression: "none",
    out: "lake",
  });
});

test("a missing, empty or commented-out file sets nothing", async (t) => {
  assert.equal((await readConfigFile(folder(t))).size, 0);
  for (const text of ["", "\n", "# threads: 4\n", "---\n"]) assert.deepEqual(await valuesOf(text), {});
});

test("mistakes name file, line and key", async () => {
  const cases: [string, RegExp, RegExp?][] = [
    [
      "out: x\n\ntreads: 4\n",
      /^gridparquet\.config\.yaml:3: treads is not an option$/,
      /Did you mean threads\?/,
    ],
    ["batch_size: 4\n", /:1: batch_size is not an option/, /Did you mean batch-size\?/],
    ["xyzzy: 4\n", /:1: xyzzy is not an option/, /without dashes/],
    ["out: x\nthreads: many\n", /:2: threads must be a whole number from 1 to 256, not 'many'/],
    ["threads: '4'\n", /:1: threads must be a whole number from 1 to 256, not '4'/],
    ["threads: 4.5\n", /:1: threads must be a whole number .*, not 4\.5/],
    ["threads: 0\n", /:1: threads must be a whole number .*, not 0/],
    ["threads:\n", /:1: threads must be .*, not empty/],
    ["strict: yes\n", /:1: strict must be true or false, not 'yes'/],
    ["compression: zip\n", /:1: compression must be one of zstd, snappy, none, not 'zip'/],
    ["iso: [PJM, 3]\n", /:1: iso must be a name or a list of names, not \["PJM",3\]/],
    ["iso: []\n", /:1: iso must be/],
    ["year: next\n", /:1: year must be a year or a list of years, not 'next'/],
    ["out: {}\n", /:1: out must be a folder's name, not \{\}/],
    ["iso: PJM\nisos: CAISO\n", /:2: isos says the same as iso/],
    ["threads: 4\nthreads: 5\n", /^gridparquet\.config\.yaml:2: /],
    ["threads: [4\n", /^gridparquet\.config\.yaml:\d+: /],
    ["- threads\n", /:1: must be options and their values/, /threads: 4/],
  ];
  for (const [text, message, hint] of cases) {
    await assert.rejects(parseConfig(text), usage(message, hint), JSON.stringify(text));
  }
});
