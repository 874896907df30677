import assert from "node:assert/strict";
import { test } from "node:test";
import {
  quoteCell,
  Rejection,
  readDecimal,
  readEntityValue,
  trimCell,
  UNMAPPED,
} from "../../src/csv/field-values.js";

function reason(value: unknown): string {
  assert.ok(value instanceof Rejection, `${String(value)} was taken`);
  assert.equal(value.column, null);
  return value.reason;
}

test("spaces and tabs around a cell go, others stay", () => {
  assert.equal(trimCell(" \t a b\t "), "a b");
  assert.equal(trimCell("\u00a0a\u00a0"), "\u00a0a\u00a0");
  assert.equal(trimCell("\n"), "\n");
  assert.equal(trimCell("  "), "");
});

test("a quantity is a number and its unit", () => {
  const kv = { kind: "quantity", unit: "KV" } as const;
  assert.equal(readEntityValue(kv, "138 KV"), 138);
  assert.equal(readEntityValue(kv, "13.8 kv"), 13.8);
  assert.equal(readEntityValue(kv, "500KV"), 500);
  assert.equal(readEntityValue(kv, ""), null);
  for (const text of ["138", "138 MW", "KV", "138 KV KV", "138 K V"]) {
    assert.match(reason(readEntityValue(kv, text)), /is not a number of KV/, text);
  }
  assert.match(reason(readEntityValue(kv, "abc KV")), /is not a number/);
});

test("words outside the vocabulary become OTHER, whatever they are called", () => {
  const type = { kind: "text", map: { GEN: "GENERATOR", HUB: "HUB" } } as const;
  assert.equal(readEntityValue(type, "GEN"), "GENERATOR");
  assert.equal(readEntityValue(type, ""), null);
  for (const word of ["gen", "NEW", "constructor", "__proto__", "toString"]) {
    assert.equal(readEntityValue(type, word), UNMAPPED, word);
  }
});

test("texts with control characters, or of unreasonable length, are refused", () => {
  const text = { kind: "text" } as const;
  assert.equal(readEntityValue(text, "Zürich, 東京"), "Zürich, 東京");
  for (const most of ["x".repeat(256), "é".repeat(128), `${"東".repeat(85)}x`, "😀".repeat(64)]) {
    assert.equal(readEntityValue(text, most), most);
    assert.equal(reason(readEntityValue(text, `${most}x`)), "is longer than 256 bytes");
  }
  for (const cell of ["a\nb", "a\rb", "a\tb", "a\u007fb", "a\u0001"]) {
    assert.match(reason(readEntityValue(text, cell)), /control character/, JSON.stringify(cell));
  }
});

test("whole numbers and decimals of an entity", () => {
  assert.equal(readEntityValue({ kind: "integer" }, "51288"), 51288);
  assert.match(reason(readEntityValue({ kind: "integer" }, "51288.0")), /is not a whole number/);
  assert.equal(readEntityValue({ kind: "decimal" }, "-1.5"), -1.5);
  assert.match(reason(readDecimal("1,234.50")), /"1,234.50" has thousands separators/);
});

test("a cell in a reason is short and shows control characters", () => {
  assert.equal(quoteCell("a\nb"), '"a\\nb"');
  const long = quoteCell("y".repeat(500));
  assert.equal(long, `"${"y".repeat(57)}..."`);
});

test("a long run of spaces within a cell, and a long cell that is nearly a quantity, cost their length", () => {
  const text = `x${" \t".repeat(1 << 20)}x`;
  assert.equal(trimCell(` ${text}\t`), text);
  assert.equal(trimCell(" ".repeat(1 << 20)), "");
  const reading = { kind: "quantity", unit: "KV" } as const;
  for (const cell of [`${"a".repeat(1 << 20)}1`, `1${" ".repeat(1 << 20)}1`, "7".repeat(257)]) {
    const value = readEntityValue(reading, cell);
    assert.ok(value instanceof Rejection);
    assert.equal(value.reason, "is longer than 256 bytes");
  }
});
