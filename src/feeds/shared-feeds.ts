import * as v from "valibot";
import { definitionsOf } from "./define-feeds.js";
import type { FeedDefinition } from "./feed-definition.js";
import type { ConfigMistake } from "./feed-mistakes.js";
import { type ConfigFile, Feed, IsoName, Name, Vocabulary } from "./feed-schema.js";

/*
 * Feeds that files of several ISOs have in common, such as the exports of a library: one definition for all, from
 * which each ISO gets one of its own with its time zone. Which ISO a file is of its name must tell (place-iso.ts).
 */

const Isos = v.union(
  [v.literal("any"), v.pipe(v.array(IsoName), v.minLength(1))],
  'must be "any" or a list of ISOs',
);

const SharedFeed = v.strictObject({
  ...Feed.entries,
  /** ISOs that have the feed, where not all of the file's have it. */
  isos: v.optional(Isos),
  /** By ISO: keys of the feed that are different there. */
  for_iso: v.optional(v.record(IsoName, v.partial(Feed)), {}),
});

export const SharedFile = v.strictObject({
  isos: Isos,
  title: v.pipe(v.string(), v.minLength(1)),
  vocabularies: v.optional(v.record(v.string(), Vocabulary), {}),
  feeds: v.record(Name, SharedFeed),
});
export type SharedFile = v.InferOutput<typeof SharedFile>;

/** What shared feeds take from an ISO's own file. */
export type MarketIso = Pick<ConfigFile, "iso" | "title" | "time_zone" | "also_called">;

/**
 * Turns a checked file of shared feeds into definitions, one for each feed and ISO.
 *
 * @param isos all ISOs that there are
 */
export function sharedDefinitionsOf(
  file: SharedFile,
  isos: readonly MarketIso[],
): { feeds: FeedDefinition[]; mistakes: ConfigMistake[] } {
  const feeds: FeedDefinition[] = [];
  const mistakes: ConfigMistake[] = [];
  const known = new Set(isos.map(({ iso }) => iso));
  for (const [name, { isos: own, for_iso, ...feed }] of Object.entries(file.feeds)) {
    const chosen = own ?? file.isos;
    for (const iso of [...(chosen === "any" ? [] : chosen), ...Object.keys(for_iso)]) {
      if (!known.has(iso))
        mistakes.push({
          path: ["feeds", name],
          message: `names ${iso}, an ISO without a definition of its own`,
        });
    }
    for (const market of isos) {
      if (chosen !== "any" && !chosen.includes(market.iso)) continue;
      const { iso, title, time_zone, also_called } = market;
      const definitions = definitionsOf({
        iso,
        title,
        time_zone,
        also_called,
        vocabularies: file.vocabularies,
        feeds: { [name]: { ...feed, ...for_iso[iso] } },
      });
      const isoNames = [iso, ...also_called];
      feeds.push(...definitions.feeds.map((definition) => ({ ...definition, isoNames })));
      mistakes.push(...definitions.mistakes);
    }
  }
  return { feeds, mistakes: distinct(mistakes) };
}

/** A mistake that is made once is found for every ISO. */
function distinct(mistakes: readonly ConfigMistake[]): ConfigMistake[] {
  return [...new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake])).values()];
}
