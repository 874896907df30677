import { Random } from "../helpers/random.js";
import type { FuzzInput, FuzzTarget } from "./fuzz-target.js";

/** The input of a case; the same for the same target, seed, number and corpus. */
export function makeCase(
  { make }: FuzzTarget,
  seeds: readonly FuzzInput[],
  seed: number,
  number: number,
): FuzzInput {
  // Far apart, so that no case of one seed begins like another of the next.
  return make(new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b)), seeds);
}
