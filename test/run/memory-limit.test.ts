import assert from "node:assert/strict";
import { test } from "node:test";
import { availableMemory } from "../../src/run/memory-limit.js";
import { folder, put } from "../helpers/folder.js";

const MB = 2 ** 20;
const OWN = 40 * MB;
const KEPT = 15 / 16;

/** A file system with these files. */
function made(t: Parameters<typeof folder>[0], files: Record<string, string>): string {
  const root = folder(t);
  for (const [path, text] of Object.entries(files)) put(root, path, text);
  return root;
}

const MACHINE = { "proc/meminfo": `MemTotal: 9 kB\nMemAvailable:   ${4096 * 1024} kB\n` };

test("without a limit it is what the machine has available, and what the process has, less a reserve", (t) => {
  const root = made(t, {
    ...MACHINE,
    "proc/self/cgroup": "0::/user.slice\n",
    "sys/fs/cgroup/user.slice/memory.max": "max\n",
  });
  const limit = availableMemory(OWN, root);
  assert.deepEqual(limit, { bytes: Math.floor((4096 * MB + OWN) * KEPT), source: "machine" });
});

test("a machine with little left is not taken at its word: caches make way", (t) => {
  const root = made(t, { "proc/meminfo": "MemAvailable:   1024 kB\n" });
  assert.equal(availableMemory(OWN, root).bytes, Math.floor(512e6 * KEPT));
});

test("version 2: the tightest of the group and those above it, its cache not counted as used", (t) => {
  const group = "sys/fs/cgroup/a/b";
  const root = made(t, {
    ...MACHINE,
    "proc/self/cgroup": "0::/a/b\n",
    [`${group}/memory.max`]: "max\n",
    "sys/fs/cgroup/a/memory.max": `${512 * MB}\n`,
    "sys/fs/cgroup/a/memory.current": `${300 * MB}\n`,
    "sys/fs/cgroup/a/memory.stat": `anon 1\ninactive_file ${200 * MB}\nactive_file 5\n`,
  });
  const limit = availableMemory(OWN, root);
  assert.deepEqual(limit, { bytes: Math.floor((412 * MB + OWN) * KEPT), source: "container" });
});

test("version 1: the memory controller's group; no limit is a number beyond all memory", (t) => {
  const files = {
    ...MACHINE,
    "proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/docker/x\n0::/\n",
    "sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "9223372036854771712\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
  };
  assert.equal(availableMemory(OWN, made(t, files)).source, "machine");
  files["sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes"] = `${256 * MB}\n`;
  const limit = availableMemory(OWN, made(t, files));
  assert.deepEqual(limit, { bytes: Math.floor((256 * MB + OWN) * KEPT), source: "container" });
});

test("in a container that sees the host's path, the limit at the mount counts", (t) => {
  const root = made(t, {
    ...MACHINE,
    "proc/self/cgroup": "0::/../../kubepods/pod1\n",
    "sys/fs/cgroup/memory.max": `${600 * MB}\n`,
    "sys/fs/cgroup/memory.current": `${OWN}\n`,
  });
  assert.deepEqual(availableMemory(OWN, root), {
    bytes: Math.floor(600 * MB * KEPT),
    source: "container",
  });
});

test("where there is no /proc it is the machine's memory", (t) => {
  assert.equal(availableMemory(OWN, folder(t)).source, "machine");
});
