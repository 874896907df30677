import { appendFile } from "node:fs/promises";
import path from "node:path";
import { pjmDayFile } from "../../src/demo/pjm-files.js";
import { type DataSet, type DataSetParameters, dataSetFolder, dayOptions } from "../data-set.js";
import { findKeptSet, makeKeptSet } from "../kept-set.js";

/** So much text is held before it is written. */
const HELD_CHARACTERS = 32e6;
const LINE_END = "\r\n";

/** Folder of the files by node with the rows of a data set. */
export function nodeFilesFolder(cache: string, parameters: DataSetParameters): string {
  return `${dataSetFolder(cache, parameters)}-by-node`;
}

/** The finished files in the folder, or undefined. */
export const findNodeFiles = findKeptSet<Omit<DataSet, "folder">>;

/** Writes the rows of a data set into one file for each node, by time, as Data Miner gives a node that is asked for. */
export async function makeNodeFiles(folder: string, parameters: DataSetParameters): Promise<void> {
  await makeKeptSet(folder, async (input) => {
    const nodes = new NodeTexts(input);
    for (let day = 0; day < parameters.days; day++) {
      const [header, ...hours] = pjmDayFile(dayOptions(parameters, day));
      for (const hour of hours) nodes.add(header!, hour);
      if (nodes.heldCharacters > HELD_CHARACTERS) await nodes.flush();
    }
    await nodes.flush();
    return { parameters, files: nodes.files, rows: nodes.rows, bytes: nodes.bytes };
  });
}

class NodeTexts {
  heldCharacters = 0;
  rows = 0;
  bytes = 0;
  readonly #folder: string;
  /** By pnode_id; what is not written yet. */
  readonly #texts = new Map<string, string[]>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  get files(): number {
    return this.#texts.size;
  }

  /** Takes the lines of an hour, one for each node. */
  add(header: string, hour: string): void {
    for (const line of hour.split(LINE_END)) {
      if (line === "") continue;
      const node = line.split(",", 3)[2]!;
      let texts = this.#texts.get(node);
      if (texts === undefined) {
        texts = [header];
        this.bytes += header.length;
        this.#texts.set(node, texts);
      }
      const record = line + LINE_END;
      texts.push(record);
      this.rows++;
      // The files have no letters beyond ASCII.
      this.bytes += record.length;
      this.heldCharacters += record.length;
    }
  }

  async flush(): Promise<void> {
    for (const [node, texts] of this.#texts) {
      await appendFile(path.join(this.#folder, `da_hrl_lmps_${node}.csv`), texts.join(""));
      texts.length = 0;
    }
    this.heldCharacters = 0;
  }
}
