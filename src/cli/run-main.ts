import { main } from "./main.js";
import { tuneV8 } from "./tune-v8.js";

tuneV8();
void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
