/**
 * Child process that makes an input: `node make-input.js nodes FOLDER PARAMETERS` or `… markets FOLDER PARAMETERS`, the
 * parameters of the day files as JSON. A process of its own, so that the one that measures stays small.
 */
import type { DataSetParameters } from "../data-set.js";
import { makeNodeFiles } from "./node-files.js";
import { makeMarketSet } from "./seven-markets.js";

const [kind, folder, text] = process.argv.slice(2);
if (folder === undefined || text === undefined) throw new Error("FOLDER and PARAMETERS are missing.");
const parameters = JSON.parse(text) as DataSetParameters;
process.stderr.write(`Making files of ${kind === "nodes" ? "nodes" : "seven ISOs"} in ${folder} …\n`);
if (kind === "nodes") await makeNodeFiles(folder, parameters);
else await makeMarketSet(folder, parameters.days, parameters.nodes);
