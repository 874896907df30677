import assert from "node:assert/strict";
import { test } from "node:test";
import * as L from "../../kernels/layout.js";
import { compileProgram } from "../../src/csv/decode-program.js";
import { KernelMemory } from "../../src/csv/kernel-memory.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { forSeeds, Random } from "../helpers/random.js";

const PROGRAM = compileProgram(
  DA_HOURLY,
  DA_HOURLY.columns.map(({ from }) => from),
);
const newMemory = () => new KernelMemory(PROGRAM, 4 << 20);

/** Puts text into the data; returns its place and length. */
function write(memory: KernelMemory, text: string, offset = 0): [at: number, length: number] {
  return [
    memory.dataAt + offset,
    memory.data.subarray(offset).length &&
      Buffer.from(memory.data.buffer, memory.data.byteOffset + offset).write(text),
  ];
}

test("bytes are compared whole, at every length and place", () => {
  const memory = newMemory();
  const { same } = memory.kernels;
  forSeeds(300, (random) => {
    const length = random.int(0, 60);
    for (let i = 0; i < 200; i++) memory.data[i] = random.int(0, 255);
    const a = random.int(0, 20);
    const b = random.int(100, 120);
    memory.data.copyWithin(b, a, a + length);
    const at = memory.dataAt;
    assert.ok(same(at + a, at + b, length));
    if (length === 0) return;
    memory.data[b + random.int(0, length - 1)]! ^= 1 << random.int(0, 7);
    assert.ok(!same(at + a, at + b, length));
  });
});

test("a step ends where its fields end, read one by one", () => {
  const memory = newMemory();
  const { fieldsEnd, nextField } = memory.kernels;
  forSeeds(2000, (random) => {
    const pieces = ["a", "12.5", ",", ",", ",", "a long text of a cell", '"', "\r", " ", "é", "\u0000"];
    const usual = random.chance(0.7) ? pieces.slice(0, 6) : pieces;
    const text = Array.from({ length: random.int(0, 40) }, () => random.pick(usual)).join("");
    const [at] = write(memory, `${text}\n${",".repeat(40)}\n`, random.int(0, 20));
    for (const [step, { from, to }] of PROGRAM.steps.entries()) {
      let end = at;
      for (let field = from; field < to && end !== 0; field++)
        end = nextField(end, field + 1 === PROGRAM.fields.length);
      assert.equal(fieldsEnd(step, at), end, JSON.stringify([text, from, to]));
    }
  });
});

test("the run dictionary finds what it was given in each step, and nothing else, while it grows", () => {
  const random = new Random(7);
  const memory = newMemory();
  const { kernels } = memory;
  const known = new Map<string, number>();
  for (let i = 0; i < 30_000; i++) {
    const step = random.int(0, 1);
    const text = `${random.digits(random.int(0, 9))},${random.pick(["HUB", "ZONE", "a longer description"])}`;
    const [at, length] = write(memory, text, random.int(0, 20));
    const found = kernels.findRun(step, at, length);
    const key = `${step} ${text}`;
    assert.equal(found, known.get(key) ?? -1, key);
    if (found < 0) known.set(key, kernels.addRun(step, at, length, i));
    else assert.equal(memory.entries[found * L.ENTRY_WORDS + L.ENTRY_LENGTH], length);
  }
  assert.equal(memory.state[L.ENTRY_COUNT], known.size + 1);
  assert.ok(known.size > 10_000);
  assert.ok(!memory.isFull);
  for (const [key, code] of known) {
    const [at, length] = write(memory, key.slice(2));
    assert.equal(kernels.findRun(Number(key[0]), at, length), code);
  }
  memory.clear();
  for (const [key] of known) {
    const [at, length] = write(memory, key.slice(2));
    assert.equal(kernels.findRun(Number(key[0]), at, length), -1);
  }
});

test("the run dictionary keeps the value of each code; codes begin at 1", () => {
  const memory = newMemory();
  for (let code = 1; code < 5000; code++) {
    const [at, length] = write(memory, `run ${code}`);
    assert.equal(memory.kernels.addRun(0, at, length, code * 3), code);
  }
  for (let code = 1; code < 5000; code++)
    assert.equal(memory.entries[code * L.ENTRY_WORDS + L.ENTRY_VALUE], code * 3);
});

test("the run dictionary is full before it can fill the memory", () => {
  const large = newMemory();
  for (let i = 0; i < 4096; i++) {
    assert.ok(!large.isFull);
    const [at] = write(large, String(i).padStart(8));
    large.kernels.addRun(0, at, 4096, i);
  }
  assert.ok(large.isFull);
});
