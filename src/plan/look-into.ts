import { entryName, reasonOf } from "../containers/container-entry.js";
import { listOpenFile } from "../containers/list-container.js";
import { OpenFile } from "../containers/random-access.js";
import { GridparquetError } from "../errors.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
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
    const { entries, refused } = await listOpenFile(path, file);
    const looks: Look[] = [];
    for (const entry of entries) {
      await turns.take();
      looks.push(await recogniseFile(entry, definitions, wanted.feeds, wanted.iso, file));
    }
    for (const { reason, failed, ...where } of refused)
      looks.push({ path: entryName(where), reason, failed });
    if (looks.length === 0) looks.push({ path, reason: "is an archive with nothing in it", failed: false });
    return looks;
  } catch (error) {
    if (error instanceof GridparquetError && error.code === "aborted") throw error;
    return [{ path, reason: reasonOf(error), failed: true }];
  } finally {
    file?.close();
  }
}
