import { verifyDataset } from "../../verify/verify-dataset.js";
import type { VerifyOptions } from "../resolve-dataset.js";
import type { Resolved } from "../resolve-options.js";
import type { Streams } from "../streams.js";
import { verifyText } from "../verify-text.js";

/** `gridparquet verify`: returns 0, also with warnings; 2 when a file is damaged. */
export async function verifyCommand(
  { options, view }: Resolved<VerifyOptions>,
  { stdout }: Streams,
): Promise<number> {
  const result = await verifyDataset(options);
  if (view.json) stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else if (!view.quiet) stdout.write(verifyText(result));
  return result.exitCode;
}
