#!/usr/bin/env node
// What the build has joined, as CommonJS, which Node begins with sooner than with ES modules (build/join-modules.ts).
process.getBuiltinModule("node:module").createRequire(import.meta.url)("./cli/run-main.cjs");
