import { count, counted } from "../cli/units.js";
import type { ConvertSummary, Failure, SkippedFile } from "../run/options.js";
import { code, details, lines, section, table, tag, text } from "./html.js";
import type { RejectExamples, RejectedRow, RunPart } from "./report-model.js";

/** Most failures, reasons and names of files that are listed. */
const LISTED = 50;
/** Rejected records that are not folded away. */
const OPEN_EXAMPLES = 5;
/** A record is shown to so many characters. */
const RECORD_LENGTH = 600;

/** What was not converted, and why. */
export function problemsSection({ summary, rejected }: RunPart): string {
  const parts = [
    ...failureList(summary.failures),
    ...rejectList(summary, rejected),
    ...skippedList(summary.skipped),
    ...passedOverTable(summary),
    ...unmappedTable(summary),
  ];
  const calm = tag("p", { class: "lead" }, "Nothing was rejected, skipped or failed.");
  return section("problems", "Problems", ...(parts.length === 0 ? [calm] : parts));
}

function failureList(failures: readonly Failure[]): string[] {
  if (failures.length === 0) return [];
  const items = failures
    .slice(0, LISTED)
    .map(({ file, message }) =>
      tag(
        "li",
        { class: "bad" },
        ...(file === "" ? [] : [code(file), "<br>"]),
        tag("span", {}, lines(message)),
      ),
    );
  return [
    tag("h3", {}, counted(failures.length, "failure")),
    tag("ul", { class: "cards" }, ...items),
    rest(failures.length, summaryPlace),
  ];
}

const summaryPlace = "all are in the run’s record";

function rest(all: number, where: string): string {
  return all <= LISTED ? "" : tag("p", { class: "note" }, `and ${count(all - LISTED)} more; ${where}`);
}

function rejectList({ totals, rejects }: ConvertSummary, { rows, problem }: RejectExamples): string[] {
  if (totals.rowsRejected === 0) return [];
  const where = rejects === null ? "" : `Every rejected record, with its reason, is in ${code(rejects)}. `;
  const some = rows.length === 0 ? "" : "The first of each feed:";
  return [
    tag("h3", {}, `${counted(totals.rowsRejected, "row")} rejected`),
    tag("p", { class: "lead" }, where + some),
    ...(problem === null ? [] : [tag("p", { class: "note" }, text(problem))]),
    ...rejectedCards(rows),
  ];
}

function rejectedCards(rows: readonly RejectedRow[]): string[] {
  const cards = rows.map(rejectedCard);
  const list = (some: readonly string[]): string => tag("ul", { class: "cards" }, ...some);
  if (cards.length <= OPEN_EXAMPLES) return cards.length === 0 ? [] : [list(cards)];
  const folded = cards.slice(OPEN_EXAMPLES);
  return [list(cards.slice(0, OPEN_EXAMPLES)), details(counted(folded.length, "more example"), list(folded))];
}

function rejectedCard({ feed, file, line, column, reason, record }: RejectedRow): string {
  const place = line === "" ? "" : `, line ${text(line)}${column === "" ? "" : `, column ${text(column)}`}`;
  const shown = record.length > RECORD_LENGTH ? `${record.slice(0, RECORD_LENGTH)}…` : record;
  return tag(
    "li",
    {},
    tag("strong", {}, text(reason)),
    tag("span", { class: "place" }, `${text(feed)}, ${code(file)}${place}`),
    ...(record === "" ? [] : [tag("pre", {}, lines(shown))]),
  );
}

/** Files that were not understood, by reason. */
function skippedList(skipped: readonly SkippedFile[]): string[] {
  if (skipped.length === 0) return [];
  const reasons = new Map<string, string[]>();
  for (const { file, reason } of skipped) reasons.set(reason, [...(reasons.get(reason) ?? []), file]);
  const items = [...reasons].slice(0, LISTED).map(([reason, files]) => {
    const named = files.slice(0, LISTED).map((file) => tag("li", {}, code(file)));
    const list = tag("ul", { class: "names" }, ...named) + rest(files.length, summaryPlace);
    const title = tag("strong", {}, text(reason));
    return tag("li", {}, title, files.length === 1 ? list : details(counted(files.length, "file"), list));
  });
  return [
    tag("h3", {}, `${counted(skipped.length, "file")} skipped`),
    tag("ul", { class: "cards" }, ...items),
    rest(reasons.size, summaryPlace),
  ];
}

function passedOverTable({ passedOver }: ConvertSummary): string[] {
  if (passedOver.length === 0) return [];
  const rows = passedOver.map(({ iso, feed, records, reason }) => [
    text(`${iso} ${feed}`),
    text(reason),
    count(records),
  ]);
  return [
    tag("h3", {}, "Records of another kind, passed over"),
    table(
      "Records passed over",
      [{ title: "Feed" }, { title: "Why" }, { title: "Records", align: "right" }],
      rows,
    ),
  ];
}

function unmappedTable({ unmapped, totals }: ConvertSummary): string[] {
  if (unmapped.length === 0) return [];
  const rows = unmapped
    .slice(0, LISTED)
    .map(({ iso, feed, column, value }) => [text(value), text(`${iso} ${feed}`), text(column)]);
  return [
    tag("h3", {}, "Words that are not known yet, written as OTHER"),
    table("Words that are not known yet", [{ title: "Word" }, { title: "Feed" }, { title: "Column" }], rows),
    rest(totals.unmappedWords, summaryPlace),
  ];
}
