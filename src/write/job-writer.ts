import type { MessagePort } from "node:worker_threads";
import { batchBytes } from "../arrow/row-batch.js";
import { describeError, isNoRoom, isThreadDeath } from "../errors.js";
import { JobJournal } from "../journal/job-journal.js";
import type { JobState } from "../journal/job-state.js";
import { removeLeftParts } from "../journal/left-parts.js";
import { isWholeFile } from "../parquet/whole-file.js";
import type { FileRange } from "../plan/file-ranges.js";
import type { DoneInput } from "../plan/remaining-tasks.js";
import { failpoint } from "../run/failpoints.js";
import type {
  BegunJob,
  DecoderMessage,
  Grant,
  JobInfo,
  JobResult,
  PoolResult,
  PoolTask,
} from "../run/protocol.js";
import { timed } from "../run/stage-clock.js";
import type { Credits, Semaphore } from "./credits.js";
import type { RangeFate } from "./file-reading.js";
import { JobOutput } from "./job-output.js";
import type { SpareShelf } from "./spare-buffers.js";
import { TaskInbox, type TaskOrigin } from "./task-inbox.js";

/** A job that is stopped waits so long for the end of the task in hand, from which another run can go on. */
const STOP_MS = 5000;
/** Parquet takes at least about so much of the CSV that it is made of. */
const PARQUET_SHARE = 0.05;
const NOTHING_DONE: DoneInput = { files: 0, bytes: 0 };

export interface JobWriterContext {
  credits: Credits;
  encoding: Semaphore;
  spare: SpareShelf;
  pool(task: PoolTask, transfer: ArrayBuffer[], alone?: boolean): Promise<PoolResult>;
  onPublishing(): void;
  /** Told of what is done once more since a thread has died. */
  onRetry?(message: string): void;
  /** The job's journal has been read: it is known where the job begins. */
  onBegun?(begun: BegunJob): void;
  /** Asks for a range to be decoded as the task once more, from its first byte on, at which a record begins. */
  decodeAgain(task: number, file: number, range: FileRange): void;
}

/** Takes the tasks of one ISO's job in plan order, whatever order they finish in, and writes its year files. */
export class JobWriter {
  readonly #job: JobInfo;
  readonly #context: JobWriterContext;
  readonly #inboxes = new Map<number, TaskInbox>();
  readonly #journal: JobJournal | null;
  #output: JobOutput;
  /** How far the plan is done. */
  #done = NOTHING_DONE;
  /** Whether anything was done since the job began, or was gone on with. */
  #hasAdvanced = false;
  #tasks = Number.POSITIVE_INFINITY;
  /** The task whose messages are taken. */
  #current: TaskInbox | null = null;
  #aborted = false;
  /** Whether the task in hand was left in the middle. */
  #isTorn = false;
  #stopTimer: NodeJS.Timeout | undefined;
  /** Set when the job is over, well or badly: main may not know yet and go on handing out tasks. */
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(job: JobInfo, context: JobWriterContext) {
    this.#job = job;
    this.#context = context;
    this.#journal = job.journal === undefined ? null : new JobJournal(job, job.journal);
    this.#output = new JobOutput(job, context);
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
    const { credits, spare } = this.#context;
    const { port } = inbox;
    port.on("message", (sent: DecoderMessage) => {
      // What a thread that has died had sent comes late.
      if (inbox.port !== port) return;
      const message = inbox.newOf(sent);
      if (message?.type === "admit") {
        credits.request(this.#job.iso, task, message.bytes, () => {
          inbox.outstanding = message.bytes;
          const grant: Grant = { spare: spare.take(message.capacity) };
          port.postMessage(grant, grant.spare.buffers);
        });
        return;
      }
      if (sent.type === "batch") {
        // What was asked for was an estimate; from here on the real size counts.
        credits.release(inbox.outstanding - (message?.type === "batch" ? batchBytes(message.batch) : 0));
        inbox.outstanding = 0;
      }
      if (message !== null) inbox.push(message);
      // The writer has had it from the thread that died, and goes on waiting: what comes next must be let in, too.
      else if (inbox.isAwaited) credits.starve(this.#job.iso, task);
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

  /** Ends the job: with a journal, after the task in hand, so that another run can go on from there. */
  abort(): void {
    this.#aborted = true;
    const canSave = this.#journal !== null && this.#journal.failure === null;
    for (const inbox of this.#inboxes.values())
      if (inbox !== this.#current || !canSave) inbox.fail("the run was stopped");
    if (canSave) this.#stopTimer = setTimeout(() => this.#current?.fail("the run was stopped"), STOP_MS);
    this.#wake?.();
  }

  /**
   * Works until all tasks are done and the year files are published.
   *
   * @throws with code `ABORTED` when the job was stopped, `DISK_FULL` when there was no room, `THREAD_DIED` when
   *   it is to be begun once more; what the journal counts on is left then
   */
  async run(): Promise<JobResult> {
    const journal = this.#journal;
    let isOver = false;
    let keeps = false;
    try {
      const result = (await this.#begin()) ?? (await this.#work());
      isOver = true;
      return result;
    } catch (error) {
      const isFull = isNoRoom(error);
      keeps = journal?.isKept === true && (this.#aborted || isFull || isThreadDeath(error));
      throw isFull ? this.#diskFull(error) : error;
    } finally {
      this.#ended = true;
      clearTimeout(this.#stopTimer);
      for (const [task, inbox] of this.#inboxes) {
        this.#closeInbox(task, inbox);
        this.#context.credits.release(inbox.dropWaiting());
      }
      await this.#output.close(keeps);
      // One that stays does not fit what is there, which another run finds out.
      if (!isOver && !keeps) await journal?.remove().catch(() => undefined);
    }
  }

  async #work(): Promise<JobResult> {
    this.#output.expectRows();
    await this.#takeTasks();
    if (this.#aborted) {
      await this.#saveUnfinished();
      throw Object.assign(new Error("the run was stopped"), { code: "ABORTED" });
    }
    this.#context.onPublishing();
    return this.#publish();
  }

  /** Goes on where an earlier run has left, if one has; returns what became of the job if that was its end. */
  async #begin(): Promise<JobResult | null> {
    const { isWaitedFor, isFresh } = this.#job.journal ?? {};
    const state = isWaitedFor || isFresh ? await this.#resume(this.#journal!) : null;
    if (state === null) await this.#output.clearRejects();
    return state?.ended?.result ?? null;
  }

  async #resume(journal: JobJournal): Promise<JobState | null> {
    const { iso, out } = this.#job;
    if (journal.plan.isFresh) {
      await journal.remove();
      await removeLeftParts(out, iso);
      return null;
    }
    const found = await journal.load();
    const reason = found === null ? null : "unfit" in found ? found.unfit : await this.#restore(found);
    const state = found === null || "unfit" in found || reason !== null ? null : found;
    const warning = reason === null ? null : await journal.setAside(reason);
    await removeLeftParts(out, iso, this.#output.partPaths);
    journal.isKept = state !== null;
    const { done = NOTHING_DONE, rows = 0 } = state?.head ?? {};
    this.#done = done;
    this.#context.onBegun?.({ done, rows, warning });
    return state;
  }

  /** Takes a state over; returns why that cannot be done, null when it is. */
  async #restore(state: JobState): Promise<string | null> {
    for (const file of state.ended?.published ?? [])
      if (!(await isWholeFile(file))) return `${file.path} has changed since`;
    try {
      if (state.ended === null) await this.#output.restore(state);
      return null;
    } catch (error) {
      await this.#output.close(false);
      this.#output = new JobOutput(this.#job, this.#context);
      const { code, path } = error as NodeJS.ErrnoException;
      return code === "ENOENT" ? `${path} is gone` : describeError(error);
    }
  }

  async #takeTasks(): Promise<void> {
    for (let task = 0; task < this.#tasks && !this.#aborted; ) {
      while (!this.#inboxes.has(task) && task < this.#tasks && !this.#aborted) await this.#woken();
      const inbox = this.#inboxes.get(task);
      if (inbox === undefined || this.#aborted) return;
      this.#current = inbox;
      const fate = await this.#drain(task, inbox);
      this.#current = null;
      this.#inboxes.delete(task);
      this.#isTorn = this.#aborted && inbox.failure !== null;
      if (this.#isTorn) return;
      if (fate === "again") this.#decodeAgain(task, inbox);
      else {
        task++;
        this.#noteDone(inbox);
        // Before anything is published there is a checkpoint anyway.
        if (this.#journal?.isDue && task < this.#tasks && !this.#aborted) await this.#checkpoint();
      }
    }
  }

  #decodeAgain(task: number, { files, range }: TaskInbox): void {
    const file = files[0]!;
    const from = this.#output.reading(file).next!;
    if (!this.#aborted) this.#context.decodeAgain(task, file, { from, to: range!.to });
  }

  #noteDone({ files, range }: TaskInbox): void {
    const last = files.at(-1)!;
    const isWhole = range === null || range.to === Number.POSITIVE_INFINITY;
    this.#done = isWhole ? { files: last + 1, bytes: 0 } : { files: last, bytes: range.to };
    this.#hasAdvanced = true;
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
    for (;;) {
      if (inbox.isEmpty && inbox.outstanding === 0) credits.starve(iso, task);
      const message = await timed("wait", () => inbox.next());
      credits.starve(iso, null);
      if (message === null || message.type === "end") break;
      if (message.type === "rangeBegins") fate = this.#fateOf(inbox, message.at);
      else if (message.type === "batch") {
        if (fate === "take") await this.#output.takeBatch(message.batch);
        else credits.release(batchBytes(message.batch));
      } else if (fate === "take") {
        await this.#output.take(message);
      }
    }
    this.#closeInbox(task, inbox);
    if (fate !== "take" || (this.#aborted && inbox.failure !== null)) return fate;
    for (const file of inbox.files) {
      const message = inbox.failureOf(file);
      if (message !== null) this.#output.failFile(file, message);
    }
    return fate;
  }

  /** @param begins where the first record of the task's range was found, null before that is told */
  #fateOf({ files, range }: TaskInbox, begins: number | null): RangeFate {
    return range === null ? "take" : this.#output.reading(files[0]!).fateOf(range, begins);
  }

  #closeInbox(task: number, inbox: TaskInbox): void {
    const { credits } = this.#context;
    credits.drop(this.#job.iso, task);
    credits.release(inbox.outstanding);
    inbox.outstanding = 0;
    inbox.port.close();
  }

  /** Writes a checkpoint; to be called between tasks. */
  async #checkpoint(): Promise<void> {
    const journal = this.#journal!;
    const output = this.#output;
    const begun = performance.now();
    failpoint("checkpoint:begun");
    await output.settle();
    const state = await output.save(this.#head(journal));
    failpoint("checkpoint:files-flushed");
    await journal.save(state, begun);
    if (journal.failure === null) output.noteSaved(state);
    failpoint("checkpoint:done");
  }

  #head(journal: JobJournal) {
    const { rowsRead: rows, isPublishing } = this.#output;
    return journal.head({ done: this.#done, rows, isPublishing });
  }

  /** Saves what a job that is stopped has done, if it can be gone on with. */
  async #saveUnfinished(): Promise<void> {
    if (this.#journal === null || this.#journal.failure !== null) return;
    if (this.#isTorn || !this.#hasAdvanced) return;
    // Without room for it the last checkpoint still holds.
    await this.#checkpoint().catch(() => undefined);
  }

  async #publish(): Promise<JobResult> {
    const journal = this.#journal;
    const output = this.#output;
    const isSaved = journal?.isWorthwhile === true;
    // What the job may have to be begun again for must show before anything is published.
    await output.flush();
    // While the last row groups are encoded there is time for it.
    output.prepareSeen();
    if (isSaved) await this.#checkpoint();
    else await output.settle();
    const result = await output.publish(async () => {
      if (isSaved && journal.failure === null) await this.#checkpoint();
    });
    // Without room for it another run finds the year files that are published.
    if (isSaved && journal.failure === null) await this.#saveEnd(journal, result).catch(() => undefined);
    if (journal !== null && journal.failure !== null) result.warnings.push(journal.failure);
    return result;
  }

  #saveEnd(journal: JobJournal, result: JobResult): Promise<void> {
    const head = { ...this.#head(journal), isPublishing: true };
    return journal.save(this.#output.saveEnd(head, result), performance.now());
  }

  #diskFull(cause: unknown): Error {
    const { iso, out } = this.#job;
    const needed = Math.ceil(this.#bytesNeeded() / 1e6);
    const message = `there is no room left in ${out}: ${iso} needs about ${needed} MB more`;
    return Object.assign(new Error(message, { cause }), { code: "DISK_FULL" });
  }

  /** Room that the rest of the job may take, by what has been written of what was read. */
  #bytesNeeded(): number {
    const files = this.#job.journal?.files ?? [];
    const sum = (of: typeof files) => of.reduce((total, { bytes }) => total + bytes, 0);
    const read = sum(files.slice(0, this.#done.files)) + this.#done.bytes;
    const { all, largest } = this.#output.bytes;
    const share = Math.max(PARQUET_SHARE, read === 0 ? 0 : all / read);
    // What is not in order is written anew before it is published.
    return (sum(files) - read) * share + largest;
  }
}
