import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { platform } from "node:os";
import { median } from "../src/bench/median.js";

/** Resident set size at a moment. */
export interface RssSample {
  /** Since sampling began. */
  seconds: number;
  rssBytes: number;
}

/** How memory went over a run. */
export interface RssTrend {
  /** Medians over the first and the last third of the time. */
  firstThirdBytes: number;
  lastThirdBytes: number;
  /** Slope of the straight line through all samples (least squares). */
  bytesPerHour: number;
}

const INTERVAL_MS = 1000;

/** Resident set size of a process in bytes; undefined when it has ended. */
export function rssOf(pid: number): number | undefined {
  try {
    if (platform() === "linux") {
      const [, kilobytes] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
    }
    const output = execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return output === "" ? undefined : Number(output) * 1024;
  } catch {
    return undefined;
  }
}

/** Samples the resident set size of a process every second until the function that is returned is called. */
export function sampleRss(pid: number): () => RssSample[] {
  const begin = performance.now();
  const samples: RssSample[] = [];
  const timer = setInterval(() => {
    const rssBytes = rssOf(pid);
    if (rssBytes === undefined) return;
    samples.push({ seconds: Number(((performance.now() - begin) / 1000).toFixed(3)), rssBytes });
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    return samples;
  };
}

/** @throws Error when there are fewer than three samples */
export function rssTrend(samples: readonly RssSample[]): RssTrend {
  if (samples.length < 3) throw new Error("A trend needs at least three seconds of samples.");
  const first = samples[0]!.seconds;
  const third = (samples.at(-1)!.seconds - first) / 3;
  const medianOf = (inside: (seconds: number) => boolean) =>
    median(samples.filter(({ seconds }) => inside(seconds - first)).map(({ rssBytes }) => rssBytes));
  return {
    firstThirdBytes: medianOf((seconds) => seconds <= third),
    lastThirdBytes: medianOf((seconds) => seconds >= 2 * third),
    bytesPerHour: slope(samples) * 3600,
  };
}

/** Bytes per second. */
function slope(samples: readonly RssSample[]): number {
  const mean = (value: (sample: RssSample) => number) =>
    samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;
  const [meanSeconds, meanBytes] = [mean(({ seconds }) => seconds), mean(({ rssBytes }) => rssBytes)];
  const [covariance, variance] = [
    mean(({ seconds, rssBytes }) => (seconds - meanSeconds) * (rssBytes - meanBytes)),
    mean(({ seconds }) => (seconds - meanSeconds) ** 2),
  ];
  return covariance / variance;
}
