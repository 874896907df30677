import type { PageElement, PageEvent } from "./dom.js";
import {
  dayCount,
  dayPlace,
  dayReadout,
  daysMarkup,
  hourReadout,
  hoursMarkup,
  monthRows,
  type PackedSeries,
  priceSentence,
  shortDay,
} from "./price-plots.js";

/*
 * What the page does in a browser: another location's prices, and what a plot says where someone points. Without it
 * the page shows the first location, and the tables behind the plots say the rest.
 */

/** The page's data, which it carries as JSON. */
export interface PageData {
  series: PackedSeries[];
  /** Samples of the run: seconds from its start, and what there is to say at each. */
  run: { seconds: number[]; texts: string[] };
}

declare const document: PageElement & { createElement(name: string): PageElement };
declare const window: { addEventListener(type: string, listener: () => void): void };

function byId(id: string): PageElement | null {
  return document.querySelector(`#${id}`);
}

function show(id: string, text: string): void {
  const element = byId(id);
  if (element !== null) element.textContent = text;
}

/** Says what someone points at. */
function say(readout: string, text: string): void {
  show(readout, text);
  byId(readout)?.setAttribute("class", "readout on");
}

interface Points {
  /** Where to say it. */
  readout: string;
  places(): number[];
  text(i: number): string;
}

/** Lets people point at a plot, or step through it with the arrow keys. */
function listen(plot: PageElement, { readout, places, text }: Points): void {
  let at = -1;
  const move = (to: number): void => {
    const all = places();
    at = Math.max(0, Math.min(all.length - 1, to));
    for (const cross of plot.querySelectorAll(".cross")) {
      const x = `${(all[at]! * 100).toFixed(3)}%`;
      cross.setAttribute("x1", x);
      cross.setAttribute("x2", x);
      cross.setAttribute("class", "cross on");
    }
    say(readout, text(at));
  };
  plot.tabIndex = 0;
  plot.addEventListener("pointermove", (event) => move(nearest(places(), placeOf(plot, event))));
  plot.addEventListener("pointerdown", (event) => move(nearest(places(), placeOf(plot, event))));
  plot.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 };
    const step = steps[event.key];
    const ends: Record<string, number> = { Home: 0, End: places().length - 1 };
    if (step === undefined && ends[event.key] === undefined) return;
    event.preventDefault();
    move(ends[event.key] ?? at + step!);
  });
}

/** Where in a plot a person points, from 0 to 1. */
function placeOf(plot: PageElement, event: PageEvent): number {
  const box = plot.getBoundingClientRect();
  const left = Number(plot.dataset.left ?? 0);
  return (event.clientX - box.left - left) / (box.width - left);
}

function nearest(places: readonly number[], place: number): number {
  let best = 0;
  for (const [i, each] of places.entries()) {
    if (Math.abs(each - place) < Math.abs(places[best]! - place)) best = i;
  }
  return best;
}

function setUpRun({ run }: PageData): void {
  const last = run.seconds.at(-1) ?? 1;
  const points = {
    readout: "run-readout",
    places: () => run.seconds.map((seconds) => seconds / last),
    text: (i: number) => run.texts[i]!,
  };
  for (const plot of document.querySelectorAll(".run-plot")) listen(plot, points);
}

function setUpPrices({ series }: PageData): void {
  const chooser = byId("location");
  const [days, hours] = [byId("price-days"), byId("price-hours")];
  if (chooser === null || days === null || hours === null) return;
  let shown = series[Number(chooser.value)]!;
  const choose = (): void => {
    const option = document.querySelector(`#location option[value="${chooser.value}"]`);
    shown = series[Number(chooser.value)]!;
    const name = option?.dataset.title ?? "";
    show("price-title", name);
    show("price-sentence", priceSentence(shown));
    days.innerHTML = daysMarkup(shown);
    hours.innerHTML = hoursMarkup(shown);
    days.setAttribute("aria-label", `${name}: prices by day. ${priceSentence(shown)}`);
    hours.setAttribute("aria-label", `${name}: mean price by hour of the day.`);
    const months = byId("price-months");
    if (months !== null) months.innerHTML = monthRows(shown);
    for (const unit of document.querySelectorAll(".price-unit")) unit.textContent = shown.unit;
  };
  listen(days, {
    readout: "price-days-readout",
    places: () => Array.from({ length: dayCount(shown) }, (_, i) => dayPlace(i, dayCount(shown))),
    text: (i) => dayReadout(shown, i),
  });
  listen(hours, {
    readout: "price-hours-readout",
    places: () => shown.hours.map((_, i) => (i + 0.5) / shown.hours.length),
    text: (i) => hourReadout(shown, i),
  });
  chooser.addEventListener("change", choose);
  // A browser may have kept another choice when the page was loaded again.
  choose();
}

/** Names the day that someone points at in the calendar. */
function setUpCalendar(): void {
  for (const strip of document.querySelectorAll(".strip")) {
    const days = (strip.dataset.days ?? "").replace(/([a-z])(\d+)/g, (_, state: string, count: string) =>
      state.repeat(Number(count)),
    );
    const words: Record<string, string> = {
      w: "whole",
      p: "partial",
      m: "missing",
      n: "outside the feed's days",
    };
    strip.addEventListener("pointermove", (event) => {
      const i = Math.max(0, Math.min(days.length - 1, Math.floor(placeOf(strip, event) * days.length)));
      const day = Number(strip.dataset.first) + i;
      say(strip.dataset.readout ?? "", `${strip.dataset.feed}, ${shortDay(day)}: ${words[days[i]!]}`);
    });
  }
}

function start(): void {
  const data = JSON.parse(byId("data")?.textContent ?? "") as PageData;
  setUpRun(data);
  setUpPrices(data);
  setUpCalendar();
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  document.querySelector("body")?.setAttribute("data-scripts", "on");
}

start();
