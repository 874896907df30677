import { printable } from "../cli/printable.js";
import { element, escapeXml } from "../cli/svg.js";

type Attributes = Parameters<typeof element>[1];

/** An element of HTML: unlike those of SVG it always has an end tag. */
export function tag(name: string, attributes: Attributes, ...children: readonly string[]): string {
  return element(name, attributes, "", ...children);
}

/** Text from outside, such as a file's name: what would act on the reader is shown instead. */
export function text(value: string): string {
  return escapeXml(printable(value));
}

/** Several lines from outside. */
export function lines(value: string): string {
  return value.split("\n").map(text).join("\n");
}

/** A name of a file, a column or a feed; its direction is its own. */
export function code(value: string): string {
  return tag("code", {}, text(value));
}

/** Sections of the page, in its order; the keys are their ids. */
export const SECTIONS = {
  summary: "Summary",
  problems: "Problems",
  coverage: "Days",
  prices: "Prices",
  run: "Run",
  files: "Files",
} as const;
export type SectionId = keyof typeof SECTIONS;

/** A part of the page with its heading. */
export function section(id: SectionId, title: string, ...children: readonly string[]): string {
  return tag(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    tag("h2", { id: `${id}-title` }, title),
    ...children,
  );
}

export interface Column {
  title: string;
  align?: "right";
}

/**
 * A table that scrolls by itself where the page is too narrow for it.
 *
 * @param rows cells as HTML; the first of each is the row's heading
 */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const head = columns.map(({ title, align }) => tag("th", { scope: "col", ...classOf(align) }, title));
  const body = rows.map((cells) =>
    tag(
      "tr",
      {},
      ...cells.map((cell, i) =>
        i === 0 ? tag("th", { scope: "row" }, cell) : tag("td", classOf(columns[i]!.align), cell),
      ),
    ),
  );
  return tag(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    tag(
      "table",
      {},
      tag("caption", {}, caption),
      tag("thead", {}, tag("tr", {}, ...head)),
      tag("tbody", {}, ...body),
    ),
  );
}

function classOf(align: "right" | undefined): Attributes {
  return align === undefined ? {} : { class: align };
}

/** What is folded away until someone wants it; printing opens it. */
export function details(summary: string, ...children: readonly string[]): string {
  return tag("details", {}, tag("summary", {}, summary), ...children);
}
