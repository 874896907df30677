import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { inlineScript } from "../../src/report/inline-script.js";
import { reportPage } from "../../src/report/page.js";
import { madeUpModel } from "./models.js";

test("what comes from outside is escaped, wherever it stands", async () => {
  const page = reportPage(madeUpModel(), await inlineScript());
  assert.ok(!page.includes("<script>alert"), "a script of a file's name");
  assert.ok(!page.includes("\u202e"), "a mark that turns the text around");
  // its ampersand is escaped once, not never and not twice
  assert.ok(page.includes("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp;\\n"));
  assert.ok(!page.includes("&amp;lt;script"));
  assert.ok(page.includes("\\u202egnp.csv"));
});

test("the policy allows the page's own style and script alone", async () => {
  const page = reportPage(madeUpModel(), await inlineScript());
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)!;
  assert.match(policy!, /^default-src 'none'; base-uri 'none'; form-action 'none'; style-src/);
  assert.doesNotMatch(policy!, /unsafe|https?:/);
  for (const [kind, pattern] of [
    ["style", /<style>([\s\S]*?)<\/style>/],
    ["script", /<script>([\s\S]*?)<\/script>/],
  ] as const) {
    const hash = createHash("sha256").update(pattern.exec(page)![1]!).digest("base64");
    assert.ok(policy!.includes(`${kind}-src 'sha256-${hash}'`), kind);
  }
  assert.doesNotMatch(page, / (?:src|style|on[a-z]+)="/, "what the policy would not allow");
});

test("the rows add up in view of everyone", async () => {
  const page = reportPage(madeUpModel(), await inlineScript());
  assert.ok(page.includes("1,010 rows read = 1,000 written + 10 rejected + 0 duplicates dropped"));
  const model = madeUpModel();
  model.run!.summary.totals.rowsWritten--;
  assert.ok(reportPage(model, "").includes("1,010 rows read ≠ 999 written"));
});

test("days are said in words as well", async () => {
  const page = reportPage(madeUpModel(), await inlineScript());
  assert.ok(page.includes("PJM feed_1 in 2024: 362 whole, 1 partial, 3 missing"));
  assert.ok(page.includes("missing: 10–12 April 2024"));
  assert.ok(page.includes("partial: 19 July 2024 (12 of 24 intervals)"));
});

test("a page of 41 feeds with 150 locations stays below 1.5 MB", async () => {
  const model = madeUpModel({ feeds: 41, locations: 4 });
  const page = reportPage(model, await inlineScript());
  assert.ok(Buffer.byteLength(page) < 1_500_000, `${Buffer.byteLength(page)} bytes`);
});

test("a page about a data set has no parts about a run", async () => {
  const page = reportPage({ ...madeUpModel(), run: null }, await inlineScript());
  assert.ok(page.includes("What the data set holds"));
  assert.doesNotMatch(page, /id="(run|problems)"/);
  assert.match(page, /id="coverage"[\s\S]*id="prices"[\s\S]*id="files"/);
});

test("an empty run makes a page, too", async () => {
  const { run, ...rest } = madeUpModel({ feeds: 0, locations: 0 });
  const summary = { ...run!.summary, outputs: [], files: [], failures: [], skipped: [], elapsedSeconds: 0 };
  const prices = { series: [], notes: [] };
  const page = reportPage({ ...rest, prices, run: { ...run!, summary, samples: [] } }, "");
  assert.doesNotMatch(page, /NaN|Infinity|undefined/);
  assert.ok(page.includes("too short for a picture"));
});

test("numbers of the page are numbers", () => {
  assert.doesNotMatch(reportPage(madeUpModel(), ""), /NaN|Infinity|undefined/);
});
