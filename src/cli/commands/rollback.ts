import type { DatasetFilter } from "../../dataset/find-year-files.js";
import { EXIT } from "../../errors.js";
import { rollback } from "../../update/rollback.js";
import { printable, printableJson } from "../printable.js";
import type { Resolved } from "../resolve-options.js";
import type { Streams } from "../streams.js";
import { counted } from "../units.js";

/** `gridparquet rollback`: returns 0, also where there is nothing to put back. */
export async function rollbackCommand(
  { options: { out, filter }, view }: Resolved<{ out: string; filter: DatasetFilter }>,
  { stdout }: Streams,
): Promise<number> {
  const restored = await rollback(out, filter);
  if (view.json) stdout.write(`${printableJson({ exitCode: EXIT.complete, out, restored })}\n`);
  else if (!view.quiet) stdout.write(rollbackText(out, restored));
  return EXIT.complete;
}

function rollbackText(out: string, restored: readonly { path: string; isRemoved: boolean }[]): string {
  if (restored.length === 0)
    return `${printable(out)}: nothing to put back; only update --keep-previous keeps a previous file\n`;
  const lines = restored.map(
    ({ path, isRemoved }) => `  ${printable(path)}${isRemoved ? " (removed: there was none)" : ""}`,
  );
  return `${counted(restored.length, "year file")} put back as before the update\n${lines.join("\n")}\n`;
}
