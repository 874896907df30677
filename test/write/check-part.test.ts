import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { TABLES } from "../../src/arrow/tables.js";
import { footerBytes, MAGIC } from "../../src/parquet/footer.js";
import { schemaOf } from "../../src/parquet/table-schema.js";
import { checkPart } from "../../src/write/check-part.js";
import { PartFile } from "../../src/write/part-file.js";
import type { Piece } from "../../src/write/pieces.js";
import { folder } from "../helpers/folder.js";

const ROW_GROUP = { columns: [], total_byte_size: 0n, num_rows: 5n };
const FOOTER = footerBytes(schemaOf(TABLES.ancillary), [ROW_GROUP], []);
const PIECES = [{ rows: 5 } as Piece];
const WRITTEN = new Map([[0, 5]]);

async function partWithFooter(t: TestContext): Promise<PartFile> {
  const part = await PartFile.create(join(folder(t), "year.parquet.partial"));
  t.after(() => part.discard());
  await part.append(MAGIC);
  await part.append(FOOTER);
  return part;
}

test("a part file is whole when its footer is the one that was appended, and has the rows that were taken", async (t) => {
  const part = await partWithFooter(t);
  await checkPart(part, FOOTER, PIECES, WRITTEN);
  await assert.rejects(checkPart(part, FOOTER, [...PIECES, ...PIECES], WRITTEN), /does not have the rows/);
  await assert.rejects(checkPart(part, FOOTER, PIECES, new Map([[0, 4]])), /does not have the rows/);
});

test("a footer of which the disk gives another byte is not taken", async (t) => {
  const part = await partWithFooter(t);
  const bytes = readFileSync(part.path);
  bytes[bytes.indexOf("gridparquet")]! ^= 1;
  writeFileSync(part.path, bytes);
  await assert.rejects(checkPart(part, FOOTER, PIECES, WRITTEN), /does not have the rows/);
});
