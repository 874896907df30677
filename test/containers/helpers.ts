import assert from "node:assert/strict";
import { type ContainerListing, EntryError } from "../../src/containers/container-entry.js";
import { listContainer } from "../../src/containers/list-container.js";
import { openEntry } from "../../src/containers/open-entry.js";
import type { ByteSource } from "../../src/csv/byte-source.js";
import { Random } from "../helpers/random.js";

/** Lines like those of a price file, `bytes` of them. */
export function prices(bytes: number, seed = 1): Buffer {
  const random = new Random(seed);
  const content = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; )
    at += content.write(
      `2024-01-01T0${random.int(0, 9)}:00:00,NODE_${random.int(1, 999)},${random.digits(4)}\n`,
      at,
    );
  return content;
}

export interface Drained {
  bytes: Buffer;
  error: Error | null;
}

/** Reads to the end or to the first error, `step` bytes at a time, and closes. */
export async function drain(
  source: ByteSource,
  step: number,
  between: () => Promise<void> = async () => {},
): Promise<Drained> {
  const parts: Buffer[] = [];
  try {
    for (;;) {
      const buffer = Buffer.alloc(step + 2, 0xaa);
      const count = await source.read(buffer, 1, step);
      assert.ok(count >= 0 && count <= step);
      assert.equal(buffer[0], 0xaa);
      assert.equal(buffer[count + 1], 0xaa, "nothing is written behind what was read");
      if (count === 0) break;
      parts.push(buffer.subarray(1, count + 1));
      await between();
    }
    assert.equal(await source.read(Buffer.alloc(1), 0, 1), 0, "the end stays the end");
    return { bytes: Buffer.concat(parts), error: null };
  } catch (error) {
    if (!(error instanceof EntryError)) throw error;
    await assert.rejects(source.read(Buffer.alloc(1), 0, 1), error, "an error stays an error");
    return { bytes: Buffer.concat(parts), error };
  } finally {
    await source.close();
  }
}

/** What can be read of a file, by names; a content that fails is its error. */
export async function readAll(
  path: string,
  step = 1 << 20,
): Promise<{ listing: ContainerListing; contents: Map<string, Buffer | Error> }> {
  const listing = await listContainer(path);
  const contents = new Map<string, Buffer | Error>();
  for (const entry of listing.entries) {
    const name = entry.entry.join("/");
    try {
      const { bytes, error } = await drain(await openEntry(entry), step);
      contents.set(name, error ?? bytes);
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      contents.set(name, error);
    }
  }
  return { listing, contents };
}

/** The reasons of what was refused, by names. */
export function refusals({ refused }: ContainerListing): Record<string, string> {
  return Object.fromEntries(refused.map(({ entry, reason }) => [entry.join("/"), reason]));
}
