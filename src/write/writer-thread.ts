import { describeError } from "../errors.js";
import type {
  BatchResult,
  EncodeResult,
  JobInfo,
  MainMessage,
  PoolResult,
  PoolTask,
  WriterMessage,
} from "../run/protocol.js";
import { Credits, Semaphore } from "./credits.js";
import { JobWriter } from "./job-writer.js";

/** Bytes that a row takes in a batch, roughly: a code and six values. */
const BYTES_PER_ROW = 52;

/**
 * Bytes of batches that may exist at once: row groups that wait and are being encoded, and a few batches for each
 * decoder. It depends on settings alone, never on the input.
 */
export function creditBudget(threads: number, rowGroupSize: number, chunkSize: number): number {
  return BYTES_PER_ROW * (rowGroupSize * (threads + 2) + chunkSize * threads * 2);
}

/** The writer's side of the conversation with main: one {@link JobWriter} for each ISO's job. */
export class WriterThread {
  readonly #send: (message: WriterMessage, transfer?: ArrayBuffer[]) => void;
  readonly #jobs = new Map<string, JobWriter>();
  readonly #requests = new Map<
    number,
    { resolve: (result: PoolResult) => void; reject: (error: Error) => void }
  >();
  readonly #encoding: Semaphore;
  readonly #threads: number;
  #credits: Credits | null = null;
  #nextRequest = 0;

  constructor(
    options: { threads: number },
    send: (message: WriterMessage, transfer?: ArrayBuffer[]) => void,
  ) {
    this.#threads = options.threads;
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
        this.#jobs.get(message.iso)?.addTask(message.task, message.files, message.range, message.port);
        break;
      case "taskFailed":
        this.#jobs.get(message.iso)?.failTask(message.task, message.message);
        break;
      case "tasksEnd":
        this.#jobs.get(message.iso)?.endTasks(message.tasks);
        break;
      case "abort":
        this.#jobs.get(message.iso)?.abort();
        break;
      case "pool":
        this.#requests.get(message.id)?.resolve(message.result);
        this.#requests.delete(message.id);
        break;
      case "poolFailed":
        this.#requests.get(message.id)?.reject(new Error(message.message));
        this.#requests.delete(message.id);
        break;
    }
  }

  #startJob(job: JobInfo): void {
    const { iso, rowGroupSize, chunkSize } = job;
    this.#credits ??= new Credits(creditBudget(this.#threads, rowGroupSize, chunkSize));
    const writer = new JobWriter(job, {
      credits: this.#credits,
      encoding: this.#encoding,
      pool: (task, transfer) => this.#pool(task, transfer),
      onPublishing: () => this.#send({ type: "publishing", iso }),
      decodeAgain: (task, file, range) => this.#send({ type: "decodeAgain", iso, task, file, range }),
    });
    this.#jobs.set(iso, writer);
    writer.run().then(
      (result) => this.#send({ type: "jobEnd", iso, result }),
      (error: unknown) => {
        const code = (error as NodeJS.ErrnoException).code ?? null;
        this.#send({ type: "jobFailed", iso, message: describeError(error), code });
      },
    );
  }

  #pool(task: PoolTask, transfer: ArrayBuffer[]): Promise<EncodeResult | BatchResult> {
    const id = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { resolve, reject });
      this.#send({ type: "pool", id, task }, transfer);
    });
  }
}
