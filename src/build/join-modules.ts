/**
 * Run by the build: joins what each thread loads into one script, `dist/joined/<thread>.cjs`, and makes the entry point
 * that runs it, `dist/threads/<thread>.cjs` (threads/load-thread.ts).
 *
 * Four threads that look for a hundred files each would begin a tenth of a second later. Joined into a few ES modules,
 * what the writer or a thread of the pool loads took 32 to 46 ms of processor time, beyond the 31 that a bare thread
 * takes (Node 20); as CommonJS it takes 3 to 12.
 */
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { packageFile } from "../package-files.js";
import type { ThreadName } from "../threads/load-thread.js";
import { dependenciesBut, licenceTexts } from "./bundled-packages.js";

/** What each thread runs. */
const THREADS: Readonly<Record<ThreadName, string>> = {
  main: "src/cli/run-main.js",
  pool: "workers/pool.js",
  verify: "workers/verify.js",
  writer: "workers/writer.js",
};

/**
 * Packages that are joined, too: those that every run needs, and those that cannot be loaded from CommonJS. Any other is
 * loaded as it is installed, as is one without a text of its licence, @bokuweb/zstd-wasm.
 */
const JOINED = [
  "commander",
  "d3-scale",
  "d3-shape",
  "hyparquet",
  "hyparquet-writer",
  "parquet-wasm",
  "piscina",
];

const dist = packageFile("dist/");

const COMMON_JS = {
  absWorkingDir: dist,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  // A script that is run from code that was kept cannot import.
  supported: { "dynamic-import": false },
} as const;

/** Has Piscina find what its threads begin with where it is installed. */
const installedPiscina: Plugin = {
  name: "installed-piscina",
  setup({ onLoad }) {
    const folder =
      'require("node:path").dirname(require("node:module").createRequire(MODULE_URL).resolve("piscina"))';
    onLoad({ filter: /\/node_modules\/piscina\/.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: text.replaceAll(/\b__dirname\b/g, folder), loader: "js" };
    });
  },
};

/** What Node puts around a CommonJS module; here the file has it, so that it is read as the script that is run. */
const WRAPPER = '(function (exports, require, module, __filename) {"use strict";';

function join(thread: string, entry: string, external: readonly string[]) {
  return build({
    ...COMMON_JS,
    entryPoints: [entry],
    outfile: resolve(dist, "joined", `${thread}.cjs`),
    external: external.flatMap((name) => [name, `${name}/*`]),
    define: { "import.meta.url": "MODULE_URL" },
    banner: { js: `${WRAPPER}const MODULE_URL = require("node:url").pathToFileURL(__filename).href;` },
    footer: { js: "})" },
    plugins: [installedPiscina],
    metafile: true,
  });
}

const external = dependenciesBut(JOINED);
const results = await Promise.all(
  Object.entries(THREADS).map(([thread, entry]) => join(thread, entry, external)),
);
await build({
  ...COMMON_JS,
  entryPoints: Object.keys(THREADS).map((thread) => `src/threads/${thread}.js`),
  outdir: resolve(dist, "threads"),
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.dirname": "__dirname" },
});
writeFileSync(
  resolve(dist, "THIRD-PARTY-LICENSES.txt"),
  licenceTexts(
    results.flatMap(({ metafile }) => Object.keys(metafile.inputs)).map((path) => resolve(dist, path)),
  ),
);
