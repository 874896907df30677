import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";

const CHROMIUM = process.env.GRIDPARQUET_CHROMIUM ?? "/usr/bin/chromium";

/** Why there are no tests in a browser; false where there is one. */
export const NO_BROWSER: string | false = existsSync(CHROMIUM)
  ? false
  : `no browser at ${CHROMIUM}; GRIDPARQUET_CHROMIUM names another`;

export async function launchBrowser(): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** A page that is open, and what must not have happened on it. */
export interface OpenPage {
  page: Page;
  /** Messages of the console that are errors or warnings, and errors that were thrown. */
  complaints: string[];
  /** What it asked for beside itself. */
  requests: string[];
}

export interface View {
  width: number;
  scheme?: "light" | "dark";
  scripts?: boolean;
}

/** Opens a file from the disk. */
export async function openPage(
  browser: Browser,
  file: string,
  { width, scheme = "light", scripts = true }: View,
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    javaScriptEnabled: scripts,
  });
  const page = await context.newPage();
  const { href } = pathToFileURL(file);
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== href) requests.push(request.url());
  });
  await page.goto(href, { waitUntil: "load" });
  return { page, complaints, requests };
}

/*
 * Run in the browser, as text: Node's types know no document.
 */

/** Texts whose contrast with what is behind them is below 4.5 to 1. */
export const LOW_CONTRAST = `(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length > 0 && colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
    if (!own || ["SCRIPT", "NOSCRIPT", "OPTION", "OPTGROUP"].includes(element.tagName) || element.checkVisibility() === false) continue;
    const style = getComputedStyle(element);
    const [a, b] = [parse(element.tagName === "text" ? style.fill : style.color), ground(element)].map(luminance);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(element.tagName + "." + element.getAttribute("class") + " " + ratio.toFixed(2) + ": " + element.textContent.slice(0, 30));
  }
  return low;
})()`;

/** What a person who cannot see the page would miss. */
export const UNNAMED = `(() => {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  for (const svg of all("svg")) {
    if (svg.parentElement.closest("svg") !== null) continue;
    if (svg.getAttribute("role") !== "img" || !svg.getAttribute("aria-label")) faults.push("svg " + svg.outerHTML.slice(0, 80));
  }
  for (const table of all("table")) {
    if (table.querySelector("caption") === null) faults.push("a table without a caption");
    for (const th of table.querySelectorAll("th")) if (!th.getAttribute("scope")) faults.push("th without scope: " + th.textContent);
    if (table.querySelector("thead th") === null) faults.push("a table without headings");
  }
  for (const control of all("select")) {
    if (document.querySelector('label[for="' + control.id + '"]') === null) faults.push("no label: " + control.id);
  }
  for (const id of all("[id]").map((each) => each.id)) if (all("#" + id).length > 1) faults.push("twice: " + id);
  for (const named of all("[aria-labelledby]")) {
    if (document.getElementById(named.getAttribute("aria-labelledby")) === null) faults.push("no label for " + named.id);
  }
  for (const link of all('a[href^="#"]')) {
    if (document.querySelector(link.getAttribute("href")) === null) faults.push("leads nowhere: " + link.href);
  }
  let level = 0;
  for (const heading of all("h1, h2, h3, h4")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) faults.push("a heading too deep: " + heading.textContent);
    level = next;
  }
  if (all("h1").length !== 1 || all("main").length !== 1 || all("nav").length !== 1) faults.push("h1, main, nav: once each");
  if (!document.documentElement.lang) faults.push("no language");
  return faults;
})()`;

/** Pixels by which the page is wider than the window. */
export const OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

/** What has the focus: id, class or text. */
export const FOCUSED = `(() => {
  const at = document.activeElement;
  return at.id || at.getAttribute("class") || at.textContent;
})()`;
