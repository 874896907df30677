import { writeFileSync } from "node:fs";
import { makeFolder } from "../make-folder.js";
import { packageFile } from "../package-files.js";
import { manPage } from "./man-page.js";

// run by the build: dist/man/gridparquet.1, which package.json names
const folder = packageFile("dist/man/");
await makeFolder(folder);
writeFileSync(`${folder}gridparquet.1`, manPage());
