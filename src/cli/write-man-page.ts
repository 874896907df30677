import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { makeFolder } from "../make-folder.js";
import { manPage } from "./man-page.js";

// run by the build: dist/man/gridparquet.1, which package.json names
const folder = fileURLToPath(new URL("../../man/", import.meta.url));
await makeFolder(folder);
writeFileSync(`${folder}gridparquet.1`, manPage());
