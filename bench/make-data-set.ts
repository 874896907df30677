/**
 * Child process that makes a data set: `node make-data-set.js FOLDER PARAMETERS`, the parameters as JSON.
 *
 * It is a process of its own because a child's peak memory begins at that of the process that started it: the one
 * that measures has to stay small.
 */
import { makeDataSet } from "./data-set.js";

const [folder, parameters] = process.argv.slice(2);
if (folder === undefined || parameters === undefined) throw new Error("FOLDER and PARAMETERS are missing.");
const { days } = JSON.parse(parameters);
await makeDataSet(folder, JSON.parse(parameters), (done) => {
  if (done % 10 === 0 || done === days) process.stderr.write(`  ${done} of ${days} day files\n`);
});
