import type { RunProgress } from "../run/options.js";

/** A run at one moment. Rows and bytes count from its start. */
export interface RunSample {
  seconds: number;
  rssBytes: number;
  /** Decoded rows. */
  rows: number;
  /** Bytes of input. */
  bytes: number;
}

/** Most samples that are kept. */
export const MAX_SAMPLES = 500;

/** Collects samples of a run of any length: when there are too many, each two that follow each other become one. */
export class RunSamples {
  #samples: RunSample[] = [];
  /** So many samples are one. */
  #every = 1;
  #taken = 0;
  #peak = 0;

  add({ elapsedSeconds, rssBytes, jobs }: RunProgress): void {
    this.#taken++;
    // What memory peaks at must not fall between two samples.
    this.#peak = Math.max(this.#peak, rssBytes);
    if (this.#taken % this.#every !== 0) return;
    if (this.#samples.length === MAX_SAMPLES) this.#halve();
    this.#samples.push({
      seconds: elapsedSeconds,
      rssBytes: this.#peak,
      rows: jobs.reduce((sum, { rowsDecoded }) => sum + rowsDecoded, 0),
      bytes: jobs.reduce((sum, { bytesDone }) => sum + bytesDone, 0),
    });
    this.#peak = 0;
  }

  /** In order of time; at most {@link MAX_SAMPLES}. */
  get list(): readonly RunSample[] {
    return this.#samples;
  }

  #halve(): void {
    this.#every *= 2;
    this.#samples = this.#samples.flatMap((sample, i, all) =>
      i % 2 === 0 ? [] : [{ ...sample, rssBytes: Math.max(sample.rssBytes, all[i - 1]!.rssBytes) }],
    );
  }
}
