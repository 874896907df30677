import { packageFile } from "../package-files.js";

/** Folder of the built-in feed definitions. */
export const BUILT_IN = packageFile("config/");

/** The built-in definitions, read and checked when the package was built. */
export const COMPILED = packageFile("dist/src/feeds/built-in.json");
