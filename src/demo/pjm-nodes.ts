import { NameMaker } from "./name-maker.js";
import { SeededSequence } from "./seeded-noise.js";

/** A pricing node as PJM prints it. `voltage`, `equipment` and `zone` may be empty. */
export interface PjmNode {
  /** pnode_id: unique. Some are larger than 2^31. */
  readonly id: number;
  /** pnode_name: not unique, the transformers of one substation share it. */
  readonly name: string;
  /** For example `138 KV`. */
  readonly voltage: string;
  readonly equipment: string;
  readonly type: "ZONE" | "HUB" | "INTERFACE" | "AGGREGATE" | "EHV" | "LOAD" | "GEN";
  readonly zone: string;
}

/** PJM's transmission zones: codes of the file format, not names of nodes. */
const ZONES = [
  ...["AECO", "AEP", "APS", "ATSI", "BGE", "COMED", "DAY", "DEOK", "DOM", "DPL", "DUQ"],
  ...["EKPC", "JCPL", "METED", "OVEC", "PECO", "PENELEC", "PEPCO", "PPL", "PSEG", "RECO"],
];
const LOAD_VOLTAGES = ["12 KV", "13 KV", "34 KV", "69 KV", "115 KV", "138 KV", "138 KV", "138 KV", "230 KV"];
const GENERATOR_VOLTAGES = ["13 KV", "18 KV", "22 KV", "69 KV", "138 KV", "230 KV"];
const EHV_VOLTAGES = ["345 KV", "500 KV", "765 KV"];

/** Where runs of ids begin. PJM gave its ids out in blocks; the last one does not fit in 32 signed bits. */
const ID_BLOCKS = [48_000, 4_610_000, 5_020_000, 32_400_000, 1_084_300_000, 2_156_100_000];

/**
 * Made-up nodes in the mix of a PJM file, by id: the RTO and zones, hubs, interfaces, and substations with loads,
 * generators, aggregates and extra-high-voltage buses.
 *
 * @param count how many; each kind has its share, as far as the count allows
 * @returns `count` nodes, ids ascending and unique
 */
export function pjmNodes(count: number, seed: number): PjmNode[] {
  const maker = new NodeMaker(seed);
  const zones = Math.min(ZONES.length + 1, Math.ceil(count / 8));
  const hubs = Math.min(12, Math.floor(count / 10));
  const interfaces = Math.min(10, Math.floor(count / 25));
  maker.add("ZONE", "PJM-RTO", { id: 1 });
  for (let i = 1; i < zones; i++) maker.add("ZONE", ZONES[i - 1]!);
  for (let i = 0; i < hubs; i++) maker.add("HUB", `${maker.name()} HUB`);
  for (let i = 0; i < interfaces; i++) maker.add("INTERFACE", `${maker.name()} INT`);
  while (maker.nodes.length < count) maker.addSubstation();
  return maker.nodes.slice(0, count).sort((a, b) => a.id - b.id);
}

class NodeMaker {
  readonly nodes: PjmNode[] = [];
  readonly #random: SeededSequence;
  readonly #names: NameMaker;
  readonly #nextId = [...ID_BLOCKS];

  constructor(seed: number) {
    this.#random = new SeededSequence(seed);
    this.#names = new NameMaker(this.#random);
  }

  add(type: PjmNode["type"], name: string, more: Partial<PjmNode> = {}): void {
    const id = more.id ?? this.#takeId(0);
    this.nodes.push({ voltage: "", equipment: "", zone: "", ...more, id, type, name });
  }

  name(): string {
    return this.#names.next();
  }

  addSubstation(): void {
    const random = this.#random;
    const name = this.name();
    const zone = random.pick(ZONES);
    const block = random.integer(0, ID_BLOCKS.length - 1);
    const chance = random.next();
    if (chance < 0.1) {
      this.add("AGGREGATE", `${name} AGG`, { id: this.#takeId(block), zone });
    } else if (chance < 0.17) {
      this.add("EHV", name, { id: this.#takeId(block), zone, voltage: random.pick(EHV_VOLTAGES) });
    } else if (chance < 0.34) {
      const voltage = random.pick(GENERATOR_VOLTAGES);
      for (let unit = random.integer(1, 3); unit > 0; unit--) {
        this.add("GEN", `${name} ${unit}`, {
          id: this.#takeId(block),
          zone,
          voltage,
          equipment: `UNIT${unit}`,
        });
      }
    } else {
      const voltage = random.pick(LOAD_VOLTAGES);
      for (let bank = random.integer(1, 3); bank > 0; bank--) {
        this.add("LOAD", name, { id: this.#takeId(block), zone, voltage, equipment: `T${bank}` });
      }
    }
  }

  #takeId(block: number): number {
    const id = this.#nextId[block]!;
    this.#nextId[block] = id + this.#random.integer(1, 60);
    return id;
  }
}
