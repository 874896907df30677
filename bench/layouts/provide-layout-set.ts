import { mkdir } from "node:fs/promises";
import path from "node:path";
import { say } from "../checkout.js";
import { runScript } from "../measure.js";
import { findLayoutSet, type LayoutSet, layoutFolder } from "./layout-set.js";
import type { Layout } from "./layouts.js";

/** How large an input is at least. */
export interface LayoutSize {
  megabytes: number;
  files: number;
}

/** The layout's input: from the cache, or made now. */
export async function provideLayoutSet(
  cache: string,
  layout: Layout,
  { megabytes, files }: LayoutSize,
): Promise<LayoutSet> {
  await mkdir(cache, { recursive: true });
  const folder = await layoutFolder(cache, layout, megabytes, files);
  const found = await findLayoutSet(folder);
  if (found !== undefined) return found;
  say(`Making ${path.relative(process.cwd(), folder)} …`);
  await runScript("./layouts/make-layout-set.js", [folder, layout.name, `${megabytes}`, `${files}`]);
  return (await findLayoutSet(folder))!;
}
