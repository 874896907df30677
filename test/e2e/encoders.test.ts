import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { writeDemoFiles } from "../../src/demo/demo.js";
import { convert } from "../../src/index.js";
import { query } from "../helpers/duckdb.js";
import { tempFolder } from "./helpers.js";

/* Files of gridparquet's own encoder against those of parquet-wasm for all columns, row by row in the files' order. */

const REAL_DATA = process.env.GRIDPARQUET_REAL_DATA ?? "";

/** Rows of a file with their place in it. */
const numbered = (file: string) =>
  `SELECT row_number() OVER () AS place, t.* FROM read_parquet('${file}', hive_partitioning = false) t`;

async function compare(input: string, folder: string): Promise<number> {
  const settings = { inputs: [input], threads: 2, rowGroupSize: 30_000 };
  const own = await convert({ ...settings, out: join(folder, "own") });
  const reference = await convert({
    ...settings,
    out: join(folder, "reference"),
    encoder: "parquet-wasm",
    compression: "snappy",
  });
  const paths = own.outputs.map(({ path }) => relative(join(folder, "own"), path));
  assert.deepEqual(
    reference.outputs.map(({ path }) => relative(join(folder, "reference"), path)),
    paths,
  );
  for (const path of paths) {
    const [a, b] = [numbered(join(folder, "own", path)), numbered(join(folder, "reference", path))];
    const rows = await query(`SELECT count(*) FROM ((${a}) EXCEPT ALL (${b}))`);
    const others = await query(`SELECT count(*) FROM ((${b}) EXCEPT ALL (${a}))`);
    assert.deepEqual([Number(rows[0]![0]), Number(others[0]![0])], [0, 0], path);
  }
  return paths.length;
}

test("sample files of all ISOs: the same rows from both encoders", async (t) => {
  const folder = tempFolder(t);
  const { input } = await writeDemoFiles(join(folder, "demo"));
  assert.ok((await compare(input, folder)) > 20);
});

test("files as published: the same rows from both encoders", {
  skip: (REAL_DATA === "" || !existsSync(REAL_DATA)) && "GRIDPARQUET_REAL_DATA names no folder",
}, async (t) => {
  assert.ok((await compare(REAL_DATA, tempFolder(t))) > 20);
});
