import { EXIT } from "../errors.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Takes the handlers away again. */
  release(): void;
}

/** Turns the first SIGINT or SIGTERM into an abort; a second one ends the process at once. */
export function watchInterruption(
  say: (text: string) => void,
  exit: (code: number) => void = process.exit,
): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      exit(EXIT.interrupted);
      return;
    }
    say("interrupted; finishing cleanly (once more to stop at once)");
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
