import type { Random } from "../helpers/random.js";

/** What is fed to a target; the name is a part of it, as file names tell feeds apart. */
export interface FuzzInput {
  name: string;
  bytes: Buffer;
}

/** Something that takes bytes from outside, and what must hold whatever they are. */
export interface FuzzTarget {
  name: string;
  /** An input at random, made by a grammar or of one of `seeds`. */
  make(random: Random, seeds: readonly FuzzInput[]): FuzzInput;
  /** Throws when something does not hold. The same input always gives the same answer. */
  check(input: FuzzInput): Promise<void>;
}
