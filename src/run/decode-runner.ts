import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Piscina } from "piscina";
import type { RecognisedFile } from "../feeds/recognise.js";
import type { FileRange } from "../plan/file-ranges.js";
import type { PlannedJob, PlannedTask } from "../plan/plan-jobs.js";
import { type DecodeProgress, read } from "./decode-progress.js";
import { DecodeWatchdog } from "./decode-watchdog.js";
import type { FileTimes } from "./file-times.js";
import {
  type DecodeTask,
  type FileTask,
  type MainMessage,
  ProgressSlot,
  type RangeTask,
} from "./protocol.js";

/** Deaths that a file may be in hand at: the first may be another task's doing, the second is its own. */
const MOST_DEATHS = 2;

export interface DecodeRunnerOptions {
  pool: Piscina;
  /** A pool whose threads have one task each. */
  makeLonePool(): Piscina;
  /** The pool task: its module, and its name there. */
  poolTask: { filename: string; name: string };
  chunkSize: number;
  years: readonly number[] | null;
  /** See {@link DecodeWatchdog}. */
  timeoutMs: number | undefined;
  tell(message: MainMessage, transfer?: MessagePort[]): void;
  /** Told of each death that a task outlives. */
  onRetry(message: string): void;
  /** Told which thread of the pool a task has ended on. */
  onEnd(thread: number): void;
}

/** The job of a decode task. */
export interface DecodingJob {
  plan: PlannedJob;
  progress: DecodeProgress;
  times: FileTimes;
  /** Nothing more is wanted of it. */
  stopped: boolean;
}

/**
 * Has decode tasks done, whatever becomes of the threads.
 *
 * When a thread dies, all its tasks die with it. Each is done again from its beginning, alone on a thread of its own,
 * where only itself can be to blame for another death; the writer passes over what it has had. The file in hand at the
 * second death fails, and the others of its task are decoded without it.
 */
export class DecodeRunner {
  readonly #options: DecodeRunnerOptions;
  readonly #watchdog: DecodeWatchdog;
  #lonePool: Piscina | null = null;
  #nextId = 0;
  /** Deaths of threads that tasks were at work on. */
  deaths = 0;

  constructor(options: DecodeRunnerOptions) {
    this.#options = options;
    this.#watchdog = new DecodeWatchdog(options.timeoutMs);
  }

  /**
   * Decodes a task; resolves when it has been done or has failed, which the writer knows then.
   *
   * @param again whether the writer asks for a range once more, from where a record begins
   */
  async run(job: DecodingJob, { files, range }: PlannedTask, task: number, again: boolean): Promise<void> {
    const { tell, onRetry } = this.#options;
    const { iso } = job.plan;
    const id = this.#nextId++;
    const deathsAt = new Map<number, number>();
    let left = files;
    let failed: { file: number; message: string } | null = null;
    for (let attempt = 0; ; attempt++) {
      const { port1, port2 } = new MessageChannel();
      if (attempt === 0) tell({ type: "task", iso, task, id, files, range, port: port2 }, [port2]);
      else tell({ type: "taskAgain", iso, task, id, failed, port: port2 }, [port2]);
      const death = await this.#attempt(job, { files: left, range }, port1, again, attempt > 0);
      if (death === null || job.stopped) return;

      const { file, message } = death;
      const count = (deathsAt.get(file) ?? 0) + 1;
      deathsAt.set(file, count);
      failed = null;
      this.deaths++;
      if (count < MOST_DEATHS) {
        const where = files.includes(file) ? job.plan.files[file]!.path : `${iso}, between two files`;
        onRetry(`${where}: the decoder failed (${message}); it is tried again on a thread of its own`);
        job.times.noteRetry(files, file);
        continue;
      }
      const reason = `the decoder failed twice, the second time on a thread of its own: ${message}`;
      left = left.filter((index) => index !== file);
      if (left.length === 0 || !files.includes(file)) {
        tell({ type: "taskFailed", iso, task, message: reason });
        return;
      }
      failed = { file, message: reason };
      job.times.noteRetry(files, null);
    }
  }

  /** Threads that tasks are tried again on. */
  get loneThreads(): Piscina["threads"] {
    return this.#lonePool?.threads ?? [];
  }

  async stop(): Promise<void> {
    this.#watchdog.stop();
    await this.#lonePool?.destroy();
  }

  /** @returns null when the task was done; else what its thread died of, and the file in hand then, -1 for none */
  async #attempt(
    job: DecodingJob,
    { files, range }: PlannedTask,
    port: MessagePort,
    again: boolean,
    alone: boolean,
  ): Promise<{ file: number; message: string } | null> {
    const { pool, makeLonePool, poolTask, chunkSize, years } = this.#options;
    const planned = job.plan.files;
    const progress = job.progress.begin(files.length);
    const task: DecodeTask = {
      feed: planned[files[0]!]!.feed,
      files: files.map((index) => fileTask(index, planned[index]!, range, again)),
      chunkSize,
      years,
      port,
      progress,
    };
    if (alone) this.#lonePool ??= makeLonePool();
    const threads = alone ? this.#lonePool! : pool;
    let isHung = false;
    this.#watchdog.watch(progress, () => {
      isHung = true;
      // Not by an AbortSignal: a task that has one is given a thread to itself, and nothing would be encoded there.
      const id = read(progress, ProgressSlot.thread);
      void threads.threads.find(({ threadId }) => threadId === id)?.terminate();
    });
    let isDone = false;
    try {
      await threads.run(task, { ...poolTask, transferList: [port] });
      isDone = true;
      job.times.note(files, progress);
      return null;
    } catch (error) {
      const message = isHung ? "it did nothing for too long" : (error as Error).message;
      return { file: read(progress, ProgressSlot.file) - 1, message };
    } finally {
      this.#watchdog.forget(progress);
      if (!alone) this.#options.onEnd(read(progress, ProgressSlot.thread));
      job.progress.end(progress, isDone);
    }
  }
}

function fileTask(fileIndex: number, file: RecognisedFile, part: FileRange | null, again: boolean): FileTask {
  const { source, bytes, header, dataStart, firstLine, recordBytes, day } = file;
  const range: RangeTask | null = part && { ...part, isBoundary: again || part.from === dataStart, again };
  return { fileIndex, source, bytes, header, dataStart, firstLine, recordBytes, day, range };
}
