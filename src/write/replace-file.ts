import { PartFile } from "./part-file.js";

/** Replaces a small file, or makes it, in one step. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const part = await PartFile.create(`${path}.partial`);
  try {
    await part.append(Buffer.from(text));
    await part.publish(path);
  } catch (error) {
    await part.discard();
    throw error;
  }
}
