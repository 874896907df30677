import type { MessagePort } from "node:worker_threads";
import { batchBytes, copyRows, type RowBatch } from "../arrow/row-batch.js";
import type { RejectedRecord } from "../csv/file-decoder.js";
import type { FileRange } from "../plan/file-ranges.js";
import type { DecoderMessage } from "../run/protocol.js";

/** How much of a task has been handed out, or is to be passed over, by file index. */
class Progress {
  readonly rows = new Map<number, number>();
  readonly rejects = new Map<number, number>();
  /** Messages of which a file or range has one each: `file 3`. */
  readonly marks = new Set<string>();

  copy(): Progress {
    const copy = new Progress();
    for (const [file, rows] of this.rows) copy.rows.set(file, rows);
    for (const [file, records] of this.rejects) copy.rejects.set(file, records);
    for (const mark of this.marks) copy.marks.add(mark);
    return copy;
  }
}

export interface TaskOrigin {
  /** Tells the task from others of the same number in its job, which decode a range again. */
  id: number;
  port: MessagePort;
  /** Indexes of the files that the task decodes. */
  files: readonly number[];
  /** The part of its only file that it decodes; null where it decodes files as a whole. */
  range: FileRange | null;
}

/**
 * Messages of one decode task, kept until the writer comes to it in plan order.
 *
 * When its thread dies the task is decoded again ({@link restart}). What it sends then is the same but for where
 * batches end, for what a task sends depends on its files alone: so as many rows and rejected records of each file, and
 * the same ends of files, are passed over as have been handed out before.
 */
export class TaskInbox {
  readonly id: number;
  readonly files: readonly number[];
  readonly range: FileRange | null;
  port: MessagePort;
  /** Bytes granted to the task for batches that have not come yet. */
  outstanding = 0;
  #messages: DecoderMessage[] = [];
  #failure: string | null = null;
  readonly #fileFailures = new Map<number, string>();
  #ended = false;
  #wake: (() => void) | null = null;
  readonly #taken = new Progress();
  #passOver = new Progress();

  constructor({ id, port, files, range }: TaskOrigin) {
    this.id = id;
    this.port = port;
    this.files = files;
    this.range = range;
  }

  push(message: DecoderMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  /** The task's thread has died, for the last time: what has come is still handed out, then the failure. */
  fail(message: string): void {
    this.#failure = message;
    this.#wake?.();
  }

  /**
   * The task's thread has died, and the task is decoded again from its beginning, heard on another port.
   *
   * @param failed the file that is left out now, and why; null where none is
   * @returns bytes of batches that had come and were not handed out: they will come again
   */
  restart(port: MessagePort, failed: { file: number; message: string } | null): number {
    this.port = port;
    if (failed !== null) this.#fileFailures.set(failed.file, failed.message);
    this.#passOver = this.#taken.copy();
    return this.dropWaiting();
  }

  /** Forgets what has come and was not handed out; returns the bytes of the batches. */
  dropWaiting(): number {
    const dropped = this.#messages.reduce(
      (sum, message) => sum + (message.type === "batch" ? batchBytes(message.batch) : 0),
      0,
    );
    this.#messages = [];
    return dropped;
  }

  /** What of a message has not been handed out before the task's thread died; null when all of it has. */
  newOf(message: DecoderMessage): DecoderMessage | null {
    if (message.type === "batch") {
      const batch = this.#newRows(message.batch);
      return batch && { type: "batch", batch };
    }
    if (message.type === "rejects") {
      const records = this.#newRecords(message.fileIndex, message.records);
      return records.length === 0 ? null : { ...message, records };
    }
    const mark = markOf(message);
    return mark !== null && this.#passOver.marks.delete(mark) ? null : message;
  }

  #newRows(batch: RowBatch): RowBatch | null {
    const { rows: passOver } = this.#passOver;
    let from = 0;
    for (let pair = 0; pair < batch.sources.length; pair += 2) {
      const file = batch.sources[pair]!;
      const rows = batch.sources[pair + 1]!;
      const known = Math.min(rows, passOver.get(file) ?? 0);
      if (known > 0) passOver.set(file, passOver.get(file)! - known);
      from += known;
      // Rows were handed out in order: behind the first new one there is none that is known.
      if (known < rows) break;
    }
    if (from === 0) return batch;
    return from === batch.rows ? null : copyRows({ batch, from, to: batch.rows });
  }

  #newRecords(file: number, records: RejectedRecord[]): RejectedRecord[] {
    const known = Math.min(records.length, this.#passOver.rejects.get(file) ?? 0);
    if (known === 0) return records;
    this.#passOver.rejects.set(file, this.#passOver.rejects.get(file)! - known);
    return records.slice(known);
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** Whether someone waits for the next message. */
  get isAwaited(): boolean {
    return this.#wake !== null;
  }

  /** Why no more came than what has come; null while more may, or all has. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Why the file was not decoded to its end; null when it was. */
  failureOf(file: number): string | null {
    return this.#fileFailures.get(file) ?? this.#unfinishedReason(file);
  }

  /** A file has all its rows handed out once a batch, or the task's end, follows its own end. */
  #unfinishedReason(file: number): string | null {
    return this.#taken.marks.has(`file ${file}`) && !this.#unsettled.has(file) ? null : this.#failure;
  }

  /** Files whose end was handed out after the last batch: rows of theirs may be in the next one. */
  readonly #unsettled = new Set<number>();

  /** The next message; null when no more will come. */
  async next(): Promise<DecoderMessage | null> {
    while (this.#messages.length === 0) {
      if (this.#ended || this.#failure !== null) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    const message = this.#messages.shift()!;
    this.#note(message);
    return message;
  }

  #note(message: DecoderMessage): void {
    if (message.type === "end") this.#ended = true;
    if (message.type === "batch" || message.type === "end") this.#unsettled.clear();
    if (message.type === "batch") {
      const { sources } = message.batch;
      for (let pair = 0; pair < sources.length; pair += 2)
        add(this.#taken.rows, sources[pair]!, sources[pair + 1]!);
    }
    if (message.type === "rejects") add(this.#taken.rejects, message.fileIndex, message.records.length);
    if (message.type === "file") this.#unsettled.add(message.fileIndex);
    const mark = markOf(message);
    if (mark !== null) this.#taken.marks.add(mark);
  }
}

function markOf(message: DecoderMessage): string | null {
  return "fileIndex" in message && message.type !== "rejects" ? `${message.type} ${message.fileIndex}` : null;
}

function add(counts: Map<number, number>, file: number, count: number): void {
  counts.set(file, (counts.get(file) ?? 0) + count);
}
