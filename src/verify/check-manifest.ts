import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { crc32 } from "node:zlib";
import type { DatasetFilter } from "../dataset/find-year-files.js";
import { MANIFEST_FOLDER, type Manifest, readManifest } from "../dataset/manifest.js";
import { parseYearPath } from "../dataset/year-path.js";
import type { Footer } from "../parquet/read-footer.js";
import type { FindingList } from "./checks.js";

/**
 * Holds a file against its manifest.
 *
 * A manifest of another size is of an earlier file: a run was killed between publishing the two, and the file is good.
 * One of the same size whose row groups are all there, and whose footer is not, tells of a damaged footer.
 *
 * @param checksums CRC-32 of the file's row groups, in their order
 */
export function checkManifest(
  manifest: Manifest | "damaged" | null,
  footer: Footer,
  checksums: readonly (number | null)[],
  findings: FindingList,
): void {
  if (manifest === null || manifest === "damaged") {
    const why = manifest === null ? "it has no manifest" : "its manifest is damaged";
    findings.add("manifest", `${why}: it cannot be told whether its bytes are those that were written`);
    return;
  }
  const { metadata, bytes, fileBytes } = footer;
  const written = new Map(manifest.rowGroups.map((group) => [group[3], group]));
  const isFooter = manifest.footer.length === bytes.length && manifest.footer.crc32 === crc32(bytes);
  if (
    manifest.bytes !== fileBytes ||
    (!isFooter && checksums.some((sum) => sum === null || !written.has(sum)))
  ) {
    findings.add("manifest", "its manifest is of another file: checked without checksums");
    return;
  }
  if (!isFooter) {
    findings.add("footer-checksum", "its footer is not the one that was written; its row groups are");
    return;
  }
  if (manifest.rows !== Number(metadata.num_rows))
    findings.add("manifest-rows", `its manifest says ${manifest.rows} rows, it has ${metadata.num_rows}`);
  for (const [rowGroup, checksum] of checksums.entries()) {
    const [, , rows, wanted] = manifest.rowGroups[rowGroup] ?? [];
    const has = Number(metadata.row_groups[rowGroup]!.num_rows);
    if (rows !== has)
      findings.add("manifest-rows", `its manifest says ${rows ?? 0} rows, it has ${has}`, { rowGroup });
    if (checksum !== wanted)
      findings.add("checksum", "its bytes are not those that were written", { rowGroup });
  }
}

/** Year files that have a manifest and are not there, by their paths. */
export async function missingFiles(
  out: string,
  found: ReadonlySet<string>,
  { isos, feeds, years }: DatasetFilter,
): Promise<{ path: string; manifest: Manifest }[]> {
  let names: string[];
  try {
    names = await readdir(join(out, MANIFEST_FOLDER), { recursive: true });
  } catch {
    return [];
  }
  const missing: { path: string; manifest: Manifest }[] = [];
  for (const name of names.sort()) {
    const path = name.replaceAll(sep, "/").replace(/\.json$/, "");
    const year = parseYearPath(path);
    if (year === null || path === name || found.has(path)) continue;
    const chosen = isos?.includes(year.iso) ?? true;
    if (!chosen || feeds?.includes(year.feed) === false || years?.includes(year.year) === false) continue;
    const manifest = await readManifest(out, path);
    if (manifest !== null && manifest !== "damaged") missing.push({ path, manifest });
  }
  return missing;
}
