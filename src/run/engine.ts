import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { transferList } from "../arrow/row-batch.js";
import { feedRemainders } from "../feeds/feed-definition.js";
import type { RecognisedFile } from "../feeds/recognise.js";
import { compileParquetWasm, mayUseParquetWasm } from "../parquet/parquet-wasm.js";
import type { FileRange } from "../plan/file-ranges.js";
import type { PlannedJob, PlannedTask } from "../plan/plan-jobs.js";
import { Semaphore } from "../write/credits.js";
import type { JobProgress } from "./options.js";
import type {
  EncodeResult,
  FileTask,
  JobResult,
  MainMessage,
  PoolCall,
  PoolResult,
  PoolTask,
  RangeTask,
  WriterMessage,
} from "./protocol.js";
import { type DecodeTask, PROGRESS_SLOTS, ProgressSlot } from "./protocol.js";
import type { ResolvedOptions } from "./resolved-options.js";
import { type StageSeconds, stageCounters, stageSeconds } from "./stage-clock.js";

const workerFile = (name: string): string =>
  fileURLToPath(new URL(`../../workers/${name}.js`, import.meta.url));

/** Tasks that share a thread: a decoder that waits for room leaves it to the encoder that will make some. */
const TASKS_PER_THREAD = 4;

/**
 * Columns lie outside the heap and are held by few small objects: a large young generation would only let garbage
 * pile up. With this limit peak memory was about a tenth lower, and a sixth for ten times the input.
 */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 8 };

/** A job's end: what the writer made of it, or why it failed. */
export type JobOutcome = { result: JobResult } | { error: string; code: string | null };

interface RunningJob {
  plan: PlannedJob;
  counters: BigInt64Array<SharedArrayBuffer>;
  state: JobProgress["state"];
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
  readonly #writer: Worker;
  readonly #decoders: Semaphore;
  readonly #jobs = new Map<string, RunningJob>();
  readonly #stages = stageCounters();
  #parquetWasm: Promise<WebAssembly.Module> | null = null;
  #writerError: Error | null = null;

  /** @param poolThreads threads that the input is worth, of those that the options allow */
  constructor(options: ResolvedOptions, poolThreads: number) {
    this.#options = options;
    // Decoders that wait for room must leave places in the pool: to the encoders that make it, and to what a job
    // waits for (decodeAgain), one task for each of the two.
    this.#decoders = new Semaphore(Math.min(options.decoders, poolThreads));
    this.#pool = new Piscina({
      minThreads: poolThreads,
      maxThreads: poolThreads,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
      idleTimeout: Number.POSITIVE_INFINITY,
      resourceLimits: THREAD_LIMITS,
      // Threads that wait must go on hearing their message ports.
      atomics: "disabled",
      workerData: { compression: options.compression, stages: this.#stages },
    });
    // A thread that dies fails its tasks; without a listener the event would end the process.
    this.#pool.on("error", () => undefined);
    // Each thread loads what it needs while main still plans; if that fails, so do the tasks.
    for (let thread = 0; thread < poolThreads; thread++)
      this.#pool.run(null, { filename: workerFile("encode") }).catch(() => undefined);
    this.#writer = new Worker(workerFile("writer"), {
      workerData: { threads: options.threads, stages: this.#stages },
      resourceLimits: THREAD_LIMITS,
    });
    this.#writer.on("message", (message: WriterMessage) => this.#receive(message));
    this.#writer.on("error", (error) => this.#failAll(error));
    this.#writer.on("exit", () => this.#failAll(new Error("the writer thread ended")));
  }

  /** Runs a job to its end; decoding starts when threads are free. */
  async run(plan: PlannedJob): Promise<JobOutcome> {
    const counters = new BigInt64Array(new SharedArrayBuffer(PROGRESS_SLOTS * 8));
    const outcome = new Promise<JobOutcome>((end) => {
      this.#jobs.set(plan.iso, { plan, counters, state: "running", end, stopped: false });
    });
    if (this.#writerError !== null) this.#failAll(this.#writerError);
    this.#startJob(plan);
    const handedOut = this.#handOut(this.#jobs.get(plan.iso)!, plan);
    // Tasks of threads that died while they started never end: nothing waits for those of a job that has failed.
    return Promise.race([
      handedOut.then(() => outcome),
      outcome.then(async (ended) => {
        if (!("error" in ended)) await handedOut;
        return ended;
      }),
    ]);
  }

  /** Gives the job's tasks to the pool, as threads are free, and waits for their ends. */
  async #handOut(job: RunningJob, plan: PlannedJob): Promise<void> {
    let task = 0;
    const running: Promise<void>[] = [];
    for (const group of plan.groups) {
      for (const planned of group.tasks) {
        await this.#decoders.acquire();
        if (job.stopped) {
          this.#decoders.release();
          continue;
        }
        running.push(this.#decode(job, planned, task++).finally(() => this.#decoders.release()));
      }
    }
    this.#tell({ type: "tasksEnd", iso: plan.iso, tasks: task });
    await Promise.all(running);
  }

  /** Stops all jobs: nothing more is handed out, what is unfinished is removed. */
  abort(): void {
    for (const [iso, job] of this.#jobs) {
      if (job.state === "done" || job.state === "failed") continue;
      job.stopped = true;
      this.#tell({ type: "abort", iso });
    }
  }

  progressOf(iso: string): Pick<JobProgress, "state" | "filesDone" | "bytesDone" | "rowsDecoded"> {
    const job = this.#jobs.get(iso);
    if (job === undefined) return { state: "waiting", filesDone: 0, bytesDone: 0, rowsDecoded: 0 };
    const count = (slot: number) => Number(Atomics.load(job.counters, slot));
    return {
      state: job.state,
      filesDone: count(ProgressSlot.files),
      bytesDone: count(ProgressSlot.bytes),
      rowsDecoded: count(ProgressSlot.rows),
    };
  }

  /** @param plan seconds that planning took */
  stageSeconds(plan: number): StageSeconds {
    return stageSeconds(this.#stages, plan);
  }

  async stop(): Promise<void> {
    this.#writer.removeAllListeners("exit");
    await Promise.all([this.#pool.destroy(), this.#writer.terminate()]);
  }

  #startJob({ iso, files }: PlannedJob): void {
    const { out, rowGroupSize, chunkSize, compression, encoder, strict, threads } = this.#options;
    const feeds = new Map(files.map(({ feed }) => [feed.feed, feed]));
    const job = {
      iso,
      out,
      files: files.map(({ path, feed }) => ({ path, feed: feed.feed })),
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
    };
    this.#tell({ type: "job", job });
  }

  /** @param again whether the writer asks for a range once more, from where a record begins */
  async #decode(job: RunningJob, { files, range }: PlannedTask, task: number, again = false): Promise<void> {
    const { iso, files: planned } = job.plan;
    const { port1, port2 } = new MessageChannel();
    this.#tell({ type: "task", iso, task, files, range, port: port2 }, [port2]);
    const decodeTask: DecodeTask = {
      feed: planned[files[0]!]!.feed,
      files: files.map((index) => fileTask(index, planned[index]!, range, again)),
      chunkSize: this.#options.chunkSize,
      years: this.#options.years,
      port: port1,
      progress: job.counters,
    };
    try {
      await this.#pool.run(decodeTask, { filename: workerFile("decode"), transferList: [port1] });
    } catch (error) {
      if (!job.stopped)
        this.#tell({
          type: "taskFailed",
          iso,
          task,
          message: `the decoder failed: ${(error as Error).message}`,
        });
    }
  }

  #tell(message: MainMessage, transfer: (ArrayBuffer | MessagePort)[] = []): void {
    this.#writer.postMessage(message, transfer as never);
  }

  #receive(message: WriterMessage): void {
    if (message.type === "pool") {
      void this.#runPoolTask(message.id, message.task);
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
      if (!job.stopped) void this.#decode(job, { files: [file], range }, task, true);
      return;
    }
    const failed = message.type === "jobFailed";
    job.state = failed ? "failed" : "done";
    job.stopped = true;
    job.end(failed ? { error: message.message, code: message.code } : { result: message.result });
  }

  async #runPoolTask(id: number, task: PoolTask): Promise<void> {
    try {
      const buffers = taskBuffers(task);
      if (mayUseParquetWasm(task)) this.#parquetWasm ??= compileParquetWasm();
      const call: PoolCall = { task, parquetWasm: await this.#parquetWasm };
      const options = { filename: workerFile("encode"), transferList: buffers };
      const result = (await this.#pool.run(call, options)) as PoolResult;
      this.#tell({ type: "pool", id, result }, resultBuffers(result));
    } catch (error) {
      this.#tell({ type: "poolFailed", id, message: `a worker thread failed: ${(error as Error).message}` });
    }
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

function fileTask(fileIndex: number, file: RecognisedFile, part: FileRange | null, again: boolean): FileTask {
  const { source, bytes, header, dataStart, firstLine, day } = file;
  const range: RangeTask | null = part && { ...part, isBoundary: again || part.from === dataStart, again };
  return { fileIndex, source, bytes, header, dataStart, firstLine, day, range };
}

function taskBuffers(task: PoolTask): ArrayBuffer[] {
  if (task.name === "read") return [task.stored.bytes.buffer as ArrayBuffer, task.sources.buffer];
  return [...new Set(task.segments.flatMap(({ batch }) => transferList(batch)))];
}

function resultBuffers(result: PoolResult): ArrayBuffer[] {
  if (result.name !== "encode") return transferList(result.batch);
  const { bytes, sources }: EncodeResult = result;
  return [bytes.buffer, sources.buffer];
}
