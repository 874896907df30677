/**
 * Run by the build: joins what each thread loads into few files, `.cjs` beside the modules that they are made of.
 *
 * Four threads that look for a hundred files each would begin a tenth of a second later. Joined into a few ES modules,
 * what the writer or a thread of the pool loads took 32 to 46 ms of processor time, beyond the 31 that a bare thread
 * takes (Node 20); as CommonJS it takes 3 to 12.
 */
import { writeFileSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { type BuildResult, build, transform } from "esbuild";
import { makeFolder } from "../make-folder.js";
import { packageFile } from "../package-files.js";
import { dependenciesBut, licenceTexts } from "./bundled-packages.js";

/** Entry points by thread; those of one thread share what both need. */
const THREADS: Readonly<Record<string, readonly string[]>> = {
  main: ["src/cli/run-main.js"],
  pool: ["workers/encode.js", "workers/decode.js", "workers/look.js"],
  verify: ["workers/verify.js"],
  writer: ["workers/writer.js"],
};

/**
 * Packages that are joined, too: those that every run needs, and those that cannot be loaded from CommonJS. Any other is
 * loaded as it is installed; some find files of theirs by where they lie.
 */
const JOINED = ["commander", "d3-scale", "d3-shape", "hyparquet", "hyparquet-writer", "parquet-wasm"];

const dist = packageFile("dist/");

/** The joined files of a thread, as ES modules. */
function join(thread: string, entries: readonly string[], external: readonly string[]) {
  return build({
    absWorkingDir: dist,
    entryPoints: [...entries],
    outdir: dist,
    outbase: dist,
    chunkNames: `chunks/${thread}-[name]-[hash]`,
    bundle: true,
    splitting: true,
    external: external.flatMap((name) => [name, `${name}/*`]),
    define: { "import.meta.url": "MODULE_URL" },
    format: "esm",
    platform: "node",
    target: "node20",
    metafile: true,
    // Nothing is written before all have been read.
    write: false,
  });
}

/** esbuild splits what entry points share only as ES modules: each of the files is turned by itself. */
async function toCommonJs(path: string, text: string): Promise<string> {
  const { code } = await transform(text, { format: "cjs", platform: "node", target: "node20" });
  const joined = code
    .replaceAll(/\bimport\("(\.[^"]+)\.js"\)/g, 'Promise.resolve().then(() => require("$1.cjs"))')
    .replaceAll(/\brequire\("(\.[^"]+)\.js"\)/g, 'require("$1.cjs")');
  const left = /\b(?:import|require)\("\.[^"]*\.js"\)/.exec(joined);
  if (left !== null) throw new Error(`${path} still loads an ES module: ${left[0]}`);
  const needsUrl = joined.includes("MODULE_URL");
  return needsUrl
    ? `const MODULE_URL = require("node:url").pathToFileURL(__filename).href;\n${joined}`
    : joined;
}

async function writeJoined({ outputFiles }: BuildResult<{ write: false }>): Promise<void> {
  for (const { path, text } of outputFiles) {
    if (!path.endsWith(".js")) throw new Error(`${basename(path)} is no module`);
    await makeFolder(dirname(path));
    writeFileSync(path.replace(/\.js$/, ".cjs"), await toCommonJs(relative(dist, path), text));
  }
}

const external = dependenciesBut(JOINED);
const results = await Promise.all(
  Object.entries(THREADS).map(([thread, entries]) => join(thread, entries, external)),
);
for (const result of results) await writeJoined(result);
writeFileSync(
  resolve(dist, "THIRD-PARTY-LICENSES.txt"),
  licenceTexts(
    results.flatMap(({ metafile }) => Object.keys(metafile.inputs)).map((path) => resolve(dist, path)),
  ),
);
