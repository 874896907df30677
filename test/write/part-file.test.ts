import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { PartFile } from "../../src/write/part-file.js";
import { folder, put } from "../helpers/folder.js";

test("bytes are appended, can be read back, and appear under the final name only when published", async (t) => {
  const root = folder(t);
  const final = join(root, "deep/er/data.parquet");
  const part = await PartFile.create(`${final}.partial`);
  assert.equal(await part.append(Buffer.from("hello ")), 0);
  assert.equal(await part.append(new Uint8Array(0)), 6);
  assert.equal(await part.append(Buffer.from("world")), 6);
  assert.equal(part.size, 11);
  assert.equal(Buffer.from(await part.read(4, 4)).toString(), "o wo");
  assert.equal((await part.read(11, 0)).length, 0);
  await assert.rejects(part.read(8, 4), /shorter than what was written/);
  assert.ok(!existsSync(final));
  await part.publish(final);
  assert.equal(readFileSync(final, "utf8"), "hello world");
  assert.deepEqual(readdirSync(join(root, "deep/er")), ["data.parquet"]);
});

test("publishing replaces an older file, which is whole until then", async (t) => {
  const root = folder(t);
  const final = put(root, "data.parquet", "the old one");
  const part = await PartFile.create(`${final}.partial`);
  await part.append(Buffer.from("new"));
  assert.equal(readFileSync(final, "utf8"), "the old one");
  await part.publish(final);
  assert.equal(readFileSync(final, "utf8"), "new");
});

test("what an earlier run left under the temporary name is not kept", async (t) => {
  const path = put(folder(t), "data.partial", "left over, and longer");
  const part = await PartFile.create(path);
  await part.append(Buffer.from("x"));
  await part.publish(`${path}.done`);
  assert.equal(readFileSync(`${path}.done`, "utf8"), "x");
});

test("a discarded file is gone, and may be discarded again", async (t) => {
  const root = folder(t);
  const part = await PartFile.create(join(root, "data.partial"));
  await part.append(Buffer.from("x"));
  await part.discard();
  assert.deepEqual(readdirSync(root), []);
  await part.discard();
});

test("a file that cannot take its name leaves the old one, and nothing else once it is discarded", async (t) => {
  const root = folder(t);
  mkdirSync(join(root, "data.parquet/in-the-way"), { recursive: true });
  const part = await PartFile.create(join(root, "data.parquet.partial"));
  await part.append(Buffer.from("x"));
  await assert.rejects(part.publish(join(root, "data.parquet")));
  await part.discard();
  assert.deepEqual(readdirSync(root), ["data.parquet"]);
});

test("a part file that was left can be gone on with, cut to what counts of it", async (t) => {
  const path = join(folder(t), "data.partial");
  const part = await PartFile.create(path);
  await part.append(Buffer.from("kept"));
  await part.flush();
  await part.append(Buffer.from(" and not kept"));
  await part.leave(4);
  assert.equal(readFileSync(path, "utf8"), "kept");
  const again = await PartFile.reopen(path, 3);
  assert.equal(await again.append(Buffer.from("p up")), 3);
  assert.equal(Buffer.from(await again.read(0, 7)).toString(), "kepp up");
  await again.leave(again.size);
  assert.equal(readFileSync(path, "utf8"), "kepp up");
  await assert.rejects(PartFile.reopen(path, 8), /is shorter than it was/);
  await assert.rejects(PartFile.reopen(`${path}.none`, 0), { code: "ENOENT" });
});

test("what was begun to be flushed is flushed in the end with all else, and its failure is told then", async (t) => {
  const path = join(folder(t), "data.partial");
  const part = await PartFile.create(path);
  await part.append(Buffer.from("hello "));
  part.beginFlush();
  await part.append(Buffer.from("world!"));
  await part.flush();
  await part.cut(11);
  await part.flush();
  part.beginFlush();
  await part.publish(`${path}.done`);
  assert.equal(readFileSync(`${path}.done`, "utf8"), "hello world");

  const handle = await open(path, "w");
  const { prototype } = handle.constructor;
  await handle.close();
  const broken = await PartFile.create(path);
  t.mock.method(prototype, "sync", async () => assert.fail("a broken disk"), { times: 1 });
  broken.beginFlush();
  await broken.append(Buffer.from("x"));
  await assert.rejects(broken.flush(), /a broken disk/);
  await assert.rejects(broken.flush(), /a broken disk/, "though the disk would not say it again");
  await broken.discard();
});
