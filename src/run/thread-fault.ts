import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { yearOfDay } from "../time/calendar.js";
import type { DecodeTask, PoolResult } from "./protocol.js";
import { ProgressSlot } from "./protocol.js";

/** What tests make a thread die of. */
const FAULTS: Readonly<Record<string, () => void>> = {
  throw: () => {
    throw new TypeError("a fault that a test asked for");
  },
  exit: () => process.exit(7),
  // A function whose only instruction is `unreachable`.
  trap: () => {
    const code = "0061736d010000000104016000000302010007050101660000 0a05010300000b".replaceAll(" ", "");
    const module = new WebAssembly.Module(Buffer.from(code, "hex"));
    (new WebAssembly.Instance(module, {}).exports as unknown as { f(): void }).f();
  },
  memory: () => {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(100_000).fill(kept.length + 0.5));
  },
  hang: () => {
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
};

/**
 * For tests: `GRIDPARQUET_FAULT=KIND,NAME,N[,MARKER]` makes the thread die that decodes the file of this name, when it is
 * about to send the file's message number N, from 0. With MARKER, a file that must not exist yet and is made then, only
 * once. Without the variable nothing is done.
 */
export function armFault(task: DecodeTask, setting = process.env.GRIDPARQUET_FAULT): void {
  if (setting === undefined) return;
  const [kind, name, number, marker] = setting.split(",");
  const file = task.files.find(({ source }) => basename(source.path) === name);
  if (file === undefined) return;
  const { port, progress } = task;
  const post = port.postMessage.bind(port);
  let left = Number(number);
  port.postMessage = (...message: Parameters<typeof post>) => {
    const isAtFile = Atomics.load(progress, ProgressSlot.file) === BigInt(file.fileIndex + 1);
    if (isAtFile && left-- === 0 && isFirst(marker)) FAULTS[kind!]!();
    post(...message);
  };
}

/**
 * For tests: `GRIDPARQUET_FAULT=KIND,encode,YEAR[,MARKER]`, or with `spill`, `merge`, `read` or `combine`, makes the thread
 * die that has done such a task for rows of this year, when it is about to send the result.
 */
export function faultAtResult(result: PoolResult, setting = process.env.GRIDPARQUET_FAULT): void {
  if (setting === undefined) return;
  const [kind, name, year, marker] = setting.split(",");
  if (result.name !== name) return;
  const days = daysOf(result);
  if (days.length > 0 && yearOfDay(days[0]!) === Number(year) && isFirst(marker)) FAULTS[kind!]!();
}

function daysOf(result: PoolResult): Int32Array {
  if ("months" in result) return result.months[0]!.intervals.date;
  return "batch" in result ? result.batch.intervals.operatingDate : result.intervals.date;
}

function isFirst(marker: string | undefined): boolean {
  if (marker === undefined) return true;
  try {
    writeFileSync(marker, "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}
