import { dirname } from "node:path";
import { batchBytes, copyRows, intervalSlices, type RowBatch, type Segment } from "../arrow/row-batch.js";
import type { LedgerInput } from "../dataset/ledger.js";
import { describeWriteError, isNoRoom } from "../errors.js";
import type { JobState, YearState } from "../journal/job-state.js";
import type { JournalHead } from "../journal/journal-plan.js";
import { restoreTables, TableShelf } from "../journal/saved-rows.js";
import type { Orphan } from "../order/sort-rows.js";
import type { ChangedDays } from "../parquet/day-counts.js";
import type { WholeFile } from "../parquet/whole-file.js";
import type { Failure, OutputFile } from "../run/options.js";
import type { DecoderMessage, JobInfo, JobResult } from "../run/protocol.js";
import { yearOfDay } from "../time/calendar.js";
import { accountOf, FileReading } from "./file-reading.js";
import { ledgerInputs } from "./ledger-inputs.js";
import { listSeen, publishSeen, type SeenOfYears } from "./publish-seen.js";
import { RejectsFile } from "./rejects-file.js";
import type { YearFileContext } from "./year-context.js";
import { YearFile } from "./year-file.js";
import { addCounts, type YearRows } from "./year-rows.js";

/** Rows that may wait in all years of a job together, in row groups; then the year with most of them is flushed. */
const MAX_PENDING_ROW_GROUPS = 2;

/** What the year files need of the writer. */
type OutputContext = Pick<YearFileContext, "credits" | "encoding" | "spare" | "onRetry" | "pool">;

/** What becomes of one ISO's rows: its year files, rejected records and accounts. */
export class JobOutput {
  readonly #job: JobInfo;
  readonly #context: OutputContext;
  readonly #years = new Map<string, YearFile>();
  /** Those that rows are expected for, until some come. */
  readonly #expected = new Map<string, Promise<YearFile>>();
  readonly #rejects = new Map<string, RejectsFile>();
  /** By file index. */
  readonly #readings: FileReading[];
  readonly #failures: Failure[] = [];
  readonly #published: WholeFile[] = [];
  /** What {@link prepareSeen} has begun, for which years. */
  #seen: { years: readonly YearFile[]; list: Promise<SeenOfYears> } | null = null;

  constructor(job: JobInfo, context: OutputContext) {
    this.#job = job;
    this.#context = context;
    this.#readings = job.files.map(() => new FileReading());
    for (const { feed } of job.feeds) this.#rejects.set(feed, new RejectsFile(job.out, job.iso, feed));
  }

  /** Removes the rejects files of an earlier run. */
  async clearRejects(): Promise<void> {
    for (const rejects of this.#rejects.values()) await rejects.clear();
  }

  /**
   * In an update, opens the year files that rows are most likely to come for, by the first records of the inputs: what
   * there is to do with them can begin while those are read.
   */
  expectRows(): void {
    if (!this.#job.update) return;
    for (const { feed, firstStart } of this.#job.files) {
      if (firstStart === undefined || firstStart === null) continue;
      // Right but for the last hours of a year, and a guess is all that is needed.
      const year = new Date(firstStart).getUTCFullYear();
      const key = `${feed}/${year}`;
      if (this.#years.has(key)) continue;
      const opening = this.#expected.get(key) ?? YearFile.open(this.#yearContext(feed), year);
      this.#expected.set(key, opening);
      void opening.then((file) => file.expectRows(firstStart));
    }
  }

  reading(file: number): FileReading {
    return this.#readings[file]!;
  }

  /** The thread that read a file has died. */
  failFile(file: number, message: string): void {
    this.#readings[file]!.die();
    this.#failures.push({ file: this.#job.files[file]!.path, message });
  }

  /** Takes what a decoder tells of a file. */
  async take(message: DecoderMessage): Promise<void> {
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

  /**
   * Hands a batch's rows to their years.
   *
   * @throws when the job must end ({@link YearFile.throwIfJobEnds}); any other fault of a year only costs that year
   */
  async takeBatch(batch: RowBatch): Promise<void> {
    const bytes = batchBytes(batch);
    const { feed } = this.#job.files[batch.sources[0]!]!;
    const parts = splitByYear(batch);
    for (const { year, from, to } of parts) {
      // Each year sends its part away with the buffers: only one of them can have the batch itself.
      const part = parts.length === 1 ? batch : copyRows({ batch, from, to });
      const share = (bytes * (to - from)) / batch.rows;
      await (await this.#yearFile(feed, year)).add({ batch: part, from: 0, to: to - from }, share);
    }
    await this.#limitPending();
  }

  async #yearFile(feed: string, year: number): Promise<YearFile> {
    const key = `${feed}/${year}`;
    let file = this.#years.get(key);
    if (file === undefined) {
      file = await (this.#expected.get(key) ?? YearFile.open(this.#yearContext(feed), year));
      this.#expected.delete(key);
      this.#years.set(key, file);
    }
    return file;
  }

  #yearContext(feedName: string): YearFileContext {
    const { iso, out, rowGroupSize, compression, encoder, feeds, update, mergeFanIn } = this.#job;
    const startsAgain = this.#job.startsAgain === true;
    const feed = feeds.find((known) => known.feed === feedName)!;
    const inputsOf = (year: YearRows): LedgerInput[] =>
      ledgerInputs(this.#job, year, [...this.#years.values()], this.#readings);
    return {
      ...{ iso, feed, out, rowGroupSize, compression, encoder, inputsOf, startsAgain },
      ...(mergeFanIn !== undefined && { mergeFanIn }),
      ...(update && { update }),
      ...this.#context,
    };
  }

  /** Keeps rows of many years at once from filling the memory. */
  async #limitPending(): Promise<void> {
    const years = [...this.#years.values()];
    for (const year of years) year.throwIfJobEnds();
    const limit = this.#job.rowGroupSize * MAX_PENDING_ROW_GROUPS;
    while (years.reduce((sum, { pendingRows }) => sum + pendingRows, 0) > limit) {
      await years.reduce((most, year) => (year.pendingRows > most.pendingRows ? year : most)).flush();
    }
  }

  /** Rows that were read, rejected ones with them. */
  get rowsRead(): number {
    return this.#readings.reduce((sum, { counts }) => sum + (counts?.rows ?? 0), 0);
  }

  /** Bytes of year files on the disk, and of the largest that is not complete. */
  get bytes(): { all: number; largest: number } {
    const years = [...this.#years.values()];
    return {
      all: years.reduce((sum, { bytes }) => sum + bytes, 0),
      largest: Math.max(0, ...years.map(({ isReady, bytes }) => (isReady ? 0 : bytes))),
    };
  }

  /** Whether some year file has come so far that no row can be added to it. */
  get isPublishing(): boolean {
    return [...this.#years.values()].some(({ isGivenUp, isReady }) => isGivenUp || isReady);
  }

  /** Has everything that waits encoded, final or not. */
  async flush(): Promise<void> {
    for (const year of this.#years.values()) await year.flush();
  }

  /** Begins to work out, once all rows are there, what {@link publish} lists of them if no year fails. */
  prepareSeen(): void {
    const years = this.#inOrder().filter(({ failure }) => failure === null);
    const list = listSeen(this.#job, years);
    // Whoever needs it hears of what went wrong.
    list.catch(() => undefined);
    this.#seen = { years, list };
  }

  #seenOf(years: readonly YearFile[]): Promise<SeenOfYears> {
    const known = this.#seen;
    const isKnown =
      known !== null &&
      known.years.length === years.length &&
      known.years.every((year, index) => year === years[index]);
    return isKnown ? known.list : listSeen(this.#job, years);
  }

  #inOrder(): YearFile[] {
    return [...this.#years.values()].sort((a, b) => (a.finalPath < b.finalPath ? -1 : 1));
  }

  /**
   * Waits until all row groups that were asked for are on the disk.
   *
   * @throws when there is no room for them, or some are lost that can be had again
   */
  async settle(): Promise<void> {
    for (const year of this.#years.values()) {
      await year.settle();
      year.throwIfJobEnds();
    }
  }

  /** What a checkpoint has of the job, with what it has written made durable; to be asked for when it is settled. */
  async save(head: JournalHead): Promise<JobState> {
    const shelf = new TableShelf();
    const years: YearState[] = [];
    for (const year of this.#years.values()) years.push(await year.save(shelf));
    const rejects = new Map<string, number>();
    for (const [feed, file] of this.#rejects) {
      const bytes = await file.flush();
      if (bytes !== null) rejects.set(feed, bytes);
    }
    const readings = this.#readings.slice(0, head.files.length).map((reading) => reading.save());
    return { head, tables: shelf.tables, readings, failures: this.#failures, rejects, years, ended: null };
  }

  /** What a checkpoint has of the job when it is over. */
  saveEnd(head: JournalHead, result: JobResult): JobState {
    const nothing = { tables: [], readings: [], failures: [], rejects: new Map(), years: [] };
    return { head, ...nothing, ended: { result, published: this.#published } };
  }

  /** A checkpoint with what {@link save} gave is on the disk. */
  noteSaved({ years }: JobState): void {
    for (const state of years) this.#years.get(`${state.feed}/${state.year}`)!.noteSaved(state);
    for (const rejects of this.#rejects.values()) rejects.noteSaved();
  }

  /**
   * Goes on where an earlier run has left; to be called before anything else.
   *
   * @throws when what that run has written is not there any more
   */
  async restore({ tables: saved, readings, failures, rejects, years }: JobState): Promise<void> {
    const tables = restoreTables(saved);
    for (const state of years) {
      const year = await YearFile.restore(this.#yearContext(state.feed), state, tables);
      this.#years.set(`${state.feed}/${state.year}`, year);
    }
    for (const [feed, bytes] of rejects) await this.#rejects.get(feed)!.reopen(bytes);
    for (const [feed, file] of this.#rejects) if (!rejects.has(feed)) await file.clear();
    for (const [file, state] of readings.entries()) this.#readings[file] = FileReading.restore(state);
    this.#failures.push(...failures);
  }

  /** Paths of the files under temporary names. */
  get partPaths(): Set<string> {
    return new Set([...this.#years.values()].flatMap((year) => year.partPaths));
  }

  /**
   * Publishes the year files.
   *
   * @param onReady called, and waited for, before each takes its name
   * @throws when there is no room on the disk; a year that fails otherwise only costs itself
   */
  async publish(onReady: () => Promise<void>): Promise<JobResult> {
    const rejected = this.#readings.some(({ counts }) => (counts?.rejected ?? 0) > 0);
    const outputs: OutputFile[] = [];
    const days = new Map<string, ChangedDays>();
    const failed: YearFile[] = [];
    const order = this.#inOrder();
    for (const year of this.#job.strict && rejected ? [] : order) {
      const output = await this.#publishYear(year, onReady);
      if (year.isGivenUp) failed.push(year);
      else if (output !== null) {
        outputs.push(output);
        const { days: changed } = await year.prepare();
        if (changed !== undefined) days.set(output.path, changed);
      }
    }
    if (this.#job.strict && rejected) failed.push(...order);
    const written = order.filter((year) => !failed.includes(year));
    const seen = await publishSeen(this.#job, await this.#seenOf(written));
    const usedRejects = [...this.#rejects.values()].find((rejects) => rejects.isUsed);
    return {
      outputs,
      accounts: this.#readings.map((reading, file) =>
        accountOf(file, reading, order, failed, this.#isJoined(file)),
      ),
      replaced: sumByFile(written.map(({ replaced }) => replaced)),
      days,
      failures: [...this.#failures, ...seen.failures],
      warnings: [...seen.warnings, ...order.flatMap((year) => year.warnings)],
      unmapped: seen.unmapped,
      rejects: usedRejects === undefined ? null : dirname(usedRejects.path),
    };
  }

  async #publishYear(year: YearFile, onReady: () => Promise<void>): Promise<OutputFile | null> {
    if (year.isGivenUp) return null;
    try {
      if (!year.isReady) {
        const { orphans } = year;
        await year.prepare();
        await this.#rejectOrphans(orphans);
        await onReady();
      }
      const { output, file } = await year.prepare();
      await year.publish();
      if (file !== null) this.#published.push({ ...file, path: year.finalPath });
      return output;
    } catch (error) {
      if (isNoRoom(error)) throw error;
      year.giveUp(error as Error);
      // At once: what it takes on the disk may be what the next year lacks.
      await year.discard();
      const message = `the year file was not written: ${describeWriteError(error)}`;
      this.#failures.push({ file: year.finalPath, message });
      return null;
    }
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

  /** Lets everything go; what is not published is removed, or left as far as the last checkpoint counts on it. */
  async close(keeps: boolean): Promise<void> {
    for (const opening of this.#expected.values()) await (await opening).discard();
    // What is not left as it should be, another run finds out, and does not go on from it.
    for (const year of this.#years.values())
      await (keeps ? year.leave().catch(() => undefined) : year.discard());
    for (const rejects of this.#rejects.values()) await rejects.close().catch(() => undefined);
  }
}

function sumByFile(counts: readonly ReadonlyMap<number, number>[]): Map<number, number> {
  const sum = new Map<number, number>();
  for (const each of counts) addCounts(sum, each);
  return sum;
}

/** Row ranges of a batch by year of the operating day. */
function splitByYear(batch: RowBatch): { year: number; from: number; to: number }[] {
  const { operatingDate } = batch.intervals;
  // In order of time: nearly always all are of one year.
  const year = yearOfDay(operatingDate[0]!);
  if (yearOfDay(operatingDate.at(-1)!) === year) return [{ year, from: 0, to: batch.rows }];
  const parts: { year: number; from: number; to: number }[] = [];
  const whole: Segment = { batch, from: 0, to: batch.rows };
  for (const { run, from, to } of intervalSlices(whole)) {
    const year = yearOfDay(operatingDate[run]!);
    const last = parts.at(-1);
    if (last?.year === year) last.to = to;
    else parts.push({ year, from, to });
  }
  return parts;
}
