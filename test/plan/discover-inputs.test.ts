import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { GridparquetError } from "../../src/errors.js";
import { checkOutputApart, discoverInputs } from "../../src/plan/discover-inputs.js";
import { folder, put } from "../helpers/folder.js";

/** Paths found below `root`, relative to it. */
async function found(root: string, ...inputs: string[]): Promise<string[]> {
  const { files } = await discoverInputs(inputs.map((input) => join(root, input)));
  return files.map(({ path }) => relative(root, path));
}

function refusal(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof GridparquetError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

test("a folder gives every file below it, in the order of the paths, with its size", async (t) => {
  const root = folder(t);
  put(root, "b/2.csv", "xx");
  put(root, "a.csv", "x");
  put(root, "b/deep/er/1.csv", "");
  put(root, "c.csv", "xxx");
  const { files, skipped } = await discoverInputs([root]);
  assert.deepEqual(
    files.map(({ path, bytes }) => [relative(root, path), bytes]),
    [
      ["a.csv", 1],
      ["b/2.csv", 2],
      ["b/deep/er/1.csv", 0],
      ["c.csv", 3],
    ],
  );
  assert.deepEqual(skipped, []);
});

test("the order of the inputs does not matter, and a file that is named twice is taken once", async (t) => {
  const root = folder(t);
  for (const name of ["a.csv", "b/1.csv", "b/2.csv"]) put(root, name, "x");
  const all = ["a.csv", "b/1.csv", "b/2.csv"];
  assert.deepEqual(await found(root, "b", "a.csv"), all);
  assert.deepEqual(await found(root, "a.csv", "b/2.csv", "b", ".", "b/../a.csv"), all);
});

test("a file that is reached through a link as well is taken once", async (t) => {
  const root = folder(t);
  put(root, "a/1.csv", "x");
  symlinkSync(join(root, "a/1.csv"), join(root, "link.csv"));
  symlinkSync(join(root, "a"), join(root, "folder"));
  assert.equal((await found(root, ".")).length, 1);
  assert.deepEqual(await found(root, "link.csv"), ["link.csv"]);
});

test("links that lead in a circle come to an end", async (t) => {
  const root = folder(t);
  put(root, "a/1.csv", "x");
  symlinkSync(root, join(root, "a/up"));
  symlinkSync(join(root, "loop2"), join(root, "loop1"));
  symlinkSync(join(root, "loop1"), join(root, "loop2"));
  symlinkSync(join(root, "gone.csv"), join(root, "dangling.csv"));
  const { files, skipped, failures } = await discoverInputs([root]);
  assert.equal(files.length, 1);
  assert.deepEqual(skipped, []);
  const links = failures.map(({ file }) => relative(root, file));
  assert.deepEqual(links.sort(), ["dangling.csv", "loop1", "loop2"]);
  assert.match(failures[0]!.message, /cannot be read: no such file/);
});

test("hidden files and folders below a folder are passed over, unless they are named", async (t) => {
  const root = folder(t);
  for (const name of [".hidden.csv", ".git/1.csv", "a/.b/2.csv", "a/3.csv"]) put(root, name, "x");
  assert.deepEqual(await found(root, "."), ["a/3.csv"]);
  assert.deepEqual(await found(root, ".hidden.csv", ".git"), [".git/1.csv", ".hidden.csv"]);
});

test("patterns give the files that fit", async (t) => {
  const root = folder(t);
  for (const name of ["2024/a.csv", "2024/b.txt", "2025/a.csv", "2025/deep/c.csv", "2025/.d.csv"])
    put(root, name, "x");
  assert.deepEqual(await found(root, "*/a.csv"), ["2024/a.csv", "2025/a.csv"]);
  assert.deepEqual(await found(root, "**/*.csv"), ["2024/a.csv", "2025/a.csv", "2025/deep/c.csv"]);
  assert.deepEqual(await found(root, "202?/*.{csv,txt}"), ["2024/a.csv", "2024/b.txt", "2025/a.csv"]);
  await assert.rejects(
    discoverInputs([join(root, "*.parquet")]),
    refusal("input-missing", /no file fits this pattern/),
  );
});

test("a file whose name looks like a pattern is that file", async (t) => {
  const root = folder(t);
  put(root, "a[1].csv", "x");
  put(root, "a1.csv", "x");
  assert.deepEqual(await found(root, "a[1].csv"), ["a[1].csv"]);
});

test("an input that does not exist, and inputs without a file, are errors that name them", async (t) => {
  const root = folder(t);
  put(root, "a.csv", "x");
  await assert.rejects(
    discoverInputs([join(root, "a.csv"), join(root, "b.csv")]),
    refusal("input-missing", /b\.csv/),
  );
  mkdirSync(join(root, "empty/er"), { recursive: true });
  await assert.rejects(
    discoverInputs([join(root, "empty")]),
    refusal("input-empty", /there is no file in .*empty/),
  );
});

test("what is neither a file nor a folder is skipped, not waited for", async (t) => {
  const root = folder(t);
  execFileSync("mkfifo", [join(root, "pipe")]);
  const { files, skipped } = await discoverInputs([root]);
  assert.deepEqual(files, []);
  assert.deepEqual(skipped, [{ file: join(root, "pipe"), reason: "is neither a file nor a folder" }]);
});

test("an output at or below an input folder is refused, whether it exists or not, by whatever path", async (t) => {
  const root = folder(t);
  mkdirSync(join(root, "in/below"), { recursive: true });
  symlinkSync(join(root, "in"), join(root, "link"));
  for (const out of [
    "in",
    "in/below",
    "in/new",
    "in/new/er",
    "link/new",
    "in/../in/x",
    "in/..x",
    "in/...",
    "link",
  ]) {
    const check = checkOutputApart([join(root, "in")], join(root, out));
    await assert.rejects(check, refusal("output-inside-input", /lies inside the input/), out);
  }
  const through = checkOutputApart([join(root, "link")], join(root, "in/new"));
  await assert.rejects(through, refusal("output-inside-input", /lies inside/));
});

test("an output beside, above or named like an input folder is fine, and so is one beside an input file", async (t) => {
  const root = folder(t);
  put(root, "in/a.csv", "x");
  for (const out of ["out", ".", "in2", "in.parquet", "new/in", "..in"]) {
    await checkOutputApart([join(root, "in")], join(root, out));
  }
  await checkOutputApart([join(root, "in/a.csv")], join(root, "in/out"));
});

test("a search that is stopped gives no files, and no failure of the file in hand", async (t) => {
  const root = folder(t);
  put(root, "a.csv", "x");
  await assert.rejects(
    discoverInputs([root], AbortSignal.abort()),
    refusal("aborted", /^the run was stopped/),
  );
});
