import type { SeededSequence } from "./seeded-noise.js";

const FIRST_SYLLABLES = [
  "AL",
  "BRAM",
  "CAR",
  "DEL",
  "EAST",
  "FEN",
  "GLEN",
  "HAR",
  "KEL",
  "LOW",
  "MAR",
  "NOR",
];
const MIDDLE_SYLLABLES = ["A", "BER", "DO", "EN", "I", "LAN", "MO", "O", "RI", "TER", "U", "VA"];
const LAST_SYLLABLES = [
  "BROOK",
  "DALE",
  "FORD",
  "GATE",
  "HILL",
  "LEY",
  "MERE",
  "RIDGE",
  "STED",
  "TON",
  "WICK",
];

/** Made-up place names, none twice: upper-case letters, sometimes with a number before or after them. */
export class NameMaker {
  readonly #random: SeededSequence;
  readonly #used = new Set<string>();

  constructor(random: SeededSequence) {
    this.#random = random;
  }

  /** The next name. @param space what stands between a number and the letters */
  next(space = " "): string {
    const random = this.#random;
    for (;;) {
      let name = random.pick(FIRST_SYLLABLES);
      if (random.next() < 0.8) name += random.pick(MIDDLE_SYLLABLES);
      name += random.pick(LAST_SYLLABLES);
      const chance = random.next();
      if (chance < 0.2) name = `${random.integer(1, 99)}${space}${name}`;
      else if (chance < 0.4 || this.#used.has(name)) name += `${space}${random.integer(1, 99)}`;
      if (this.#used.has(name)) continue;
      this.#used.add(name);
      return name;
    }
  }
}
