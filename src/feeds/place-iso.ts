import { resolve } from "node:path";
import { type FeedDefinition, feedName } from "./feed-definition.js";

/**
 * Of feeds that fit a file, those of the file's ISO. Where the header alone does not tell it, the path does: the
 * nearest of the file's and its folders' names in which an ISO is named; then the ISO that the user chose.
 *
 * @param path the file's path, with the names inside of an archive
 * @param known all feeds
 * @param chosen the one ISO that the user asked for, if it is one
 * @returns the feeds, or, as the rest of a sentence that begins with the file's name, why the ISO is not known
 */
export function placeByName(
  path: string,
  fitting: readonly FeedDefinition[],
  known: readonly FeedDefinition[],
  chosen: string | null,
): FeedDefinition[] | string {
  const possible = [...new Set(fitting.map(({ iso }) => iso))];
  if (possible.length < 2 || fitting.some(({ isoNames }) => isoNames.length === 0)) return [...fitting];
  const { component, isos } = nearestNamed(path, known);
  const told = isos.length > 0 ? possible.filter((iso) => isos.includes(iso)) : possible;
  const iso = told.length === 1 ? told[0] : told.find((each) => each === chosen);
  if (iso !== undefined) return fitting.filter((feed) => feed.iso === iso);
  const feeds = [...new Set(fitting.map(feedName))].join(" and ");
  const header = `has the header of ${feeds}`;
  if (isos.length === 0) {
    return `${header}, which does not tell the ISO: name it (${told.join(", ")}) in the file's or a folder's name, or choose it with --iso`;
  }
  const names = `${header}, and ${JSON.stringify(component)} in its path names ${isos.join(" and ")}`;
  return told.length === 0
    ? `${names}, whose files have other columns`
    : `${names}: name one ISO only, or choose one with --iso`;
}

/** The last component of the path that names an ISO, with those that it names; none when no component does. */
function nearestNamed(path: string, known: readonly FeedDefinition[]): { component: string; isos: string[] } {
  const shared = known.filter(({ isoNames }) => isoNames.length > 0);
  const names = new Map(shared.map(({ iso, isoNames }) => [iso, isoNames.map(asWord)]));
  for (const component of resolve(path).split(/[\\/]/).reverse()) {
    const named = [...names].filter(([, words]) => words.some((word) => word.test(component)));
    if (named.length > 0) return { component, isos: named.map(([iso]) => iso) };
  }
  return { component: "", isos: [] };
}

/** A name between no other letters; its parts may be joined in any way: `ISO-NE`, `iso_ne`, `ISONE`. */
function asWord(name: string): RegExp {
  const parts = name.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== "");
  return new RegExp(`(?<!\\p{L})${parts.join("[-_. ]?")}(?!\\p{L})`, "iu");
}
