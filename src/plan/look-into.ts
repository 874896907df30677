import { entryName, reasonOf } from "../containers/container-entry.js";
import { findEntries } from "../containers/list-container.js";
import { OpenFile } from "../containers/random-access.js";
import { GridparquetError } from "../errors.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
import { SAMPLE_BYTES } from "../feeds/find-header.js";
import { type RecognisedFile, recogniseFile, type UnrecognisedFile } from "../feeds/recognise.js";
import type { FoundFile } from "./discover-inputs.js";
import type { EventTurns } from "./event-turns.js";

/** What a file, or a part of an archive, is. */
export type Look = RecognisedFile | UnrecognisedFile;

/** What the user asked for, as far as it decides between feeds. */
export interface Wanted {
  feeds: ReadonlySet<string>;
  /** The ISO, where it is one alone. */
  iso: string | null;
}

/** What a file is, or the parts of it when it is an archive. */
export async function lookInto(
  { path, bytes }: Pick<FoundFile, "path" | "bytes">,
  definitions: readonly FeedDefinition[],
  wanted: Wanted,
  turns: EventTurns,
): Promise<Look[]> {
  if (bytes === 0) return [{ path, reason: "is empty", failed: false }];
  let file: OpenFile | null = null;
  try {
    file = new OpenFile(path);
    const looks: Look[] = [];
    const refused: Look[] = [];
    for await (const found of findEntries(path, file, SAMPLE_BYTES)) {
      if ("reason" in found) {
        const { reason, failed, ...where } = found;
        refused.push({ path: entryName(where), reason, failed });
        continue;
      }
      await turns.take();
      const at = { file, head: found.head };
      looks.push(await recogniseFile(found.source, definitions, wanted.feeds, wanted.iso, at));
    }
    looks.push(...refused);
    if (looks.length === 0) looks.push({ path, reason: "is an archive with nothing in it", failed: false });
    return looks;
  } catch (error) {
    if (error instanceof GridparquetError && error.code === "aborted") throw error;
    return [{ path, reason: reasonOf(error), failed: true }];
  } finally {
    file?.close();
  }
}
