/** Milliseconds between collections of a thread's garbage. */
const COLLECT_MS = 1000;

/**
 * Has a thread's garbage collected once a second, as long as something else keeps the thread alive.
 *
 * Garbage would pile up to a limit that is some MB beyond what a thread needs, and rise with what it has in its hands at
 * the time. To collect so small a heap takes some ms.
 *
 * @param collect what collects it; without one, which a thread has only where the program wants it (threads/tune-v8.ts), it
 *   is left to V8
 */
export function collectRegularly(collect: (() => void) | undefined = globalThis.gc): void {
  if (collect !== undefined) setInterval(collect, COLLECT_MS).unref();
}
