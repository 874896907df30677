import { dirname } from "node:path";
import type { MessagePort } from "node:worker_threads";
import { batchBytes, copyRows, intervalSlices, type RowBatch, type Segment } from "../arrow/row-batch.js";
import { describeWriteError } from "../errors.js";
import type { Orphan } from "../order/sort-rows.js";
import type { FileRange } from "../plan/file-ranges.js";
import type { OutputFile } from "../run/options.js";
import type { DecoderMessage, Grant, JobInfo, JobResult, PoolResult, PoolTask } from "../run/protocol.js";
import { timed } from "../run/stage-clock.js";
import { yearOfDay } from "../time/calendar.js";
import type { Credits, Semaphore } from "./credits.js";
import { accountOf, FileReading, type RangeFate } from "./file-reading.js";
import { publishSeen } from "./publish-seen.js";
import { RejectsFile } from "./rejects-file.js";
import { TaskInbox, type TaskOrigin } from "./task-inbox.js";
import { YearFile } from "./year-file.js";

/** Rows that may wait in all years of a job together, in row groups; then the year with most of them is flushed. */
const MAX_PENDING_ROW_GROUPS = 2;

export interface JobWriterContext {
  credits: Credits;
  encoding: Semaphore;
  pool(task: PoolTask, transfer: ArrayBuffer[]): Promise<PoolResult>;
  onPublishing(): void;
  /** Asks for a range to be decoded as the task once more, from its first byte on, at which a record begins. */
  decodeAgain(task: number, file: number, range: FileRange): void;
}

/** Takes the tasks of one ISO's job in plan order, whatever order they finish in, and writes its year files. */
export class JobWriter {
  readonly #job: JobInfo;
  readonly #context: JobWriterContext;
  readonly #inboxes = new Map<number, TaskInbox>();
  readonly #years = new Map<string, YearFile>();
  readonly #rejects = new Map<string, RejectsFile>();
  /** By file index. */
  readonly #readings: FileReading[];
  readonly #failures: { file: string; message: string }[] = [];
  #tasks = Number.POSITIVE_INFINITY;
  #aborted = false;
  /** Set when the job is over, well or badly: main may not know yet and go on handing out tasks. */
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(job: JobInfo, context: JobWriterContext) {
    this.#job = job;
    this.#context = context;
    this.#readings = job.files.map(() => new FileReading());
    for (const { feed } of job.feeds) this.#rejects.set(feed, new RejectsFile(job.out, job.iso, feed));
  }

  /** Listens to a task; its messages wait until its turn comes. */
  addTask(task: number, origin: TaskOrigin): void {
    if (this.#ended) {
      // Its decoder would wait for room for ever; a closed port tells it to stop.
      origin.port.close();
      return;
    }
    const inbox = new TaskInbox(origin);
    this.#inboxes.set(task, inbox);
    this.#listen(task, inbox);
    this.#wake?.();
  }

  /** The task's thread died, and it is decoded once more; see {@link TaskInbox.restart}. */
  restartTask(
    task: number,
    id: number,
    failed: { file: number; message: string } | null,
    port: MessagePort,
  ): void {
    const inbox = this.#inboxes.get(task);
    if (this.#ended || inbox?.id !== id) {
      // All that it has to send has come already.
      port.close();
      return;
    }
    this.#closeInbox(task, inbox);
    const { credits } = this.#context;
    credits.release(inbox.restart(port, failed));
    this.#listen(task, inbox);
    if (inbox.isAwaited) credits.starve(this.#job.iso, task);
  }

  #listen(task: number, inbox: TaskInbox): void {
    const { credits } = this.#context;
    const { port } = inbox;
    port.on("message", (sent: DecoderMessage) => {
      // What a thread that has died had sent comes late.
      if (inbox.port !== port) return;
      const message = inbox.newOf(sent);
      if (message?.type === "admit") {
        credits.request(this.#job.iso, task, message.bytes, () => {
          inbox.outstanding = message.bytes;
          port.postMessage("grant" satisfies Grant);
        });
        return;
      }
      if (sent.type === "batch") {
        // What was asked for was an estimate; from here on the real size counts.
        credits.release(inbox.outstanding - (message?.type === "batch" ? batchBytes(message.batch) : 0));
        inbox.outstanding = 0;
      }
      if (message !== null) inbox.push(message);
    });
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
      for (let task = 0; task < this.#tasks && !this.#aborted; ) {
        while (!this.#inboxes.has(task) && task < this.#tasks && !this.#aborted) await this.#woken();
        const inbox = this.#inboxes.get(task);
        if (inbox === undefined) break;
        const fate = await this.#drain(task, inbox);
        this.#inboxes.delete(task);
        if (fate !== "again") task++;
        else if (!this.#aborted) {
          const file = inbox.files[0]!;
          const from = this.#readings[file]!.next!;
          this.#context.decodeAgain(task, file, { from, to: inbox.range!.to });
        }
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

  /** Takes what a task sends until it ends or dies; or lets it go, if its range turns out to be no part of its file. */
  async #drain(task: number, inbox: TaskInbox): Promise<RangeFate> {
    const { iso } = this.#job;
    const { credits } = this.#context;
    let fate = this.#fateOf(inbox, null);
    while (!this.#aborted) {
      if (inbox.isEmpty && inbox.outstanding === 0) credits.starve(iso, task);
      const message = await timed("wait", () => inbox.next());
      credits.starve(iso, null);
      if (message === null || message.type === "end") break;
      if (message.type === "rangeBegins") fate = this.#fateOf(inbox, message.at);
      else if (message.type === "batch") {
        if (fate === "take") await this.#takeBatch(message.batch);
        else credits.release(batchBytes(message.batch));
      } else if (fate === "take") {
        await this.#take(message);
      }
    }
    this.#closeInbox(task, inbox);
    if (this.#aborted || fate !== "take") return fate;
    for (const file of inbox.files) {
      const message = inbox.failureOf(file);
      if (message === null) continue;
      this.#readings[file]!.die();
      this.#failures.push({ file: this.#job.files[file]!.path, message });
    }
    return fate;
  }

  /** @param begins where the first record of the task's range was found, null before that is told */
  #fateOf({ files, range }: TaskInbox, begins: number | null): RangeFate {
    return range === null ? "take" : this.#readings[files[0]!]!.fateOf(range, begins);
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
      const reading = this.#readings[fileIndex]!;
      reading.add(counts);
      if (failure === null) return;
      reading.failed = true;
      const records = reading.counts!.records;
      const before = records > 0 ? `; the ${records} records before were read` : "";
      this.#failures.push({ file: this.#job.files[fileIndex]!.path, message: failure + before });
    } else if (message.type === "rejects") {
      const { path, feed } = this.#job.files[message.fileIndex]!;
      const first = this.#readings[message.fileIndex]!.line;
      const records = message.records.map((record) => ({ ...record, line: record.line + first }));
      await this.#rejects.get(feed)!.add(path, records);
    } else if (message.type === "rangeEnds") {
      this.#readings[message.fileIndex]!.endRange(message.at, message.line);
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
      const { iso, out, rowGroupSize, compression, encoder, feeds } = this.#job;
      const feed = feeds.find((known) => known.feed === feedName)!;
      const { credits, encoding, pool } = this.#context;
      const settings = { out, rowGroupSize, compression, encoder };
      file = new YearFile({ iso, feed, ...settings, credits, encoding, pool }, year);
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
    const rejected = this.#readings.some(({ counts }) => (counts?.rejected ?? 0) > 0);
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
    const seen = await publishSeen(
      this.#job,
      order.filter((year) => !failed.includes(year)),
    );
    const usedRejects = [...this.#rejects.values()].find((rejects) => rejects.isUsed);
    return {
      outputs,
      accounts: this.#readings.map((reading, file) =>
        accountOf(file, reading, order, failed, this.#isJoined(file)),
      ),
      failures: [...this.#failures, ...seen.failures],
      warnings: [...seen.warnings, ...order.flatMap((year) => year.warnings)],
      unmapped: seen.unmapped,
      rejects: usedRejects === undefined ? null : dirname(usedRejects.path),
    };
  }

  #isJoined(file: number): boolean {
    const { feed } = this.#job.files[file]!;
    return this.#job.feeds.some((known) => known.feed === feed && known.joined);
  }

  /** Rows of components whose total never came: they count as read and rejected. */
  async #rejectOrphans(orphans: readonly Orphan[]): Promise<void> {
    for (const { file, start, entity } of orphans) {
      const counts = this.#readings[file]?.counts;
      if (counts === null || counts === undefined) continue;
      counts.rows++;
      counts.rejected++;
      const { path, feed } = this.#job.files[file]!;
      const at = new Date(start).toISOString();
      const reason = `the total is missing for ${entity} at ${at}; only components of it are there`;
      await this.#rejects.get(feed)!.add(path, [{ line: 0, column: null, reason, raw: "" }]);
    }
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
