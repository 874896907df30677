import { dirname } from "node:path";
import type { MessagePort } from "node:worker_threads";
import { batchBytes, copyRows, intervalSlices, type RowBatch, type Segment } from "../arrow/row-batch.js";
import type { FileCounts } from "../csv/file-decoder.js";
import { describeWriteError } from "../errors.js";
import type { Orphan } from "../order/sort-rows.js";
import type { OutputFile, RowAccount } from "../run/options.js";
import type {
  BatchResult,
  DecoderMessage,
  EncodeResult,
  Grant,
  JobInfo,
  JobResult,
  PoolTask,
} from "../run/protocol.js";
import { yearOfDay } from "../time/calendar.js";
import type { Credits, Semaphore } from "./credits.js";
import { RejectsFile } from "./rejects-file.js";
import { TaskInbox } from "./task-inbox.js";
import { YearFile } from "./year-file.js";

/** Rows that may wait in all years of a job together, in row groups; then the year with most of them is flushed. */
const MAX_PENDING_ROW_GROUPS = 2;

export interface JobWriterContext {
  credits: Credits;
  encoding: Semaphore;
  pool(task: PoolTask, transfer: ArrayBuffer[]): Promise<EncodeResult | BatchResult>;
  onPublishing(): void;
}

/** Takes the tasks of one ISO's job in plan order, whatever order they finish in, and writes its year files. */
export class JobWriter {
  readonly #job: JobInfo;
  readonly #context: JobWriterContext;
  readonly #inboxes = new Map<number, TaskInbox>();
  readonly #years = new Map<string, YearFile>();
  readonly #rejects = new Map<string, RejectsFile>();
  readonly #counts: (FileCounts | null)[];
  readonly #failures: { file: string; message: string }[] = [];
  #tasks = Number.POSITIVE_INFINITY;
  #aborted = false;
  /** Set when the job is over, well or badly: main may not know yet and go on handing out tasks. */
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(job: JobInfo, context: JobWriterContext) {
    this.#job = job;
    this.#context = context;
    this.#counts = job.files.map(() => null);
    for (const { feed } of job.feeds) this.#rejects.set(feed, new RejectsFile(job.out, job.iso, feed));
  }

  /** Listens to a task; its messages wait until its turn comes. */
  addTask(task: number, files: readonly number[], port: MessagePort): void {
    if (this.#ended) {
      // Its decoder would wait for room for ever; a closed port tells it to stop.
      port.close();
      return;
    }
    const inbox = new TaskInbox(port, files);
    const { credits } = this.#context;
    this.#inboxes.set(task, inbox);
    port.on("message", (message: DecoderMessage) => {
      if (message.type === "admit") {
        credits.request(this.#job.iso, task, message.bytes, () => {
          inbox.outstanding = message.bytes;
          port.postMessage("grant" satisfies Grant);
        });
        return;
      }
      if (message.type === "batch") {
        // What was asked for was an estimate; from here on the real size counts.
        credits.release(inbox.outstanding - batchBytes(message.batch));
        inbox.outstanding = 0;
      }
      inbox.push(message);
    });
    this.#wake?.();
  }

  /** The task's thread failed. */
  failTask(task: number, message: string): void {
    this.#context.credits.drop(this.#job.iso, task);
    this.#inboxes.get(task)?.fail(message);
  }

  endTasks(tasks: number): void {
    this.#tasks = tasks;
    this.#wake?.();
  }

  abort(): void {
    this.#aborted = true;
    for (const inbox of this.#inboxes.values()) inbox.fail("the run was stopped");
    this.#wake?.();
  }

  /** Works until all tasks are done and the year files are published. */
  async run(): Promise<JobResult> {
    try {
      for (const rejects of this.#rejects.values()) await rejects.clear();
      for (let task = 0; task < this.#tasks && !this.#aborted; task++) {
        while (!this.#inboxes.has(task) && task < this.#tasks && !this.#aborted) await this.#woken();
        const inbox = this.#inboxes.get(task);
        if (inbox === undefined) break;
        await this.#drain(task, inbox);
        this.#inboxes.delete(task);
      }
      if (this.#aborted) throw Object.assign(new Error("the run was stopped"), { code: "ABORTED" });
      this.#context.onPublishing();
      return await this.#publish();
    } finally {
      this.#ended = true;
      for (const [task, inbox] of this.#inboxes) this.#closeInbox(task, inbox);
      for (const year of this.#years.values()) await year.discard();
      for (const rejects of this.#rejects.values()) await rejects.close().catch(() => undefined);
    }
  }

  async #woken(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  /** Takes what a task sends until it ends or dies. */
  async #drain(task: number, inbox: TaskInbox): Promise<void> {
    const { iso } = this.#job;
    const { credits } = this.#context;
    while (!this.#aborted) {
      if (inbox.isEmpty && inbox.outstanding === 0) credits.starve(iso, task);
      const message = await inbox.next();
      credits.starve(iso, null);
      if (message === null || message.type === "end") break;
      if (message.type === "batch") await this.#takeBatch(message.batch);
      else await this.#take(message);
    }
    this.#closeInbox(task, inbox);
    if (inbox.failure === null || this.#aborted) return;
    for (const file of inbox.files) {
      if (this.#counts[file] !== null) continue;
      this.#failures.push({ file: this.#job.files[file]!.path, message: inbox.failure });
    }
  }

  #closeInbox(task: number, inbox: TaskInbox): void {
    const { credits } = this.#context;
    credits.drop(this.#job.iso, task);
    credits.release(inbox.outstanding);
    inbox.outstanding = 0;
    inbox.port.close();
  }

  async #take(message: DecoderMessage): Promise<void> {
    if (message.type === "file") {
      const { fileIndex, counts, failure } = message;
      this.#counts[fileIndex] = counts;
      if (failure !== null) this.#failures.push({ file: this.#job.files[fileIndex]!.path, message: failure });
    } else if (message.type === "rejects") {
      const { path, feed } = this.#job.files[message.fileIndex]!;
      await this.#rejects.get(feed)!.add(path, message.records);
    }
  }

  /** Hands a batch's rows to their years. */
  async #takeBatch(batch: RowBatch): Promise<void> {
    const bytes = batchBytes(batch);
    const { feed } = this.#job.files[batch.sources[0]!]!;
    const parts = splitByYear(batch);
    for (const { year, from, to } of parts) {
      // Each year sends its part away with the buffers: only one of them can have the batch itself.
      const part = parts.length === 1 ? batch : copyRows({ batch, from, to });
      const share = (bytes * (to - from)) / batch.rows;
      await this.#yearFile(feed, year).add({ batch: part, from: 0, to: to - from }, share);
    }
    await this.#limitPending();
  }

  #yearFile(feedName: string, year: number): YearFile {
    const key = `${feedName}/${year}`;
    let file = this.#years.get(key);
    if (file === undefined) {
      const { iso, out, rowGroupSize, compression, feeds } = this.#job;
      const feed = feeds.find((known) => known.feed === feedName)!;
      const { credits, encoding, pool } = this.#context;
      file = new YearFile({ iso, feed, out, rowGroupSize, compression, credits, encoding, pool }, year);
      this.#years.set(key, file);
    }
    return file;
  }

  /** Keeps rows of many years at once from filling the memory. */
  async #limitPending(): Promise<void> {
    const years = [...this.#years.values()];
    const limit = this.#job.rowGroupSize * MAX_PENDING_ROW_GROUPS;
    while (years.reduce((sum, { pendingRows }) => sum + pendingRows, 0) > limit) {
      await years.reduce((most, year) => (year.pendingRows > most.pendingRows ? year : most)).flush();
    }
  }

  async #publish(): Promise<JobResult> {
    const rejected = this.#counts.some((counts) => (counts?.rejected ?? 0) > 0);
    const outputs: OutputFile[] = [];
    const failed: YearFile[] = [];
    const order = [...this.#years.values()].sort((a, b) => (a.finalPath < b.finalPath ? -1 : 1));
    for (const year of this.#job.strict && rejected ? [] : order) {
      try {
        const output = await year.publish();
        if (output !== null) outputs.push(output);
        await this.#rejectOrphans(year.orphans);
      } catch (error) {
        failed.push(year);
        // At once: what it takes on the disk may be what the next year lacks.
        await year.discard();
        this.#failures.push({
          file: year.finalPath,
          message: `the year file was not written: ${describeWriteError(error)}`,
        });
      }
    }
    if (this.#job.strict && rejected) failed.push(...order);
    const usedRejects = [...this.#rejects.values()].find((rejects) => rejects.isUsed);
    return {
      outputs,
      accounts: this.#counts.map((counts, file) => this.#account(counts, file, failed)),
      failures: this.#failures,
      rejects: usedRejects === undefined ? null : dirname(usedRejects.path),
    };
  }

  /** Rows of components whose total never came: they count as read and rejected. */
  async #rejectOrphans(orphans: readonly Orphan[]): Promise<void> {
    for (const { file, start, entity } of orphans) {
      const counts = this.#counts[file];
      if (counts === null || counts === undefined) continue;
      counts.rows++;
      counts.rejected++;
      const { path, feed } = this.#job.files[file]!;
      const at = new Date(start).toISOString();
      const reason = `the total is missing for ${entity} at ${at}; only components of it are there`;
      await this.#rejects.get(feed)!.add(path, [{ line: 0, column: null, reason, raw: "" }]);
    }
  }

  /** How the rows of a file ended: each number was counted where it happened. Null for a file never reached. */
  #account(known: FileCounts | null, file: number, failed: readonly YearFile[]): RowAccount | null {
    const published = [...this.#years.values()].filter((year) => !failed.includes(year));
    const sum = (of: (year: YearFile) => Map<number, number>, years: readonly YearFile[]) =>
      years.reduce((total, year) => total + (of(year).get(file) ?? 0), 0);
    // Of a file whose thread died only what had come by then is known.
    const accepted = sum((year) => year.accepted, [...this.#years.values()]);
    const counts = known ?? { records: accepted, rows: accepted, rejected: 0, filtered: 0 };
    if (known === null && accepted === 0) return null;
    const account = {
      recordsRead: counts.records,
      rowsRead: counts.rows,
      rowsWritten: sum((year) => year.written, published),
      rowsRejected: counts.rejected,
      rowsDeduplicated: sum((year) => year.dropped, published),
      rowsFiltered: counts.filtered,
      rowsFailed: 0,
    };
    if (failed.length === 0) return account;
    // Of joined feeds the rows taken are components: what they stand for is what is left of the rows read.
    const { feed } = this.#job.files[file]!;
    const joined = this.#job.feeds.some((known) => known.feed === feed && known.joined);
    const { rowsRead, rowsWritten, rowsRejected, rowsDeduplicated, rowsFiltered } = account;
    const rest = rowsRead - rowsWritten - rowsRejected - rowsDeduplicated - rowsFiltered;
    return { ...account, rowsFailed: joined ? rest : sum((year) => year.accepted, failed) };
  }
}

/** Row ranges of a batch by year of the operating day. */
function splitByYear(batch: RowBatch): { year: number; from: number; to: number }[] {
  const parts: { year: number; from: number; to: number }[] = [];
  const whole: Segment = { batch, from: 0, to: batch.rows };
  for (const { run, from, to } of intervalSlices(whole)) {
    const year = yearOfDay(batch.intervals.operatingDate[run]!);
    const last = parts.at(-1);
    if (last?.year === year) last.to = to;
    else parts.push({ year, from, to });
  }
  return parts;
}
