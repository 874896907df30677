import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDecimal, parseInteger, whyNotDecimal } from "../../src/csv/parse-decimal.js";
import { forSeeds, type Random } from "../helpers/random.js";

/** Reads `text` from the middle of a buffer whose other bytes are digits, so that a wrong bound shows. */
function decimal(text: string): number {
  const bytes = Buffer.from(`77${text}77`);
  return parseDecimal(bytes, 2, bytes.length - 2);
}

function integer(text: string): number {
  const bytes = Buffer.from(`77${text}77`);
  return parseInteger(bytes, 2, bytes.length - 2);
}

function randomDecimal(random: Random): string {
  const sign = random.pick(["", "", "-", "+"]);
  const whole = random.digits(random.int(0, 20));
  const fraction = random.digits(random.int(whole === "" ? 1 : 0, 20));
  return sign + whole + (fraction === "" && random.chance(0.8) ? "" : ".") + fraction;
}

/** Signs, digits and points in any order, valid or not. */
function randomNoise(random: Random): string {
  return Array.from({ length: random.int(0, 8) }, () => random.pick([..."0123456789..+-e, "])).join("");
}

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)$/;

test("decimals are the very doubles that Number reads", () => {
  forSeeds(200, (random) => {
    for (let i = 0; i < 200; i++) {
      const text = randomDecimal(random);
      const value = decimal(text);
      if (!Object.is(value, Number(text))) assert.equal(value, Number(text), text);
    }
  });
});

test("prices as they are printed are read exactly", () => {
  for (let cents = -250_000; cents <= 250_000; cents++) {
    const text = (cents / 100).toFixed(2);
    if (!Object.is(decimal(text), Number(text))) assert.equal(decimal(text), Number(text), text);
  }
  for (const text of ["21.260000", "-0.342860", "21.024537", "0.1", "9007199254740993", "123456789012345"]) {
    assert.ok(Object.is(decimal(text), Number(text)), text);
  }
});

test("unusual forms of decimals are read", () => {
  const forms: [string, number][] = [
    [".2", 0.2],
    ["-.37", -0.37],
    ["+7", 7],
    ["+.5", 0.5],
    ["1.", 1],
    ["-0", -0],
    ["-0.00", -0],
    ["0", 0],
    ["007.50", 7.5],
    ["0.000000000000000001", 1e-18],
    ["1234567890123456", 1234567890123456],
    ["-0.12345678901234567", -0.12345678901234566],
    ["123456789012345.6", 123456789012345.6],
  ];
  for (const [text, value] of forms) assert.ok(Object.is(decimal(text), value), `${text}: ${decimal(text)}`);
});

test("anything but a plain decimal is NaN", () => {
  const refused = ["", "-", "+", ".", "-.", "1e5", "1E5", "NaN", "Infinity", "(1.25)", "1,234.50", "1.2.3"];
  refused.push("--1", "+-1", "1-", "1 2", " 1", "1 ", "0x10", "1_000", "$1", "1%", "١", "1..2", "null");
  for (const text of refused) assert.ok(Number.isNaN(decimal(text)), JSON.stringify(text));
});

test("random noise is read when it is a decimal and refused otherwise", () => {
  forSeeds(100, (random) => {
    for (let i = 0; i < 200; i++) {
      const text = randomNoise(random);
      const expected = DECIMAL.test(text) ? Number(text) : Number.NaN;
      if (!Object.is(decimal(text), expected)) assert.equal(decimal(text), expected, JSON.stringify(text));
    }
  });
});

test("whole numbers are read up to 15 digits, with a minus or none", () => {
  for (const value of [0, 1, 7, 51288, -3, 2147483647, -2147483648, 999_999_999_999_999]) {
    assert.ok(Object.is(integer(String(value)), value), String(value));
  }
  assert.ok(Object.is(integer("-0"), 0), "-0 has no place among whole numbers");
  for (const text of ["", "-", "+1", "1.0", "1e3", "a", " 1", "1234567890123456"]) {
    assert.ok(Number.isNaN(integer(text)), JSON.stringify(text));
  }
});

test("the reason says what stands in place of a number", () => {
  assert.match(whyNotDecimal("1e5"), /exponent/);
  assert.match(whyNotDecimal("-1.5E-3"), /exponent/);
  for (const text of ["NaN", "N/A", "null", "inf", "--"])
    assert.match(whyNotDecimal(text), /no number/, text);
  assert.match(whyNotDecimal("(1.25)"), /parentheses/);
  assert.match(whyNotDecimal("1,234.50"), /thousands/);
  for (const text of ["1.2.3", "abc", "$5"]) assert.equal(whyNotDecimal(text), "is not a number", text);
});

test("the reason of a very long text takes no more than one look at each character", () => {
  for (const part of ["9", "-", ",000", ".", "("]) {
    for (const text of [part.repeat(1 << 20), `1${part.repeat(1 << 20)}x`, `1.${part.repeat(1 << 20)}e`])
      assert.match(whyNotDecimal(text), /not a number|no number/);
  }
});
