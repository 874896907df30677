import { printable } from "../cli/printable.js";
import { section, table, tag, text } from "./html.js";
import { daysMarkup, hoursMarkup, monthRows, type PackedSeries, priceSentence } from "./page/price-plots.js";
import type { PricePart, PriceSeries } from "./report-model.js";
import { caption, plotElement } from "./run-section.js";

/** Prices of a location that the reader chooses; without scripts, of the first. */
export function pricesSection({ series, notes }: PricePart, packed: readonly PackedSeries[]): string {
  const noted = notes.map((note) => tag("p", { class: "note" }, text(note)));
  const at = firstShown(series);
  const [first, shown] = [series[at], packed[at]];
  if (first === undefined || shown === undefined)
    return noted.length === 0 ? "" : section("prices", "Prices", ...noted);
  const title = titleOf(first);
  const sentence = priceSentence(shown);
  return section(
    "prices",
    "Prices",
    tag(
      "div",
      { class: "chooser" },
      tag("label", { for: "location" }, "Location or product"),
      chooser(series, at),
    ),
    tag(
      "noscript",
      {},
      tag("p", { class: "note" }, "Scripts are off here: one location is shown. The others need them."),
    ),
    tag("h3", { id: "price-title", "aria-live": "polite" }, text(title)),
    tag("p", { class: "lead", id: "price-sentence" }, sentence),
    plotFigure(
      "price-days",
      "By day",
      "band from lowest to highest, line of means",
      `${title}: prices by day. ${sentence}`,
      daysMarkup(shown),
      shown.unit,
    ),
    plotFigure(
      "price-hours",
      "By hour of the day",
      "mean by hour ending",
      `${title}: mean price by hour of the day.`,
      hoursMarkup(shown),
      shown.unit,
    ),
    monthTable(shown),
    ...noted,
  );
}

function plotFigure(
  id: string,
  title: string,
  what: string,
  says: string,
  inside: string,
  unit: string,
): string {
  return tag(
    "figure",
    {},
    caption(title, `${what}, ${tag("span", { class: "price-unit" }, unit)}`, `${id}-readout`),
    plotElement("price-plot", says, inside, id),
  );
}

/** `WESTERN HUB (HUB), PJM da_hourly`. */
function titleOf({ iso, feed, name, kind }: PriceSeries): string {
  const kindText = kind === "" ? "" : ` (${kind.toLowerCase().replaceAll("_", " ")})`;
  return printable(`${name}${kindText}, ${iso} ${feed}`);
}

/** Of the hubs and zones, which most people know, the one with the most days; without any, of all. */
function firstShown(series: readonly PriceSeries[]): number {
  const known = series.filter(({ kind }) => kind === "HUB" || kind === "ZONE");
  const longest = (known.length > 0 ? known : series).reduce<PriceSeries | null>(
    (most, each) => (most === null || each.days.length > most.days.length ? each : most),
    null,
  );
  return longest === null ? 0 : series.indexOf(longest);
}

function chooser(series: readonly PriceSeries[], at: number): string {
  const groups = new Map<string, string[]>();
  for (const [i, each] of series.entries()) {
    const group = printable(`${each.iso} ${each.feed}`);
    const option = tag(
      "option",
      { value: i, "data-title": titleOf(each), ...(i === at && { selected: "" }) },
      text(each.name),
    );
    groups.set(group, [...(groups.get(group) ?? []), option]);
  }
  const options = [...groups].map(([group, all]) => tag("optgroup", { label: group }, ...all));
  return tag("select", { id: "location", autocomplete: "off" }, ...options);
}

function monthTable(shown: PackedSeries): string {
  const right = { align: "right" as const };
  const columns = [
    { title: "Month" },
    ...["Days", "Lowest", "Mean", "Highest"].map((title) => ({ title, ...right })),
  ];
  const empty = table("Prices by month", columns, []);
  return tag(
    "details",
    {},
    tag("summary", {}, "Prices by month as a table"),
    empty.replace("<tbody></tbody>", `<tbody id="price-months">${monthRows(shown)}</tbody>`),
  );
}
