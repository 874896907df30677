/** Watches the resident set size of the process. */
export class MemoryMeter {
  #last = process.memoryUsage.rss();
  #peak = this.#last;

  sample(): void {
    this.#last = process.memoryUsage.rss();
    this.#peak = Math.max(this.#peak, this.#last);
  }

  /** Bytes at the last sample. */
  get lastBytes(): number {
    return this.#last;
  }

  /** Highest of all samples; the operating system's own record where it is higher, as it sees what lies between. */
  get peakBytes(): number {
    this.sample();
    return Math.max(this.#peak, process.resourceUsage().maxRSS * 1024);
  }
}
