interface Request {
  job: string;
  task: number;
  bytes: number;
  grant: () => void;
}

/**
 * The budget of bytes that may be on their way between decoders and the disk.
 *
 * A decoder asks before it builds a batch. Requests are granted while the budget lasts. The task at the head of a
 * job's order is served even beyond it, as soon as the writer has taken everything that the task sent: what the
 * writer waits for must come, or nothing would ever be freed.
 */
export class Credits {
  #budget: number;
  #used = 0;
  #waiting: Request[] = [];
  /** By job: the task that its writer is waiting for right now. */
  readonly #starving = new Map<string, number>();

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Bytes granted and not yet given back. */
  get used(): number {
    return this.#used;
  }

  request(job: string, task: number, bytes: number, grant: () => void): void {
    this.#waiting.push({ job, task, bytes, grant });
    this.#serve();
  }

  /** Counts bytes that are there without having been asked for. */
  take(bytes: number): void {
    this.#used += bytes;
  }

  release(bytes: number): void {
    this.#used -= bytes;
    this.#serve();
  }

  /** Bytes beyond a smaller budget come back as they would have; none are granted before. */
  resize(budget: number): void {
    this.#budget = budget;
    this.#serve();
  }

  /** The writer has nothing left of this task to work on and waits for it; null when it is at work. */
  starve(job: string, task: number | null): void {
    if (task === null) this.#starving.delete(job);
    else this.#starving.set(job, task);
    this.#serve();
  }

  /** Forgets requests of a task that has died. */
  drop(job: string, task: number): void {
    this.#waiting = this.#waiting.filter((request) => request.job !== job || request.task !== task);
  }

  #serve(): void {
    if (this.#waiting.length === 0) return;
    const kept: Request[] = [];
    for (const request of this.#waiting) {
      const urgent = this.#starving.get(request.job) === request.task;
      if (urgent || this.#used + request.bytes <= this.#budget) {
        if (urgent) this.#starving.delete(request.job);
        this.#used += request.bytes;
        request.grant();
      } else kept.push(request);
    }
    this.#waiting = kept;
  }
}

/** At most so many at once; the others wait their turn. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  async acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
