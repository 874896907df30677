import { once } from "node:events";
import { threadId } from "node:worker_threads";
import { transferList } from "../arrow/row-batch.js";
import { type ContainerEntry, isPlain, reasonOf } from "../containers/container-entry.js";
import { openEntry } from "../containers/open-entry.js";
import { type ByteSource, openFile } from "../csv/byte-source.js";
import { compileProgram } from "../csv/decode-program.js";
import {
  type DecodeSink,
  type FileCounts,
  FileDecoder,
  type RejectedRecord,
  TrailerMismatch,
} from "../csv/file-decoder.js";
import { type DecoderMessage, type DecodeTask, type FileTask, ProgressSlot } from "./protocol.js";

/** Bytes read at a time: large enough for the disk, small enough for the processor's cache. */
const READ_SIZE = 1 << 20;
/** Bytes before the records of a file in a container are read and dropped in pieces of this size. */
const SKIP_SIZE = 65_536;
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
  sink.post({ type: "end" });
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
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  for (const file of files) await decodeFile(decoder, file, sink);
  decoder.finish();
  idle.set(key, [...(idle.get(key) ?? []), decoder]);
}

async function decodeFile(decoder: FileDecoder, file: FileTask, sink: PortSink): Promise<void> {
  let counts: FileCounts = { records: 0, rows: 0, rejected: 0, filtered: 0 };
  let failure: string | null = null;
  sink.skip(file.dataStart);
  try {
    const source = await openAt(file.source, file.dataStart);
    try {
      counts = await decoder.decode(source, { fileIndex: file.fileIndex, line: file.firstLine });
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof WriterGone) throw error;
    const mismatch = error instanceof TrailerMismatch ? error : null;
    counts = mismatch?.counts ?? decoder.abandon();
    failure = mismatch?.message ?? reasonOf(error);
    if (counts.records > 0) failure += `; the ${counts.records} records before were read`;
  }
  sink.endFile(file.fileIndex, counts, failure);
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

/** The writer has closed the port: the run is stopped or its job has failed. */
class WriterGone extends Error {}

class PortSink implements DecodeSink {
  readonly #task: DecodeTask;
  #rejects: RejectedRecord[] = [];
  #rejectsOf = 0;
  #rowsTold = 0;
  #gone = false;

  constructor(task: DecodeTask) {
    this.#task = task;
    task.port.on("close", () => {
      this.#gone = true;
    });
  }

  post(message: DecoderMessage, transfer: ArrayBuffer[] = []): void {
    this.#task.port.postMessage(message, transfer);
  }

  async admit(bytes: number): Promise<void> {
    if (this.#gone) throw new WriterGone("the writer has gone");
    const { port } = this.#task;
    const stop = new AbortController();
    const answer = Promise.race([
      once(port, "message", { signal: stop.signal }).then(() => true),
      once(port, "close", { signal: stop.signal }).then(() => false),
    ]);
    this.post({ type: "admit", bytes });
    const granted = await answer;
    stop.abort();
    if (!granted) throw new WriterGone("the writer has gone");
  }

  batch(batch: Parameters<DecodeSink["batch"]>[0]): void {
    this.post({ type: "batch", batch }, transferList(batch));
  }

  reject(fileIndex: number, record: RejectedRecord): void {
    this.#rejectsOf = fileIndex;
    this.#rejects.push(record);
    if (this.#rejects.length >= REJECTS_PER_MESSAGE) this.#sendRejects();
  }

  /** The decoder counts its rows from 0 again. */
  beginSeries(): void {
    this.#rowsTold = 0;
  }

  /** Bytes that need no decoding, such as the header. */
  skip(bytes: number): void {
    Atomics.add(this.#task.progress, ProgressSlot.bytes, BigInt(bytes));
  }

  progress(bytes: number, rows: number): void {
    const { progress } = this.#task;
    Atomics.add(progress, ProgressSlot.bytes, BigInt(bytes));
    Atomics.add(progress, ProgressSlot.rows, BigInt(rows - this.#rowsTold));
    this.#rowsTold = rows;
  }

  endFile(fileIndex: number, counts: FileCounts, failure: string | null): void {
    this.#sendRejects();
    this.post({ type: "file", fileIndex, counts, failure });
    Atomics.add(this.#task.progress, ProgressSlot.files, 1n);
  }

  #sendRejects(): void {
    if (this.#rejects.length === 0) return;
    this.post({ type: "rejects", fileIndex: this.#rejectsOf, records: this.#rejects });
    this.#rejects = [];
  }
}
