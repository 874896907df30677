import { startWriterEarly } from "../run/start-writer.js";
import { tuneV8 } from "./tune-v8.js";

tuneV8();
const [command, ...others] = process.argv.slice(2);
const writesNothing = ["--dry-run", "--help", "-h"].some((flag) => others.includes(flag));
if ((command === "convert" || command === "update") && !writesNothing) startWriterEarly();
// What follows is loaded while the thread starts.
void import("./main.js")
  .then(({ main }) => main(process.argv.slice(2)))
  .then((exitCode) => {
    process.exitCode = exitCode;
  });
