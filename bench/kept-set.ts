import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

/** Lies beside the input and says what it is. */
const MANIFEST = "data-set.json";

/** The manifest of the finished set in the folder, with where its input is; undefined when there is none. */
export async function findKeptSet<T>(folder: string): Promise<(T & { folder: string }) | undefined> {
  try {
    const manifest = JSON.parse(await readFile(path.join(folder, MANIFEST), "utf8")) as T;
    return { ...manifest, folder: path.join(folder, "input") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Makes a set that later runs find again. It is written beside its place and renamed at the end, so a folder with that
 * name is whole.
 *
 * @param make writes the input into a folder and returns the manifest
 */
export async function makeKeptSet(folder: string, make: (input: string) => Promise<object>): Promise<void> {
  const unfinished = `${folder}.unfinished-${process.pid}`;
  const input = path.join(unfinished, "input");
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(input, { recursive: true });
  try {
    const manifest = await make(input);
    await writeFile(path.join(unfinished, MANIFEST), JSON.stringify(manifest, null, 2));
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}
