import type { SchemaElement } from "hyparquet";
import { SCHEMA_VERSION, TABLES } from "../arrow/tables.js";
import { type FoundYearFile, hasOwnName } from "../dataset/find-year-files.js";
import { yearPath } from "../dataset/year-path.js";
import { chunkSpan, rowGroupSpan } from "../parquet/chunk-bytes.js";
import { MAGIC } from "../parquet/footer.js";
import { type Footer, keyValues } from "../parquet/read-footer.js";
import { schemaOf } from "../parquet/table-schema.js";
import { isTimeZone } from "../time/market-clock.js";
import type { FindingList } from "./checks.js";

/** A row group with more rows than ten times those that can be asked for: no memory is set aside for it. */
const MOST_ROWS = 100_000_000n;

/**
 * Checks what the footer of a year file says against its path and against itself.
 *
 * @returns the market's time zone; null when the rows cannot be checked by such a footer
 */
export function checkFooter(file: FoundYearFile, footer: Footer, findings: FindingList): string | null {
  if (!hasOwnName(file)) {
    const name = yearPath(file).split("/").at(-1)!;
    findings.add("path", `convert would call it ${name}: engines read it beside that file, or twice`);
  }
  const timeZone = checkMetadata(file, footer, findings);
  if (!checkSchema(file, footer, findings)) return null;
  return checkLayout(footer, findings) ? timeZone : null;
}

function checkMetadata(file: FoundYearFile, { metadata }: Footer, findings: FindingList): string | null {
  const says = keyValues(metadata);
  const wanted = {
    schema_version: SCHEMA_VERSION,
    table: file.table,
    iso: file.iso,
    market: file.market,
    feed: file.feed,
    year: String(file.year),
  };
  for (const [key, value] of Object.entries(wanted)) {
    const said = says.get(`gridparquet.${key}`);
    if (said === value) continue;
    const found = said === undefined ? "is missing" : `is ${said}`;
    findings.add("metadata", `gridparquet.${key} ${found}, it should be ${value}`);
  }
  const timeZone = says.get("gridparquet.time_zone") ?? "";
  if (isTimeZone(timeZone)) return timeZone;
  findings.add("metadata", `gridparquet.time_zone is no time zone: '${timeZone}'`);
  return null;
}

function checkSchema({ table }: FoundYearFile, { metadata }: Footer, findings: FindingList): boolean {
  const wanted = schemaOf(TABLES[table]).slice(1);
  const found = metadata.schema.slice(1);
  for (const [index, element] of wanted.entries()) {
    const other = found[index];
    if (other !== undefined && leafText(other) === leafText(element)) continue;
    const instead = other === undefined ? "is missing" : `has ${leafText(other)} in its place`;
    findings.add("schema", `column ${index + 1}, ${leafText(element)}, ${instead}`);
    return false;
  }
  if (found.length > wanted.length)
    findings.add("schema", `column ${found[wanted.length]!.name} is one too many`);
  return found.length === wanted.length;
}

/** `location (BYTE_ARRAY UTF8, REQUIRED)`. */
function leafText({ name, type, converted_type, repetition_type }: SchemaElement): string {
  return `${name} (${[type, converted_type].filter(Boolean).join(" ")}, ${repetition_type})`;
}

/** Row groups fill the file from its beginning to its footer, columns their row groups. */
function checkLayout({ metadata, bytes, fileBytes }: Footer, findings: FindingList): boolean {
  let at = MAGIC.length;
  let rows = 0n;
  const columns = metadata.schema.length - 1;
  for (const [rowGroup, group] of metadata.row_groups.entries()) {
    if (group.columns.length !== columns || group.columns.some(({ meta_data }) => meta_data === undefined)) {
      findings.add("layout", `it has ${group.columns.length} of ${columns} columns`, { rowGroup });
      return false;
    }
    const { from, to } = rowGroupSpan(group);
    const sizes = group.columns.map(({ meta_data }) => chunkSpan(meta_data!));
    const filled = sizes.reduce((sum, span) => sum + span.to - span.from, 0);
    if (from !== at || filled !== to - from || to > fileBytes - bytes.length) {
      findings.add("layout", `it lies at bytes ${from} to ${to}, and should begin at ${at}`, { rowGroup });
      return false;
    }
    if (group.num_rows < 0n || group.num_rows > MOST_ROWS) {
      findings.add("row-count", `it would have ${group.num_rows} rows`, { rowGroup });
      return false;
    }
    if (group.columns.some(({ meta_data }) => meta_data!.num_values !== group.num_rows))
      findings.add("row-count", "its columns do not have as many values as it has rows", { rowGroup });
    at = to;
    rows += group.num_rows;
  }
  const end = fileBytes - bytes.length;
  if (at !== end) findings.add("layout", `bytes ${at} to ${end} belong to no row group: rows are missing`);
  if (rows !== metadata.num_rows)
    findings.add("row-count", `the footer says ${metadata.num_rows} rows, its row groups have ${rows}`);
  if (rows === 0n) findings.add("row-count", "it has no row");
  return true;
}
