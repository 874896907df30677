import type { MessagePort } from "node:worker_threads";
import type { FileRange } from "../plan/file-ranges.js";
import type { DecoderMessage } from "../run/protocol.js";

/** Messages of one decode task, kept until the writer comes to it in plan order. */
export class TaskInbox {
  readonly port: MessagePort;
  /** Bytes granted to the task for batches that have not come yet. */
  outstanding = 0;
  #messages: DecoderMessage[] = [];
  #failure: string | null = null;
  #ended = false;
  #wake: (() => void) | null = null;

  /** Indexes of the files that the task decodes. */
  readonly files: readonly number[];

  /** The part of its only file that it decodes; null where it decodes files as a whole. */
  readonly range: FileRange | null;

  constructor(port: MessagePort, files: readonly number[], range: FileRange | null = null) {
    this.port = port;
    this.files = files;
    this.range = range;
  }

  push(message: DecoderMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  /** The task's thread has died: what has come is still handed out, then the failure. */
  fail(message: string): void {
    this.#failure = message;
    this.#wake?.();
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  get failure(): string | null {
    return this.#failure;
  }

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
    if (message.type === "end") this.#ended = true;
    return message;
  }
}
