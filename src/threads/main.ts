import { loadThread } from "./load-thread.js";
import { tuneV8 } from "./tune-v8.js";

/** Entry point of the program. */
const isTuned = tuneV8(process.argv[2]);
loadThread<typeof import("../cli/run-main.js")>("main").runMain(isTuned);
