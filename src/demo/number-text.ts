/** How the markets print prices, all from millionths of a dollar. */

/** Texts of whole cents from 0 to 500 dollars, by form: nearly all prices are among them. */
const CENTS = 50_000;

/** With this many decimals always: `12.50`. @param places 0 to 6 */
export function fixedText(places: number): (micros: number) => string {
  const known = Array.from({ length: CENTS }, (_, cents) => (cents / 100).toFixed(places));
  const text = (micros: number): string => {
    // also keeps -0 from printing as it is
    if (micros < 0) return `-${text(-micros)}`;
    return known[micros / 10_000] ?? (micros / 1e6).toFixed(places);
  };
  return text;
}

/** Without zeros at the end: `12.5`, `12`, `-0.37`. */
export function shortText(micros: number): string {
  return String(micros / 1e6);
}

/** Without zeros at either end: `12.5`, `12`, `-.37`, `0`. */
export function bareText(micros: number): string {
  return shortText(micros).replace(/^(-?)0\./, "$1.");
}

/** Without zeros at the end but always with a decimal point: `12.5`, `12.0`. */
export function pointText(micros: number): string {
  return micros % 1e6 === 0 ? `${shortText(micros)}.0` : shortText(micros);
}
