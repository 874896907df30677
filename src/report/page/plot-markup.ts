/* Made of numbers alone, so that the browser can make it again for another location: nothing here needs escaping. */

/** An axis from `low` to `high`, with its ticks, in the unit of the values. */
export interface Axis {
  low: number;
  high: number;
  ticks: number[];
}

/** Plots are so high, in pixels; they are as wide as the page lets them be. */
export const PLOT_HEIGHT = 200;
const TOP = 8;
const BOTTOM = 24;
/** Units of the stretched part of a plot, in either direction. */
export const UNITS = 1000;

/** Height of a value in the stretched part, from its top; what lies beyond the axis is drawn at its end. */
export function heightOf({ low, high }: Axis, value: number): number {
  const share = (Math.max(low, Math.min(high, value)) - low) / (high - low || 1);
  return Math.round((1 - share) * UNITS * 10) / 10;
}

/** A number as people write it: `1,234.5`, with a minus sign. */
export function numberText(value: number, digits: number): string {
  const [whole, part] = Math.abs(value).toFixed(digits).split(".");
  const sign = value < 0 && Number(value.toFixed(digits)) !== 0 ? "−" : "";
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ",");
  return part === undefined ? sign + grouped : `${sign}${grouped}.${part}`;
}

/**
 * The inside of a plot: grid lines, labels, and a part that is stretched to the plot's width.
 *
 * @param across labels of the horizontal axis, with their places from 0 to 1
 * @param inside SVG in {@link UNITS}
 */
export function plotMarkup(
  axis: Axis,
  across: readonly (readonly [number, string])[],
  inside: string,
): string {
  const inner = PLOT_HEIGHT - TOP - BOTTOM;
  const digits = Math.max(0, ...axis.ticks.map((tick) => (String(tick).split(".")[1] ?? "").length));
  let grid = "";
  for (const tick of axis.ticks) {
    const y = TOP + (heightOf(axis, tick) / UNITS) * inner;
    grid += `<line class="grid${tick === 0 ? " zero" : ""}" x1="0" x2="100%" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}"/>`;
    grid += `<text class="tick" x="-8" y="${(y + 4).toFixed(1)}" text-anchor="end">${numberText(tick, digits)}</text>`;
  }
  const labels = across.map(([place, text]) => {
    const anchor = place < 0.03 ? "start" : place > 0.97 ? "end" : "middle";
    const x = (place * 100).toFixed(2);
    return `<text class="tick" x="${x}%" y="${PLOT_HEIGHT - 6}" text-anchor="${anchor}">${text}</text>`;
  });
  const stretched = `<svg y="${TOP}" width="100%" height="${inner}" viewBox="0 0 ${UNITS} ${UNITS}" preserveAspectRatio="none" aria-hidden="true">${inside}</svg>`;
  const cross = `<line class="cross" x1="0" x2="0" y1="${TOP}" y2="${TOP + inner}"/>`;
  return grid + labels.join("") + stretched + cross;
}
