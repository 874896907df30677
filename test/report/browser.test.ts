import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { inlineScript } from "../../src/report/inline-script.js";
import { reportPage } from "../../src/report/page.js";
import { folder } from "../helpers/folder.js";
import { FOCUSED, LOW_CONTRAST, launchBrowser, NO_BROWSER, OVERFLOW, openPage, UNNAMED } from "./browser.js";
import { type ModelSize, madeUpModel } from "./models.js";

const options = { skip: NO_BROWSER, timeout: 120_000 };
let browser: Browser;

before(async () => {
  if (NO_BROWSER === false) browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
});

async function writtenPage(t: Parameters<typeof folder>[0], size?: ModelSize): Promise<string> {
  const file = join(folder(t), "report & more.html");
  writeFileSync(file, reportPage(madeUpModel(size), await inlineScript()));
  return file;
}

for (const scheme of ["light", "dark"] as const) {
  for (const width of [390, 1280]) {
    test(`${scheme}, ${width} pixels: quiet, legible, nothing cut off, all named`, options, async (t) => {
      const { page, complaints, requests } = await openPage(browser, await writtenPage(t), { width, scheme });
      assert.match(await page.title(), /^Conversion report: <script>alert\("x"\)/);
      assert.equal(await page.evaluate(OVERFLOW), 0, "wider than the window");
      for (const details of await page.locator("details > summary").all()) await details.click();
      assert.equal(await page.evaluate(OVERFLOW), 0, "wider than the window with all parts open");
      assert.deepEqual(await page.evaluate(LOW_CONTRAST), []);
      assert.deepEqual(await page.evaluate(UNNAMED), []);
      assert.equal(await page.locator("script").count(), 2, "a script of a file's name");
      assert.equal(await page.locator("[onload]").count(), 0);
      assert.deepEqual([complaints, requests], [[], []]);
    });
  }
}

test("the keyboard reaches what there is to reach, in the page's order", options, async (t) => {
  const { page } = await openPage(browser, await writtenPage(t), { width: 1280 });
  const seen: string[] = [];
  for (let i = 0; i < 60 && !seen.includes("Files read"); i++) {
    await page.keyboard.press("Tab");
    seen.push((await page.evaluate(FOCUSED)) as string);
    if (seen.at(-1) === "location") {
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      assert.equal(outline, "solid", "the focus is seen");
    }
    if (new Set(seen).size < seen.length && seen.at(-1) === "skip") break;
  }
  assert.deepEqual(seen.slice(0, 3), ["skip", "Summary", "Problems"]);
  const stops = ["location", "price-days", "price-hours", "plot run-plot"].map((stop) => seen.indexOf(stop));
  assert.ok(
    stops.every((at, i) => at > (stops[i - 1] ?? 0)),
    `${stops.join()}: ${seen.join(", ")}`,
  );
});

test("another location's prices are drawn and said", options, async (t) => {
  const { page, complaints } = await openPage(browser, await writtenPage(t), { width: 1280 });
  const state = async () => ({
    line: await page.locator("#price-days path.line").getAttribute("d"),
    title: await page.locator("#price-title").textContent(),
    sentence: await page.locator("#price-sentence").textContent(),
    months: await page.locator("#price-months").innerHTML(),
    label: await page.locator("#price-days").getAttribute("aria-label"),
  });
  const before = await state();
  await page.locator("#location").focus();
  await page.keyboard.press("ArrowDown");
  const after = await state();
  for (const name of ["line", "title", "sentence", "months", "label"] as const)
    assert.notEqual(after[name], before[name], name);
  assert.match(after.title!, /^<script>alert/);
  assert.match(after.sentence!, /lowest −6\.25 on 1 Jan 2024/);
  await page.keyboard.press("ArrowUp");
  assert.deepEqual(await state(), before, "drawn in the browser as when the page was made");
  assert.deepEqual(complaints, []);
});

test("plots say what someone points at, or steps to", options, async (t) => {
  const { page } = await openPage(browser, await writtenPage(t), { width: 1280 });
  await page.locator("#price-days").focus();
  await page.keyboard.press("Home");
  const readout = page.locator("#price-days-readout");
  assert.equal(await readout.textContent(), "1 Jan 2024: mean 30.00 $/MWh, from −5.25 to 90.50");
  await page.keyboard.press("ArrowRight");
  assert.match((await readout.textContent())!, /^2 Jan 2024:/);
  await page.keyboard.press("End");
  assert.match((await readout.textContent())!, /^31 Dec 2024:/);
  await page.locator("#price-hours").hover();
  assert.match((await page.locator("#price-hours-readout").textContent())!, /^Hour ending 1[0-5]: mean/);
  await page.locator(".run-plot").first().hover();
  assert.match(
    (await page.locator("#run-readout").textContent())!,
    /^After .* s: 200 MB\/s, 2\d\d\.0 MB of memory/,
  );
  await page.locator('.strip[data-feed="PJM feed_1"]').hover({ position: { x: 1, y: 5 } });
  assert.equal(await page.locator("#calendar-2024").textContent(), "PJM feed_1, 1 Jan 2024: whole");
});

test("without scripts the page shows a location, and no hints at what it cannot do", options, async (t) => {
  const view = { width: 390, scripts: false };
  const { page } = await openPage(browser, await writtenPage(t), view);
  assert.match((await page.locator("#price-days path.line").getAttribute("d"))!, /^M/);
  assert.match((await page.locator("noscript").innerText())!, /^Scripts are off here/);
  assert.equal(await page.locator(".readout").first().isVisible(), false);
  await page.locator("details > summary").last().click();
});

test("printed, everything is there, dark on light", options, async (t) => {
  const { page } = await openPage(browser, await writtenPage(t), { width: 900, scheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const colour = (of: string) => page.evaluate(`getComputedStyle(document.body).${of}`);
  assert.deepEqual(
    [await colour("color"), await colour("backgroundColor")],
    ["rgb(28, 32, 36)", "rgb(255, 255, 255)"],
  );
  assert.equal(await page.locator("nav").isVisible(), false);
  assert.equal(await page.locator("#price-months").isVisible(), true, "what is folded away is printed");
  assert.deepEqual(await page.evaluate(LOW_CONTRAST), []);
  assert.ok((await page.pdf()).length > 10_000);
});

test("a year of all ISOs opens at once", options, async (t) => {
  const file = await writtenPage(t, { feeds: 41, locations: 4 });
  const { page, complaints } = await openPage(browser, file, { width: 390 });
  const seconds = Number(
    await page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"),
  );
  t.diagnostic(`loaded in ${seconds.toFixed(2)} s`);
  assert.ok(seconds > 0 && seconds < 20);
  assert.equal(await page.locator(".strip").count(), 41);
  assert.equal(await page.evaluate(OVERFLOW), 0);
  assert.deepEqual(complaints, []);
});
