import { MessageChannel, type MessagePort } from "node:worker_threads";
import { describeErrorAt, THREAD_DIED } from "../errors.js";
import type { JobInfo, MainMessage, PoolResult, PoolTask, WriterMessage } from "../run/protocol.js";
import { Credits, Semaphore } from "./credits.js";
import { JobWriter } from "./job-writer.js";
import { SpareShelf } from "./spare-buffers.js";

/** The writer's side of the conversation with main: one {@link JobWriter} for each ISO's job. */
export class WriterThread {
  readonly #send: (message: WriterMessage, transfer?: MessagePort[]) => void;
  readonly #jobs = new Map<string, JobWriter>();
  /** What the pool has been asked for: by its number, what ends the wait for it with an error. */
  readonly #calls = new Map<number, (error: Error) => void>();
  readonly #encoding: Semaphore;
  /** Bytes of batches that may exist at once when memory is not short. */
  readonly #creditBytes: number;
  readonly #credits: Credits;
  readonly #spare: SpareShelf;
  #nextCall = 0;

  constructor(
    options: { threads: number; creditBytes: number },
    send: (message: WriterMessage, transfer?: MessagePort[]) => void,
  ) {
    this.#creditBytes = options.creditBytes;
    this.#credits = new Credits(options.creditBytes);
    this.#spare = new SpareShelf(options.creditBytes);
    // One row group more than threads, so that none of them waits for the disk.
    this.#encoding = new Semaphore(options.threads + 1);
    this.#send = send;
  }

  receive(message: MainMessage): void {
    switch (message.type) {
      case "job":
        this.#startJob(message.job);
        break;
      case "task":
        this.#jobs.get(message.iso)?.addTask(message.task, message);
        break;
      case "taskAgain":
        this.#restartTask(message);
        break;
      case "taskFailed":
        this.#jobs.get(message.iso)?.failTask(message.task, message.message);
        break;
      case "tasksEnd":
        this.#jobs.get(message.iso)?.endTasks(message.tasks);
        break;
      case "creditShare":
        this.#credits.resize(this.#creditBytes * message.share);
        break;
      case "abort":
        this.#jobs.get(message.iso)?.abort();
        break;
      case "poolFailed":
        this.#calls.get(message.id)?.(Object.assign(new Error(message.message), { code: THREAD_DIED }));
        break;
    }
  }

  #startJob(job: JobInfo): void {
    const { iso } = job;
    const writer = new JobWriter(job, {
      credits: this.#credits,
      encoding: this.#encoding,
      spare: this.#spare,
      pool: (task, transfer, alone = !job.startsAgain) => this.#pool(task, transfer, alone),
      onRetry: (message) => this.#send({ type: "retry", iso, message }),
      onPublishing: () => this.#send({ type: "publishing", iso }),
      onBegun: (begun) => this.#send({ type: "begun", iso, begun }),
      decodeAgain: (task, file, range) => this.#send({ type: "decodeAgain", iso, task, file, range }),
    });
    this.#jobs.set(iso, writer);
    writer.run().then(
      (result) => this.#send({ type: "jobEnd", iso, result }),
      (error: unknown) => {
        const code = (error as NodeJS.ErrnoException).code ?? null;
        this.#send({ type: "jobFailed", iso, message: describeErrorAt(error), code });
      },
    );
  }

  #restartTask({ iso, task, id, failed, port }: Extract<MainMessage, { type: "taskAgain" }>): void {
    const job = this.#jobs.get(iso);
    if (job === undefined) port.close();
    else job.restartTask(task, id, failed, port);
  }

  #pool(task: PoolTask, transfer: ArrayBuffer[], alone: boolean): Promise<PoolResult> {
    const id = this.#nextCall++;
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(task, transfer);
    this.#send({ type: "pool", id, port: port2, alone }, [port2]);
    const result = new Promise<PoolResult>((resolve, reject) => {
      this.#calls.set(id, reject);
      port1.once("message", resolve);
    });
    return result.finally(() => {
      this.#calls.delete(id);
      port1.close();
    });
  }
}
