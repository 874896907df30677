import assert from "node:assert/strict";
import { test } from "node:test";
import { bareText, fixedText, pointText, shortText } from "../../src/demo/number-text.js";

test("prices are printed as each market prints them", () => {
  const texts = (micros: number) => [
    fixedText(2)(micros),
    fixedText(4)(micros),
    shortText(micros),
    bareText(micros),
    pointText(micros),
  ];
  assert.deepEqual(texts(12_500_000), ["12.50", "12.5000", "12.5", "12.5", "12.5"]);
  assert.deepEqual(texts(-370_000), ["-0.37", "-0.3700", "-0.37", "-.37", "-0.37"]);
  assert.deepEqual(texts(28_000_000), ["28.00", "28.0000", "28", "28", "28.0"]);
  assert.deepEqual(texts(0), ["0.00", "0.0000", "0", "0", "0.0"]);
  assert.deepEqual(texts(-0), ["0.00", "0.0000", "0", "0", "0.0"]);
  assert.deepEqual(texts(1_234_560_000), ["1234.56", "1234.5600", "1234.56", "1234.56", "1234.56"]);
  assert.equal(shortText(38_346_540), "38.34654");
  assert.equal(fixedText(4)(-1_936_600), "-1.9366");
});
