import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { measureScript, type Usage } from "../../bench/measure.js";

async function measure(source: string, env: Record<string, string> = {}): Promise<Usage> {
  const folder = await mkdtemp(path.join(tmpdir(), "gridparquet-measure-"));
  try {
    const script = path.join(folder, "script.mjs");
    await writeFile(script, source);
    return await measureScript(script, path.join(folder, "usage.json"), { args: ["one"], env });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a process's memory and processor time are measured, its threads included", async () => {
  const idle = await measure("");
  const busy = await measure(`
    import { Worker } from "node:worker_threads";
    const work = "const a = Buffer.alloc(200_000_000, 1);"
      + "const [end, begun] = [Date.now() + 300, process.cpuUsage()];"
      + "while (Date.now() < end || process.cpuUsage(begun).user < 300_000);";
    await new Promise((done) => new Worker(work, { eval: true }).on("exit", done));
  `);
  assert.ok(busy.peakRssBytes - idle.peakRssBytes > 150e6, `${idle.peakRssBytes} to ${busy.peakRssBytes}`);
  assert.ok(busy.cpuSeconds - idle.cpuSeconds > 0.1, `${idle.cpuSeconds} to ${busy.cpuSeconds}`);
  assert.ok(busy.wallSeconds > 0.3);
});

test("arguments and environment reach the process", async () => {
  await measure(`if (process.argv[2] !== "one" || process.env.BENCH_TEST !== "two") process.exit(1);`, {
    BENCH_TEST: "two",
  });
});

test("a process that fails is an error with its message", async () => {
  await assert.rejects(
    measure(`console.error("no such table"); process.exit(3);`),
    /exit code 3: no such table/,
  );
  await assert.rejects(measure(`process.kill(process.pid, "SIGKILL");`), /SIGKILL/);
});
