import type { Options, SingleBar } from "cli-progress";
import type { JobProgress, RunProgress } from "../run/options.js";
import type { OutputStream } from "./streams.js";
import { WIDTH } from "./text-table.js";
import { byteSize, count, counted, duration, megabytesPerSecond, shortCount } from "./units.js";

/** Shows how far a run is. All of it goes to stderr. */
export interface ProgressView {
  update(progress: RunProgress): void;
  /** Prints a line of its own without disturbing the bars. */
  log(line: string): void;
  /** Leaves the terminal as it was; later lines are printed plainly. */
  stop(): void;
}

export interface ProgressOptions {
  enabled: boolean;
  /** Whether the terminal can move its cursor. */
  cursor: boolean;
}

/**
 * Bars on a terminal; a plain line at start and end of each job elsewhere; nothing but log lines when not `enabled`.
 */
export async function createProgress(stream: OutputStream, show: ProgressOptions): Promise<ProgressView> {
  if (!show.enabled) return plainView(stream, () => {});
  if (stream.isTTY !== true || !show.cursor) return plainView(stream, jobLines(stream));
  return barView(stream);
}

/** One bar per ISO job that has begun. No colours, so there is nothing that NO_COLOR would have to turn off. */
async function barView(stream: OutputStream): Promise<ProgressView> {
  const { default: cliProgress } = await import("cli-progress");
  const bars = new cliProgress.MultiBar({
    stream,
    fps: 8,
    // the terminal's own wrapping and cursor stay as they are: a killed run leaves nothing to repair
    linewrap: true,
    hideCursor: false,
    // a log line moves the bars down, so each must be drawn anew
    forceRedraw: true,
    format: (_options: Options, params: { maxWidth: number }, payload: { line?: BarLine }) =>
      payload.line === undefined ? "" : barLine(payload.line, Math.min(WIDTH, params.maxWidth) - 1),
  });
  const byIso = new Map<string, SingleBar>();
  const started = startTimes();
  let stopped = false;
  return {
    update(progress) {
      for (const job of progress.jobs) {
        if (job.state === "waiting" || stopped) continue;
        const line = {
          job,
          seconds: progress.elapsedSeconds - started(job.iso, progress),
          rssBytes: progress.rssBytes,
        };
        const bar = byIso.get(job.iso);
        if (bar === undefined) byIso.set(job.iso, bars.create(job.bytesTotal, job.bytesDone, { line }));
        else if (bar.isActive) bar.update(job.bytesDone, { line });
      }
    },
    log(line) {
      if (stopped || byIso.size === 0) stream.write(`${line}\n`);
      else bars.log(`${line}\x1b[K\n`);
    },
    stop() {
      if (stopped) return;
      stopped = true;
      if (byIso.size === 0) return;
      // MultiBar.stop() drops log lines that are still waiting
      bars.update();
      bars.stop();
    },
  };
}

export interface BarLine {
  job: JobProgress;
  /** Since the job began. */
  seconds: number;
  rssBytes: number;
}

/** `PJM   [======----]  45%  123/366 files  12.3M rows  345 MB/s  mem 512.1 MB`, cut to `width`. */
export function barLine({ job, seconds, rssBytes }: BarLine, width: number): string {
  const share =
    job.bytesTotal > 0 ? Math.min(1, job.bytesDone / job.bytesTotal) : job.state === "done" ? 1 : 0;
  const end = { waiting: "", running: "", publishing: "publishing", done: "done", failed: "failed" }[
    job.state
  ];
  const facts = [
    `${String(Math.floor(share * 100)).padStart(3)}%`,
    `${count(job.filesDone)}/${count(job.filesTotal)} files`,
    `${shortCount(job.rowsDecoded)} rows`,
    end === "" || end === "publishing" ? megabytesPerSecond(job.bytesDone, seconds) : end,
    `mem ${byteSize(rssBytes)}`,
  ].join("  ");
  const name = job.iso.padEnd(5);
  const room = Math.min(24, width - name.length - facts.length - 5);
  if (room < 4) return `${name}  ${facts}`.slice(0, width);
  const full = Math.round(share * room);
  return `${name}  [${"=".repeat(full)}${"-".repeat(room - full)}] ${facts}`.slice(0, width);
}

function plainView(stream: OutputStream, update: (progress: RunProgress) => void): ProgressView {
  return {
    update,
    log: (line) => {
      stream.write(`${line}\n`);
    },
    stop: () => {},
  };
}

function jobLines(stream: OutputStream): (progress: RunProgress) => void {
  const seen = new Map<string, JobProgress["state"]>();
  const started = startTimes();
  return (progress) => {
    for (const job of progress.jobs) {
      const before = seen.get(job.iso);
      if (job.state === "waiting") continue;
      const since = started(job.iso, progress);
      const size = `${counted(job.filesTotal, "file")}, ${byteSize(job.bytesTotal)}`;
      if (before === undefined) stream.write(`${job.iso}: started, ${size}\n`);
      if ((job.state === "done" || job.state === "failed") && before !== job.state) {
        const rows = counted(job.rowsDecoded, "row");
        stream.write(`${job.iso}: ${job.state}, ${rows}, ${duration(progress.elapsedSeconds - since)}\n`);
      }
      seen.set(job.iso, job.state);
    }
  };
}

/** Remembers when each job was first seen at work, in seconds of the run. */
function startTimes(): (iso: string, progress: RunProgress) => number {
  const times = new Map<string, number>();
  return (iso, progress) => {
    if (!times.has(iso)) times.set(iso, progress.elapsedSeconds);
    return times.get(iso)!;
  };
}
