import type { Finding } from "../verify/checks.js";
import type { VerifyResult } from "../verify/verify-dataset.js";
import { printable } from "./printable.js";
import { wrap } from "./text-table.js";
import { byteSize, count, counted, duration } from "./units.js";

/** What a verification found, for people: lines of at most 80 characters, but for paths. */
export function verifyText(result: VerifyResult): string {
  const { out, totals, elapsedSeconds, findings, omitted } = result;
  const { files, rows, bytes, errors, warnings } = totals;
  const read = `${counted(files, "year file")}, ${counted(rows, "row")}, ${byteSize(bytes)}`;
  const found = `${counted(errors, "error")}, ${counted(warnings, "warning")}`;
  const lines = wrap(`${printable(out)}: ${read} read back in ${duration(elapsedSeconds)}; ${found}`);
  for (const file of new Set(findings.map((finding) => finding.file))) {
    lines.push("", printable(file));
    const ofFile = findings.filter((finding) => finding.file === file);
    for (const finding of ofFile) lines.push(...findingLines(finding));
    for (const { check, count: more } of omitted.filter((each) => each.file === file))
      lines.push(`  and ${count(more)} more of ${check}`);
  }
  return `${lines.join("\n")}\n`;
}

/** `  error    sort-order      row group 3, 2024-03-05, WEST: …`. */
function findingLines({ severity, check, rowGroup, day, location, message }: Finding): string[] {
  const where = [rowGroup === null ? null : `row group ${rowGroup}`, day, location].filter(
    (part) => part !== null,
  );
  const text = where.length === 0 ? message : `${where.join(", ")}: ${message}`;
  const first = `  ${severity.padEnd(9)}${check.padEnd(17)}`;
  return wrap(printable(text), first, " ".repeat(first.length));
}
