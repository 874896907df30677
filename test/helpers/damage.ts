import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileMetaData } from "hyparquet";
import type { CodedRows } from "../../src/arrow/record-batch.js";
import { setValid } from "../../src/arrow/validity.js";
import { manifestPath } from "../../src/dataset/manifest.js";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { footerBytes } from "../../src/parquet/footer.js";
import { metadataOf, parquetFile, rowsByHyparquet } from "./parquet-files.js";
import { ENERGY, type Row } from "./rows.js";

/** A year file that is to be damaged. */
export class Victim {
  /** The dataset's folder. */
  readonly out: string;
  /** Of the year file, below it. */
  readonly path: string;

  /** Copies a healthy dataset. */
  constructor(healthy: string, out: string, path: string) {
    cpSync(healthy, out, { recursive: true });
    this.out = out;
    this.path = path;
  }

  get file(): string {
    return join(this.out, this.path);
  }

  get manifest(): string {
    return manifestPath(this.out, this.path);
  }

  read(): Buffer {
    return readFileSync(this.file);
  }

  write(bytes: Uint8Array): void {
    writeFileSync(this.file, bytes);
  }

  /** Changes bytes in place; the manifest stays. */
  change(edit: (bytes: Buffer) => Buffer | undefined): void {
    const bytes = this.read();
    this.write(edit(bytes) ?? bytes);
  }

  dropManifest(): void {
    rmSync(this.manifest);
  }

  changeManifest(edit: (text: string) => string): void {
    writeFileSync(this.manifest, edit(readFileSync(this.manifest, "utf8")));
  }

  /** Writes another footer behind the same row groups. */
  changeFooter(edit: (metadata: FileMetaData) => void): void {
    const bytes = this.read();
    const metadata = metadataOf(bytes);
    const end = bytes.length - bytes.readUInt32LE(bytes.length - 8) - 8;
    edit(metadata);
    const { schema, row_groups, key_value_metadata } = metadata;
    this.write(
      Buffer.concat([bytes.subarray(0, end), footerBytes(schema, row_groups, key_value_metadata ?? [])]),
    );
  }

  /** Writes the file anew from other rows, given by row group, with the metadata that it had, and no manifest. */
  async changeRows(edit: (groups: Row[][]) => Row[][]): Promise<void> {
    const bytes = this.read();
    const { row_groups, key_value_metadata } = metadataOf(bytes);
    const rows = await rowsByHyparquet(ENERGY, bytes);
    let at = 0;
    const groups = row_groups.map(({ num_rows }) => {
      const from = at;
      at += Number(num_rows);
      return rows.slice(from, at);
    });
    const encoded = [];
    for (const group of edit(groups)) encoded.push(await encodeRowGroup(ENERGY, codedRows(group), "zstd"));
    this.write(parquetFile(ENERGY, encoded, key_value_metadata ?? []));
    rmSync(this.manifest, { force: true });
  }
}

/** Rows as they are given, in their order: nothing is sorted, dropped or checked. */
export function codedRows(rows: readonly Row[]): CodedRows {
  return {
    rows: rows.length,
    intervals: {
      start: Float64Array.from(rows, ({ start }) => start),
      end: Float64Array.from(rows, ({ end }) => end),
      operatingDate: Int32Array.from(rows, ({ date }) => date),
      hourEnding: Uint8Array.from(rows, ({ hour }) => hour),
      runEnds: Int32Array.from(rows, (_, row) => row + 1),
    },
    entities: ENERGY.entity.map((_, column) => rows.map(({ entity }) => entity[column]!)),
    entityCodes: Int32Array.from(rows, (_, row) => row),
    measures: ENERGY.measures.map(({ type }, column) => {
      const values = rows.map(({ measures }) => measures[column]!);
      const validity = new Uint8Array((rows.length + 7) >> 3);
      for (const [row, value] of values.entries()) if (value !== null) setValid(validity, row);
      const plain = values.map((value) => value ?? 0);
      return { values: type === "int32" ? Int32Array.from(plain) : Float64Array.from(plain), validity };
    }),
  };
}
