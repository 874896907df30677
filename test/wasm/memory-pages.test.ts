import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { memoryBytes, PAGE, pageCounters } from "../../src/wasm/memory-pages.js";

/** A thread with a memory of so many pages, which tells when it has made it and then waits. */
async function threadWith(pages: ReturnType<typeof pageCounters>, count: number): Promise<Worker> {
  const scratch = new URL("../../src/wasm/scratch.js", import.meta.url);
  const kernels = new URL("../../src/wasm/kernels.js", import.meta.url);
  const code = `
    import { parentPort } from "node:worker_threads";
    const { makeKernels } = await import("${kernels}");
    await import("${scratch}");
    makeKernels(${count * PAGE});
    parentPort.postMessage("made");
    parentPort.on("message", () => {});`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
    workerData: { pages },
  });
  await once(worker, "message");
  return worker;
}

test("the memories of the threads that live are summed up, whatever the dead ones had", async () => {
  const counters = pageCounters();
  const threads = [await threadWith(counters, 3), await threadWith(counters, 5)];
  assert.equal(memoryBytes(counters, threads), 8 * PAGE);
  await threads[0]!.terminate();
  assert.equal(memoryBytes(counters, threads), 5 * PAGE);
  await threads[1]!.terminate();
  assert.equal(memoryBytes(counters, threads), 0);
});
