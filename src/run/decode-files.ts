import { threadId } from "node:worker_threads";
import { type SpareBuffers, transferList } from "../arrow/row-batch.js";
import { type ContainerEntry, isPlain, reasonOf } from "../containers/container-entry.js";
import { openEntry } from "../containers/open-entry.js";
import { type ByteSource, openFile } from "../csv/byte-source.js";
import { compileProgram } from "../csv/decode-program.js";
import {
  type DecodeSink,
  type FileCounts,
  FileDecoder,
  type FileStart,
  NO_COUNTS,
  type RejectedRecord,
  TrailerMismatch,
} from "../csv/file-decoder.js";
import {
  BATCH_SECONDS,
  type DecoderMessage,
  type DecodeTask,
  type FileTask,
  type Grant,
  PROGRESS_SLOTS,
  ProgressSlot,
  type RangeTask,
} from "./protocol.js";
import { addStageTime, timed } from "./stage-clock.js";

/** Bytes read at a time: large enough for the disk, small enough for the processor's cache. */
const READ_SIZE = 1 << 20;
/** Bytes before the records of a file in a container are read and dropped in pieces of this size. */
const SKIP_SIZE = 65_536;
/** The line break before a range's first record is looked for in pieces of this size. */
const LOOK_SIZE = 4096;
const LF = 10;
/** Rejected records are sent on in lots of this many. */
const REJECTS_PER_MESSAGE = 200;

/** Decoders that are not in use, by what they decode: they know the locations of the files before. */
const idle = new Map<string, FileDecoder[]>();

/** Decodes the files of a task and sends what they hold to the writer, the buffers with it. */
export async function decodeFiles(task: DecodeTask): Promise<void> {
  const sink = new PortSink(task);
  for (let from = 0; from < task.files.length; ) {
    // Files of one feed nearly always have their columns in one order, too.
    const header = task.files[from]!.header.join();
    let to = from + 1;
    while (to < task.files.length && task.files[to]!.header.join() === header) to++;
    await decodeAlike(task, task.files.slice(from, to), sink);
    from = to;
  }
  sink.end();
}

async function decodeAlike(task: DecodeTask, files: readonly FileTask[], sink: PortSink): Promise<void> {
  const { feed, years, chunkSize } = task;
  const { header } = files[0]!;
  const key = JSON.stringify([feed, header, years, chunkSize]);
  const options = { chunkSize, years, readSize: READ_SIZE, owner: `${threadId}` };
  const decoder = idle.get(key)?.pop() ?? new FileDecoder(compileProgram(feed, header), options);
  sink.beginSeries();
  decoder.begin(
    sink,
    files.reduce((sum, file) => sum + bytesToDecode(file), 0),
    files[0]!.recordBytes,
  );
  for (const file of files) {
    if (file.range === null) await decodeFile(decoder, file, sink);
    else await decodeRange(decoder, file, file.range, sink);
  }
  decoder.finish();
  idle.set(key, [...(idle.get(key) ?? []), decoder]);
}

function bytesToDecode({ bytes, range }: FileTask): number {
  return range === null ? bytes : Math.max(0, Math.min(range.to, bytes) - range.from);
}

async function decodeFile(decoder: FileDecoder, file: FileTask, sink: PortSink): Promise<void> {
  const { fileIndex, source, dataStart, firstLine: line, day } = file;
  sink.beginFile(fileIndex);
  sink.skip(dataStart);
  await reportEnd(decoder, file, sink, () =>
    decodeFrom(decoder, source, dataStart, { fileIndex, line, day }, sink),
  );
}

/** Decodes the records that begin in a range, the last one to its end, wherever that is. */
async function decodeRange(
  decoder: FileDecoder,
  file: FileTask,
  range: RangeTask,
  sink: PortSink,
): Promise<void> {
  const { fileIndex, source, dataStart, firstLine, day } = file;
  sink.isMuted = range.again;
  sink.beginFile(fileIndex);
  await reportEnd(decoder, file, sink, async () => {
    const at = range.isBoundary ? range.from : await afterLineBreak(source.path, range.from - 1);
    sink.post({ type: "rangeBegins", fileIndex, at });
    const isFirst = range.from === dataStart;
    sink.skip((isFirst ? dataStart : 0) + Math.min(at, range.to) - range.from);
    let counts = NO_COUNTS;
    let readTo = { bytes: 0, line: 0 };
    if (at < range.to) {
      const start = { fileIndex, line: isFirst ? firstLine : 0, day, until: range.to - at };
      counts = await decodeFrom(decoder, source, at, start, sink);
      readTo = decoder.readTo;
    }
    sink.flushRejects();
    sink.post({ type: "rangeEnds", fileIndex, at: at + readTo.bytes, line: readTo.line });
    return counts;
  });
}

/** Position after the first line break at or after byte `from`; the end of the file where none follows. */
async function afterLineBreak(path: string, from: number): Promise<number> {
  const source = await openFile(path, from);
  try {
    const piece = new Uint8Array(LOOK_SIZE);
    for (let at = from; ; ) {
      const count = await source.read(piece, 0, piece.length);
      const found = piece.subarray(0, count).indexOf(LF);
      if (found >= 0) return at + found + 1;
      at += count;
      if (count === 0) return at;
    }
  } finally {
    await source.close();
  }
}

async function decodeFrom(
  decoder: FileDecoder,
  entry: ContainerEntry,
  from: number,
  start: FileStart,
  sink: PortSink,
): Promise<FileCounts> {
  const source = await openAt(entry, from);
  const began = performance.now() - sink.waited;
  try {
    return await decoder.decode(isPlain(entry) ? source : sink.watch(source), start);
  } finally {
    addStageTime("decode", performance.now() - sink.waited - began);
    await source.close();
  }
}

/** Decodes and tells the writer what came of it. */
async function reportEnd(
  decoder: FileDecoder,
  file: FileTask,
  sink: PortSink,
  decode: () => Promise<Readonly<FileCounts>>,
): Promise<void> {
  let counts: Readonly<FileCounts>;
  let failure: string | null = null;
  try {
    counts = await decode();
  } catch (error) {
    // The thread may be in any state: the task is done again on another one.
    if (error instanceof WriterGone || isFault(error)) throw error;
    const mismatch = error instanceof TrailerMismatch ? error : null;
    counts = mismatch?.counts ?? decoder.abandon();
    failure = mismatch?.message ?? reasonOf(error);
  }
  sink.endFile(file.fileIndex, counts, failure, file.range === null || file.range.to >= file.bytes);
}

/** The bytes of a file from `start` on. */
async function openAt(source: ContainerEntry, start: number): Promise<ByteSource> {
  if (isPlain(source)) return openFile(source.path, start);
  const bytes = await openEntry(source);
  const skipped = new Uint8Array(Math.min(start, SKIP_SIZE));
  for (let left = start; left > 0; ) {
    const count = await bytes.read(skipped, 0, Math.min(left, skipped.length));
    if (count === 0) break;
    left -= count;
  }
  return bytes;
}

/**
 * Whether an error is of the program or its memory, not of the file: those say where they come from by a code, or are
 * of a class of our own.
 */
function isFault(error: unknown): boolean {
  const isBuiltIn = [TypeError, RangeError, ReferenceError, WebAssembly.RuntimeError].some(
    (type) => error instanceof type,
  );
  return isBuiltIn && !("code" in (error as Error));
}

/** The writer has closed the port: the run is stopped or its job has failed. */
export class WriterGone extends Error {}

class PortSink implements DecodeSink {
  readonly #task: DecodeTask;
  #rejects: RejectedRecord[] = [];
  #rejectsOf = 0;
  #rowsTold = 0;
  #gone = false;
  /** Whether progress has been told of what is decoded now. */
  isMuted = false;
  /** Milliseconds that the decoder has waited, for room or for an archive's bytes. */
  waited = 0;
  /** When the writer gave leave for the batch that is being built. */
  #admittedAt = 0;
  #busySince = performance.now();
  /** Milliseconds at work before that. */
  #workedBefore = 0;
  /** What {@link #worked} was when the file in hand was begun, and how many of the task's files were ended before it. */
  #fileSince = 0;
  #filesEnded = 0;
  /** The batch that the writer has been asked for. */
  #waiting: { resolve(spare: SpareBuffers): void; reject(error: Error): void } | null = null;

  constructor(task: DecodeTask) {
    this.#task = task;
    this.#set(ProgressSlot.thread, threadId);
    this.#set(ProgressSlot.busy, 1);
    task.port.on("message", ({ spare }: Grant) => {
      this.#set(ProgressSlot.busy, 1);
      this.#admittedAt = performance.now();
      this.#busySince = this.#admittedAt;
      this.#waiting?.resolve(spare);
      this.#waiting = null;
    });
    task.port.on("close", () => {
      this.#gone = true;
      this.#waiting?.reject(new WriterGone("the writer has gone"));
      this.#waiting = null;
    });
  }

  post(message: DecoderMessage, transfer: ArrayBuffer[] = []): void {
    this.#task.port.postMessage(message, transfer);
  }

  admit(capacity: number, bytes: number): Promise<SpareBuffers> {
    return this.#wait(() => this.#ask(capacity, bytes));
  }

  /** The source, with the waits for its bytes counted. */
  watch(source: ByteSource): ByteSource {
    const read = (...at: Parameters<ByteSource["read"]>) =>
      this.#wait(() => timed("unpack", () => source.read(...at)));
    return { read, close: () => source.close() };
  }

  async #wait<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.waited += performance.now() - began;
    }
  }

  #ask(capacity: number, bytes: number): Promise<SpareBuffers> {
    return new Promise((resolve, reject) => {
      if (this.#gone) reject(new WriterGone("the writer has gone"));
      else {
        this.#waiting = { resolve, reject };
        this.#rest();
        this.post({ type: "admit", capacity, bytes });
      }
    });
  }

  batch(batch: Parameters<DecodeSink["batch"]>[0]): void {
    this.post({ type: "batch", batch }, transferList(batch));
    const seconds = (performance.now() - this.#admittedAt) / 1000;
    this.#add(ProgressSlot.batches, 1);
    this.#add(ProgressSlot.batchMicros, Math.round(seconds * 1e6));
    const bucket = BATCH_SECONDS.findIndex((bound) => seconds <= bound);
    this.#add(ProgressSlot.batchBuckets + (bucket < 0 ? BATCH_SECONDS.length : bucket), 1);
  }

  reject(fileIndex: number, record: RejectedRecord): void {
    this.#rejectsOf = fileIndex;
    this.#rejects.push(record);
    if (this.#rejects.length >= REJECTS_PER_MESSAGE) this.flushRejects();
  }

  /** The decoder counts its rows from 0 again. */
  beginSeries(): void {
    this.#rowsTold = 0;
  }

  /** The task waits, or is done. */
  #rest(): void {
    this.#workedBefore = this.#worked;
    this.#set(ProgressSlot.busy, 0);
  }

  /** Milliseconds that the task has been at work, the time not counted in which it waited for the writer. */
  get #worked(): number {
    return this.#workedBefore + performance.now() - this.#busySince;
  }

  end(): void {
    this.post({ type: "end" });
    this.#rest();
  }

  beginFile(fileIndex: number): void {
    this.#set(ProgressSlot.file, fileIndex + 1);
    this.#fileSince = this.#worked;
  }

  /** Bytes that need no decoding, such as the header. */
  skip(bytes: number): void {
    this.#add(ProgressSlot.beat, 1);
    if (!this.isMuted) this.#add(ProgressSlot.bytes, bytes);
  }

  progress(bytes: number, rows: number): void {
    this.#add(ProgressSlot.beat, 1);
    if (this.isMuted) return;
    this.#add(ProgressSlot.bytes, bytes);
    this.#add(ProgressSlot.rows, rows - this.#rowsTold);
    this.#rowsTold = rows;
  }

  #add(slot: number, count: number): void {
    Atomics.add(this.#task.progress, slot, BigInt(count));
  }

  #set(slot: number, value: number): void {
    Atomics.store(this.#task.progress, slot, BigInt(value));
  }

  /** @param isLast whether the file has no further range */
  endFile(fileIndex: number, counts: FileCounts, failure: string | null, isLast: boolean): void {
    this.flushRejects();
    this.post({ type: "file", fileIndex, counts, failure });
    this.#set(PROGRESS_SLOTS + this.#filesEnded++, Math.round((this.#worked - this.#fileSince) * 1000));
    this.#set(ProgressSlot.file, 0);
    if (isLast && !this.isMuted) this.#add(ProgressSlot.files, 1);
  }

  flushRejects(): void {
    if (this.#rejects.length === 0) return;
    this.post({ type: "rejects", fileIndex: this.#rejectsOf, records: this.#rejects });
    this.#rejects = [];
  }
}
