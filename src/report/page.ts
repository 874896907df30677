import { createHash } from "node:crypto";
import { coverageSection } from "./coverage-section.js";
import { filesSection } from "./files-section.js";
import { code, SECTIONS, type SectionId, tag, text } from "./html.js";
import { packSeries } from "./pack-prices.js";
import type { PageData } from "./page/page-script.js";
import { pricesSection } from "./prices-section.js";
import { problemsSection } from "./problems-section.js";
import type { ReportModel, RunPart } from "./report-model.js";
import { runSection, runTexts } from "./run-section.js";
import { STYLES } from "./styles.js";
import { summarySection } from "./summary-section.js";

const STATUS_WORDS = {
  complete: "✓ complete",
  partial: "! partial",
  failed: "✕ failed",
} as const;

/**
 * The page as HTML: it needs nothing else, from the net or the disk, and allows itself nothing else.
 *
 * @param script what {@link file://./inline-script.ts} makes
 */
export function reportPage(model: ReportModel, script: string): string {
  const packed = model.prices.series.map(packSeries);
  const { run } = model;
  const sections: Record<SectionId, string> = {
    summary: summarySection(model),
    problems: run === null ? "" : problemsSection(run),
    coverage: coverageSection(model.coverage),
    prices: pricesSection(model.prices, packed),
    run: run === null ? "" : runSection(run),
    files: filesSection(model),
  };
  const ids = (Object.keys(SECTIONS) as SectionId[]).filter((id) => sections[id] !== "");
  const data: PageData = { series: packed, run: runTexts(run?.samples ?? []) };
  const links = ids.map((id) => tag("li", {}, tag("a", { href: `#${id}` }, SECTIONS[id])));
  const title = run === null ? "What the data set holds" : "Conversion report";
  const policy = [
    ...["default-src 'none'", "base-uri 'none'", "form-action 'none'"],
    ...[`style-src ${hashOf(STYLES)}`, `script-src ${hashOf(script)}`],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="gridparquet ${text(model.version)}">
<title>${title}: ${text(model.out)}</title>
<style>${STYLES}</style>
</head>
<body>
<a class="skip" href="#summary">Skip to the summary</a>
<header>
${tag("p", { class: "brand" }, "gridparquet")}
${tag("h1", {}, title, run === null ? "" : badge(run))}
${tag("p", { class: "where" }, code(model.out), ` ${when(model)}`)}
${tag("nav", { "aria-label": "Sections" }, tag("ul", {}, ...links))}
</header>
<main>
${ids.map((id) => sections[id]).join("\n")}
</main>
<footer>
<p>Made by gridparquet ${text(model.version)} ${time(model.writtenAt)}. Days are operating days of the market. MB are millions of bytes.</p>
</footer>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>
<script>${script}</script>
</body>
</html>
`;
}

function badge({ summary }: RunPart): string {
  return ` ${tag("span", { class: `badge ${summary.status}` }, STATUS_WORDS[summary.status])}`;
}

function when({ run, writtenAt }: ReportModel): string {
  return run === null ? `as of ${time(writtenAt)}` : `started ${time(run.startedAt)}`;
}

/** The time where the page was made: `21 Nov 2026, 15:34 UTC`. */
function time(at: Date): string {
  const words = at.toLocaleString("en-GB", {
    ...{ day: "numeric", month: "short", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  });
  return tag("time", { datetime: at.toISOString() }, text(words));
}

function hashOf(content: string): string {
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}
