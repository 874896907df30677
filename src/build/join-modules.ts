/**
 * Run by the build: joins what each thread loads into few files, in place of its entry point. Four threads that look for
 * a hundred files each would begin a tenth of a second later. Packages stay what they are, and are loaded as such.
 */
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { build } from "esbuild";
import { makeFolder } from "../make-folder.js";
import { packageFile } from "../package-files.js";

/** Entry points by thread; those of one thread share what both need. */
const THREADS: Readonly<Record<string, readonly string[]>> = {
  main: ["src/cli.js"],
  pool: ["workers/encode.js", "workers/decode.js", "workers/look.js"],
  verify: ["workers/verify.js"],
  writer: ["workers/writer.js"],
};

const dist = packageFile("dist/");
const threads = Object.entries(THREADS).map(([thread, entries]) =>
  build({
    absWorkingDir: dist,
    entryPoints: [...entries],
    outdir: dist,
    outbase: dist,
    chunkNames: `chunks/${thread}-[name]-[hash]`,
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    // Other threads and the tests still load the modules: nothing is written before all have been read.
    write: false,
  }),
);

for (const { outputFiles } of await Promise.all(threads)) {
  for (const { path, contents } of outputFiles) {
    await makeFolder(dirname(path));
    writeFileSync(path, contents);
  }
}
