#!/usr/bin/env node
// As CommonJS, which Node begins with sooner than with ES modules.
process.getBuiltinModule("node:module").createRequire(import.meta.url)("../threads/main.cjs");
