/**
 * Child process that makes a layout's input: `node make-layout-set.js FOLDER NAME MEGABYTES FILES`. A process of its own,
 * so that the one that measures stays small.
 */
import { makeLayoutSet } from "./layout-set.js";
import { LAYOUTS } from "./layouts.js";

const [folder, name, megabytes, files] = process.argv.slice(2);
const layout = LAYOUTS.find((each) => each.name === name);
if (folder === undefined || layout === undefined)
  throw new Error("FOLDER, NAME, MEGABYTES and FILES are missing.");
await makeLayoutSet(folder, layout, Number(megabytes), Number(files));
