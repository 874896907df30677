/** Run by the build: checks the built-in feed definitions and writes them in the form in which they are loaded. */
import { writeFileSync } from "node:fs";
import { COMPILED } from "./built-in-files.js";
import { loadFeeds } from "./load-feeds.js";

writeFileSync(COMPILED, JSON.stringify(loadFeeds()));
