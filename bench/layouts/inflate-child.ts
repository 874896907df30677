/**
 * Child process that inflates all packed files of a folder, one after the other, with nothing done to their content:
 * `node inflate-child.js FOLDER`. Prints seconds and bytes as JSON.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { listContainer } from "../../src/containers/list-container.js";

/** Bytes of a local file header without its name and extra field. */
const LOCAL_HEADER = 30;

const folder = process.argv[2]!;
let bytes = 0;
let seconds = 0;
for (const name of readdirSync(folder)) {
  const file = path.join(folder, name);
  const { entries } = await listContainer(file);
  const begin = performance.now();
  const packed = readFileSync(file);
  for (const { locations } of entries) {
    const [location] = locations;
    if (location === undefined) {
      bytes += gunzipSync(packed).length;
    } else {
      const { headerOffset, compressedBytes } = location;
      const names = packed.readUInt16LE(headerOffset + 26) + packed.readUInt16LE(headerOffset + 28);
      const start = headerOffset + LOCAL_HEADER + names;
      bytes += inflateRawSync(packed.subarray(start, start + compressedBytes)).length;
    }
  }
  seconds += (performance.now() - begin) / 1000;
}
process.stdout.write(JSON.stringify({ seconds, bytes }));
