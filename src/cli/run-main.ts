import { startWriterEarly } from "../run/start-writer.js";
import { tuneV8 } from "./tune-v8.js";

tuneV8();
const [command, ...others] = process.argv.slice(2);
if ((command === "convert" || command === "update") && !others.includes("--dry-run")) startWriterEarly();
// What follows is loaded while the thread starts.
void import("./main.js")
  .then(({ main }) => main(process.argv.slice(2)))
  .then((exitCode) => {
    process.exitCode = exitCode;
  });
