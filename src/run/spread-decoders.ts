import type { Piscina } from "piscina";

type LoadBalancer = NonNullable<NonNullable<ConstructorParameters<typeof Piscina>[0]>["loadBalancer"]>;

/**
 * Says which thread of a pool a task goes to: one with the fewest, but of decode tasks as few as there can be on one
 * thread. A second one there would need a decoder of its own, which has all locations to learn and memory to take, while
 * another thread's lies idle.
 */
export class SpreadDecoders {
  /** By thread: its decode tasks. */
  readonly #decoding = new Map<number, number>();
  readonly choose: LoadBalancer;

  /**
   * @param name of the decode tasks
   * @param most tasks that a thread may have
   */
  constructor(name: string, most: number) {
    this.choose = (task, workers) => {
      const decodes = task.name === name;
      let best: (typeof workers)[number] | null = null;
      let fewest = Number.POSITIVE_INFINITY;
      for (const worker of workers) {
        if (worker.currentUsage >= most) continue;
        const load = (decodes ? this.#count(worker.id) * most : 0) + worker.currentUsage;
        if (load >= fewest) continue;
        best = worker;
        fewest = load;
      }
      if (best !== null && decodes) this.#decoding.set(best.id, this.#count(best.id) + 1);
      return best;
    };
  }

  /** A decode task of the thread has ended, however it did. */
  ended(thread: number): void {
    this.#decoding.set(thread, Math.max(0, this.#count(thread) - 1));
  }

  #count(thread: number): number {
    return this.#decoding.get(thread) ?? 0;
  }
}
