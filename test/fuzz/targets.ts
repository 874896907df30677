import { containerTarget } from "./container-target.js";
import { csvTarget } from "./csv-target.js";
import type { FuzzTarget } from "./fuzz-target.js";
import { recogniseTarget } from "./recognise-target.js";
import { yamlTarget } from "./yaml-target.js";

export const TARGETS: readonly FuzzTarget[] = [csvTarget, recogniseTarget, containerTarget, yamlTarget];
