#!/usr/bin/env node
// What the build has joined: ES modules, and be it one, would take Node a tenth of a second longer to begin with.
process.getBuiltinModule("node:module").createRequire(import.meta.url)("./cli/run-main.cjs");
