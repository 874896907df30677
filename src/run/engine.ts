import type { MessagePort, Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { feedKey, feedRemainders } from "../feeds/feed-definition.js";
import type { JournalPlan } from "../journal/journal-plan.js";
import { packageFile } from "../package-files.js";
import type { Lookers } from "../plan/look-into-all.js";
import type { PlannedJob, PlannedTask } from "../plan/plan-jobs.js";
import { remainingTasks } from "../plan/remaining-tasks.js";
import { memoryBytes } from "../wasm/memory-pages.js";
import { Semaphore } from "../write/credits.js";
import { type BatchTimes, DecodeProgress, sumBatchTimes } from "./decode-progress.js";
import { DecodeRunner } from "./decode-runner.js";
import { FileTimes } from "./file-times.js";
import { type JobProgress, type LogLevel, MAX_PARALLEL_JOBS, type ResumedJob } from "./options.js";
import type {
  BeginWriting,
  BegunJob,
  JobResult,
  LookResult,
  LookTask,
  MainMessage,
  WriterMessage,
} from "./protocol.js";
import { ProgressSlot } from "./protocol.js";
import type { ResolvedOptions } from "./resolved-options.js";
import { SpreadDecoders } from "./spread-decoders.js";
import { type StageSeconds, stageSeconds } from "./stage-clock.js";
import { THREAD_LIMITS, type ThreadCounters, takeWriter } from "./start-writer.js";

const POOL_SCRIPT = packageFile("dist/threads/pool.cjs");
/** A task of the pool's threads (workers/pool.ts), for Piscina. */
const poolTask = (name: "decode" | "encode" | "look") => ({ filename: POOL_SCRIPT, name });

/** Tasks that share a thread: a decoder that waits for room leaves it to the encoder that will make some. */
const TASKS_PER_THREAD = 4;

/** How long a thread with one task at a time waits for the next. */
const LONE_IDLE_MS = 1000;

/** A job's end: what the writer made of it, or why it failed. */
export type JobOutcome =
  | { result: JobResult; resumed: ResumedJob | null; times: FileTimes }
  | { error: string; code: string | null };

/** Hears what a person should know. */
export type EngineLog = (level: LogLevel, message: string) => void;

interface RunningJob {
  plan: PlannedJob;
  progress: DecodeProgress;
  times: FileTimes;
  /** Ranges that are decoded once more. */
  again: Promise<void>[];
  state: JobProgress["state"];
  /** Hears where the job goes on that an earlier run has begun. */
  begin: (begun: BegunJob) => void;
  resumed: ResumedJob | null;
  end: (outcome: JobOutcome) => void;
  stopped: boolean;
}

/**
 * The threads of a run: the pool, which decodes and encodes, and the writer. Main hands out work and passes
 * messages between the two; it never touches a row.
 */
export class Engine {
  readonly #options: ResolvedOptions;
  readonly #pool: Piscina;
  /** Threads of the pool. */
  readonly poolThreads: number;
  readonly #writer: Worker;
  /** Threads for tasks of the writer's that are tried again, each with one task at a time. */
  #loneWriters: Piscina | null = null;
  /** As many tasks of those as threads: when a thread dies, the pool starts no other for tasks that wait. */
  readonly #loneTasks: Semaphore;
  readonly #runner: DecodeRunner;
  readonly #decoders: Semaphore;
  readonly #jobs = new Map<string, RunningJob>();
  /** What every thread of the run gets, beside what is its own. */
  readonly #counters: ThreadCounters;
  readonly #onRetry: (message: string) => void;
  /** Tasks of the writer's whose threads died, and what was done once more for it: jobs, and years' last steps. */
  readonly #writing = { workerDeaths: 0, retries: 0 };
  #writerError: Error | null = null;
  #stopped: Promise<void> | null = null;

  /**
   * @param poolThreads threads that the input is worth, of those that the options allow
   * @param onRetry told of each death of a thread that a decode task, or a year's last step, outlives
   */
  constructor(options: ResolvedOptions, poolThreads: number, onRetry: (message: string) => void) {
    this.#options = options;
    this.poolThreads = poolThreads;
    const { worker, counters } = takeWriter();
    this.#writer = worker;
    this.#counters = counters;
    this.#loneTasks = new Semaphore(poolThreads);
    this.#onRetry = onRetry;
    // Decoders that wait for room must leave places in the pool: to the encoders that make it, and to what a job
    // waits for (decodeAgain), one task for each of the two.
    this.#decoders = new Semaphore(Math.min(options.decoders, poolThreads));
    const spread = new SpreadDecoders("decode", TASKS_PER_THREAD);
    this.#pool = makePool(options, this.#counters, {
      minThreads: poolThreads,
      maxThreads: poolThreads,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
      idleTimeout: Number.POSITIVE_INFINITY,
      loadBalancer: spread.choose,
    });
    const { chunkSize, years, decodeTimeoutMs } = options;
    this.#runner = new DecodeRunner({
      pool: this.#pool,
      // One for each task that may be decoded at once: none waits for another that waits for it.
      makeLonePool: () =>
        makePool(options, this.#counters, {
          minThreads: 0,
          maxThreads: Math.min(options.decoders, poolThreads) + MAX_PARALLEL_JOBS,
          concurrentTasksPerWorker: 1,
        }),
      poolTask: poolTask("decode"),
      chunkSize,
      years,
      timeoutMs: decodeTimeoutMs,
      tell: (message, transfer) => this.#tell(message, transfer),
      onRetry,
      onEnd: (thread) => spread.ended(thread),
    });
    // Each thread loads what it needs while main still plans; if that fails, so do the tasks.
    for (let thread = 0; thread < poolThreads; thread++)
      this.#pool.run(null, poolTask("encode")).catch(() => undefined);
    const { threads, memory } = options;
    const begin: BeginWriting = { threads, creditBytes: memory.creditBytes };
    this.#writer.postMessage(begin);
    this.#writer.on("message", (message: WriterMessage) => this.#receive(message));
    this.#writer.on("error", (error) => this.#failAll(error));
    this.#writer.on("exit", () => this.#failAll(new Error("the writer thread ended")));
  }

  /**
   * The pool's threads, for the planning.
   *
   * @param configDir folder of own definitions
   */
  lookers(configDir: string | undefined): Lookers {
    const look: Lookers["look"] = async (files, definitions, wanted) => {
      const task: LookTask = {
        files: files.map(({ path, bytes }) => ({ path, bytes })),
        configDir,
        feeds: [...wanted.feeds],
        iso: wanted.iso,
      };
      const results: LookResult[][] = await this.#pool.run(task, poolTask("look"));
      const ofKey = new Map(definitions.map((feed) => [feedKey(feed), feed]));
      const feedOf = (key: string) => ofKey.get(key)!;
      return results.map((looks) =>
        looks.map((each) =>
          "feed" in each ? { ...each, feed: feedOf(each.feed), alsoOf: each.alsoOf.map(feedOf) } : each,
        ),
      );
    };
    return { threads: this.poolThreads, look };
  }

  /**
   * Runs a job to its end, from where its journal ends; decoding starts when threads are free.
   *
   * A job that has ended with `THREAD_DIED` can be run once more: what the second try does is added to its times.
   */
  async run(plan: PlannedJob, journal: JournalPlan, log: EngineLog): Promise<JobOutcome> {
    const before = this.#jobs.get(plan.iso) ?? null;
    if (before !== null) this.#writing.retries++;
    const progress = new DecodeProgress();
    const times = before?.times ?? new FileTimes(plan.files.length);
    let begin!: RunningJob["begin"];
    const begun = new Promise<BegunJob>((resolve) => {
      begin = resolve;
    });
    const outcome = new Promise<JobOutcome>((end) => {
      const job = { plan, progress, times, again: [], begin, resumed: null, end, stopped: false };
      this.#jobs.set(plan.iso, { ...job, state: "running" });
    });
    if (this.#writerError !== null) this.#failAll(this.#writerError);
    this.#startJob(plan, journal, before === null);
    const job = this.#jobs.get(plan.iso)!;
    const tasks = plan.groups.flatMap((group) => group.tasks);
    const handedOut = journal.isWaitedFor
      ? begun.then((from) => this.#handOut(job, this.#resume(job, before, tasks, from, log)))
      : this.#handOut(job, tasks);
    // Tasks of threads that died while they started never end: nothing waits for those of a job that has failed.
    const settled = async (): Promise<JobOutcome> => {
      const ended = await outcome;
      if (!("error" in ended)) await Promise.all([handedOut, ...job.again]);
      return ended;
    };
    return Promise.race([handedOut.then(settled), settled()]);
  }

  /** The tasks that are left of a job that an earlier run, or its first try, has begun. */
  #resume(
    job: RunningJob,
    before: RunningJob | null,
    tasks: PlannedTask[],
    { done, rows, warning }: BegunJob,
    log: EngineLog,
  ): PlannedTask[] {
    const { iso, files } = job.plan;
    if (warning !== null) log("warn", warning);
    if (done.files === 0 && done.bytes === 0) return tasks;
    const bytes = files.slice(0, done.files).reduce((sum, file) => sum + file.bytes, done.bytes);
    job.progress.add(ProgressSlot.files, done.files);
    job.progress.add(ProgressSlot.bytes, bytes);
    job.progress.add(ProgressSlot.rows, rows);
    job.resumed = before === null ? { iso, filesDone: done.files, rowsDone: rows } : before.resumed;
    const reader = before === null ? "an earlier run" : "this run";
    log("info", `${iso} goes on after ${done.files} of ${files.length} files, which ${reader} has read`);
    return remainingTasks(tasks, done);
  }

  /** Gives tasks of a job to the pool, as threads are free, and waits for their ends. */
  async #handOut(job: RunningJob, tasks: readonly PlannedTask[]): Promise<void> {
    let task = 0;
    const running: Promise<void>[] = [];
    for (const planned of tasks) {
      await this.#decoders.acquire();
      if (job.stopped) {
        this.#decoders.release();
        continue;
      }
      running.push(this.#decode(job, planned, task++).finally(() => this.#decoders.release()));
    }
    // Of a first try that is over the second must not hear.
    if (this.#jobs.get(job.plan.iso) === job)
      this.#tell({ type: "tasksEnd", iso: job.plan.iso, tasks: task });
    await Promise.all(running);
  }

  /** Stops all jobs: nothing more is handed out, and what is done is kept for another run. */
  abort(): void {
    for (const [iso, job] of this.#jobs) {
      if (job.state === "done" || job.state === "failed") continue;
      job.stopped = true;
      this.#tell({ type: "abort", iso });
    }
  }

  /** Bytes of the WebAssembly memories of the threads that live; what was never written to of them takes no room. */
  get wasmBytes(): number {
    const alone = [...this.#runner.loneThreads, ...(this.#loneWriters?.threads ?? [])];
    return memoryBytes(this.#counters.pages, [...this.#pool.threads, ...alone, this.#writer]);
  }

  /** What became of the decode tasks. */
  get decoding(): { workerDeaths: number } {
    return { workerDeaths: this.#runner.deaths };
  }

  /** What became of the tasks that the writer asked for: to encode, merge and read back row groups. */
  get writing(): { workerDeaths: number; retries: number } {
    return { ...this.#writing };
  }

  /** Times of the batches of all jobs. */
  get batches(): BatchTimes {
    return sumBatchTimes([...this.#jobs.values()].map(({ progress }) => progress.batches));
  }

  /** Gives out only this part of the credits, 0 to 1; of none, one file at a time. */
  limitCredits(share: number): void {
    this.#tell({ type: "creditShare", share });
  }

  progressOf(iso: string): Pick<JobProgress, "state" | "filesDone" | "bytesDone" | "rowsDecoded"> {
    const job = this.#jobs.get(iso);
    if (job === undefined) return { state: "waiting", filesDone: 0, bytesDone: 0, rowsDecoded: 0 };
    const { state, progress } = job;
    return {
      state,
      filesDone: progress.count(ProgressSlot.files),
      bytesDone: progress.count(ProgressSlot.bytes),
      rowsDecoded: progress.count(ProgressSlot.rows),
    };
  }

  /** @param plan seconds that planning took */
  stageSeconds(plan: number): StageSeconds {
    return stageSeconds(this.#counters.stages, plan);
  }

  /** Ends the threads; a second call waits for what the first one has begun. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#writer.removeAllListeners("exit");
    const pools = [this.#pool, this.#loneWriters].map((pool) => pool?.destroy());
    await Promise.all([...pools, this.#runner.stop(), this.#writer.terminate()]);
  }

  #startJob({ iso, files }: PlannedJob, journal: JournalPlan, startsAgain: boolean): void {
    const { out, rowGroupSize, chunkSize, compression, encoder, strict, threads } = this.#options;
    const { mergeFanIn, update, years: only } = this.#options;
    const feeds = new Map(files.map(({ feed }) => [feed.feed, feed]));
    const job = {
      iso,
      out,
      files: files.map(({ path, feed, source, firstStart }) => ({
        path,
        firstStart,
        feed: feed.feed,
        origin: { path: source.path, entry: source.entry.join("/") },
      })),
      feeds: [...feeds.values()].map((feed) => ({
        feed: feed.feed,
        table: feed.table,
        market: feed.market,
        timeZone: feed.timeZone,
        joined: feed.components === null ? null : feedRemainders(feed),
      })),
      rowGroupSize,
      chunkSize,
      compression,
      encoder,
      strict,
      threads,
      mergeFanIn,
      only,
      update,
      startsAgain,
      journal,
    };
    this.#tell({ type: "job", job });
  }

  async #decode(job: RunningJob, planned: PlannedTask, task: number, again = false): Promise<void> {
    await this.#runner.run(job, planned, task, again);
  }

  #tell(message: MainMessage, transfer: (ArrayBuffer | MessagePort)[] = []): void {
    this.#writer.postMessage(message, transfer as never);
  }

  #receive(message: WriterMessage): void {
    if (message.type === "pool") {
      void this.#runPoolTask(message);
      return;
    }
    if (message.type === "retry") {
      this.#writing.retries++;
      this.#onRetry(message.message);
      return;
    }
    const job = this.#jobs.get(message.iso);
    if (job === undefined) return;
    if (message.type === "publishing") {
      job.state = "publishing";
      return;
    }
    if (message.type === "decodeAgain") {
      // What the job waits for takes no decoder's place: those may all wait for the job.
      const { file, range, task } = message;
      if (!job.stopped) job.again.push(this.#decode(job, { files: [file], range }, task, true));
      return;
    }
    if (message.type === "begun") {
      job.begin(message.begun);
      return;
    }
    const failed = message.type === "jobFailed";
    job.state = failed ? "failed" : "done";
    job.stopped = true;
    const { resumed, times } = job;
    job.end(
      failed ? { error: message.message, code: message.code } : { result: message.result, resumed, times },
    );
  }

  /** Lends a thread to a task of the writer's. */
  async #runPoolTask({ id, port, alone }: Extract<WriterMessage, { type: "pool" }>): Promise<void> {
    if (alone) await this.#loneTasks.acquire();
    if (alone) this.#loneWriters ??= this.#makeLoneWriters();
    const pool = alone ? this.#loneWriters! : this.#pool;
    try {
      await pool.run(port, { ...poolTask("encode"), transferList: [port] });
    } catch (error) {
      this.#writing.workerDeaths++;
      this.#tell({ type: "poolFailed", id, message: `a worker thread failed: ${(error as Error).message}` });
    } finally {
      if (alone) this.#loneTasks.release();
    }
  }

  /** Not those that decode alone: these may wait for what is done here. */
  #makeLoneWriters(): Piscina {
    return makePool(this.#options, this.#counters, {
      minThreads: 0,
      maxThreads: this.poolThreads,
      concurrentTasksPerWorker: 1,
      idleTimeout: LONE_IDLE_MS,
    });
  }

  #failAll(error: Error): void {
    this.#writerError ??= error;
    for (const job of this.#jobs.values()) {
      if (job.state === "done" || job.state === "failed") continue;
      job.state = "failed";
      job.stopped = true;
      job.end({ error: `the writer failed: ${error.message}`, code: null });
    }
  }
}

function makePool(
  { compression }: ResolvedOptions,
  counters: ThreadCounters,
  size: Pick<
    NonNullable<ConstructorParameters<typeof Piscina>[0]>,
    "minThreads" | "maxThreads" | "concurrentTasksPerWorker" | "idleTimeout" | "loadBalancer"
  >,
): Piscina {
  const pool = new Piscina({
    ...size,
    resourceLimits: THREAD_LIMITS,
    // Threads that wait must go on hearing their message ports.
    atomics: "disabled",
    workerData: { compression, ...counters },
  });
  // A thread that dies fails its tasks; without a listener the event would end the process.
  pool.on("error", () => undefined);
  return pool;
}
