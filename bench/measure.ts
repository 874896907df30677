import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { onCores } from "./on-cores.js";

/** What one run of a process cost. */
export interface Usage {
  /** From before it is started until it has exited. */
  wallSeconds: number;
  /** User and system time of all its threads. */
  cpuSeconds: number;
  /** Largest resident set size. */
  peakRssBytes: number;
}

export interface ChildOptions {
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Cores that it is held to; undefined for all. */
  cores?: number | undefined;
  /** Called with the process's id as soon as it has started. */
  onStart?: (pid: number) => void;
}

const REPORT_USAGE = fileURLToPath(new URL("./report-usage.cjs", import.meta.url));
/**
 * Variables that measured processes do not get: with this one each program of Node would read all certificates of the
 * machine at its start, which takes longer than the start itself.
 */
const NOT_INHERITED = ["NODE_EXTRA_CA_CERTS"];
/** Of a failed child's messages, so many characters from the end are shown. */
const SHOWN_CHARACTERS = 2000;

/**
 * Runs a compiled script as a Node process of its own and measures it whole, from start to exit.
 *
 * @param script file of the script
 * @param usageFile file for the child's report; removed afterwards
 * @throws Error with the child's last messages when it does not exit with 0
 */
export async function measureScript(
  script: string,
  usageFile: string,
  { args, env = {}, cores, onStart }: ChildOptions,
): Promise<Usage> {
  await rm(usageFile, { force: true });
  const begin = performance.now();
  const command = ["--require", REPORT_USAGE, script, ...args];
  await runNode(command, { env: { ...env, BENCH_USAGE_FILE: usageFile }, cores, onStart });
  const wallSeconds = (performance.now() - begin) / 1000;
  const usage = JSON.parse(await readFile(usageFile, "utf8")) as NodeJS.ResourceUsage;
  await rm(usageFile);
  return {
    wallSeconds,
    cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    // Node gives kilobytes on every platform.
    peakRssBytes: usage.maxRSS * 1024,
  };
}

/**
 * Runs a compiled script beside this one, without measuring it.
 *
 * @param name its path relative to this folder: `./digest-child.js`
 * @returns what it wrote to stdout
 */
export function runScript(name: string, args: readonly string[], showMessages = false): Promise<string> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  return runNode([script, ...args], { showMessages });
}

interface NodeOptions extends Omit<ChildOptions, "args"> {
  showMessages?: boolean;
}

function runNode(
  args: readonly string[],
  { env = {}, cores, showMessages = false, onStart }: NodeOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const command = [process.execPath, ...args];
    const [program, ...rest] = cores === undefined ? command : onCores(cores, command);
    const child = spawn(program!, rest, {
      env: { ...inherited(), ...env },
      stdio: ["ignore", "pipe", showMessages ? "inherit" : "pipe"],
    });
    if (child.pid !== undefined) onStart?.(child.pid);
    let output = "";
    let messages = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      messages = (messages + text).slice(-SHOWN_CHARACTERS);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${signal ?? `exit code ${code}`}: ${messages.trim() || "no message"}`));
    });
  });
}

function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_INHERITED.includes(name)));
}
