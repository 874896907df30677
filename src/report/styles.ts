/*
 * Colours that people who are blind to some can tell apart, on both grounds; text has a contrast of at least 4.5 to 1.
 * What a colour says is said by a form or a word as well.
 */
const LIGHT = `
  --ground: #f7f7f4; --card: #ffffff; --ink: #1c2024; --muted: #565e66; --rule: #dcdfe2; --grid: #e6e8ea;
  --accent: #0a5ea8; --band: #c3dcf1; --whole: #2a78b5; --partial: #e69f00; --missing: #c2410c; --pale: #8fb8d8;
  --faint: #b4bac0; --good: #1b6b45; --warn: #8a5200; --bad: #b42318;`;
const DARK = `
  --ground: #15181b; --card: #1d2125; --ink: #e7e9ea; --muted: #a6adb4; --rule: #353b41; --grid: #2b3035;
  --accent: #7db9ec; --band: #2f5a80; --whole: #4f9bd6; --partial: #f0b429; --missing: #f4743b; --pale: #365a76;
  --faint: #565e66; --good: #6fcf9a; --warn: #f0b429; --bad: #ff8f7d;`;

/** The page's style sheet. */
export const STYLES = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0 auto; padding: 0 1rem 3rem; max-width: 70rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; font-weight: 650; text-wrap: balance; }
h1 { font-size: 1.75rem; margin: 0 0 .25rem; display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .75rem; }
h2 { font-size: 1.25rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: 0 0 .75rem; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code, pre { font: .875em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; unicode-bidi: isolate; }
td, th, dd { unicode-bidi: isolate; }
.skip { position: absolute; left: -100vw; background: var(--card); padding: .5rem 1rem; }
.skip:focus { left: 1rem; top: .5rem; }
header { padding: 1.75rem 0 .25rem; }
.brand { margin: 0; color: var(--muted); font-size: .875rem; letter-spacing: .02em; }
.where { color: var(--muted); }
.badge { font-size: .875rem; font-weight: 600; padding: .1rem .65rem; border: 1.5px solid; border-radius: 999px; white-space: nowrap; }
.badge.complete { color: var(--good); }
.badge.partial { color: var(--warn); }
.badge.failed { color: var(--bad); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .25rem 0 1.25rem; padding: 0; list-style: none; }
nav a { display: inline-block; padding: .375rem 0; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 1.25rem; margin: 0 0 1.25rem; }
.lead, .note, footer { color: var(--muted); }
.note { font-size: .9375rem; }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1.25rem 1.5rem; margin: 0; }
.tiles dt { color: var(--muted); font-size: .875rem; }
.tiles dd { margin: 0; }
.tiles strong { display: block; font-size: 1.5rem; font-weight: 600; line-height: 1.25; letter-spacing: -.01em; }
.tiles span { color: var(--muted); font-size: .875rem; }
.account { margin-top: 1.75rem; }
svg { display: block; width: 100%; overflow: hidden; }
.account-bar { border-radius: 3px; margin-bottom: .5rem; }
rect.whole, path.whole { fill: var(--whole); }
rect.partial, path.partial { fill: var(--partial); }
rect.missing, path.missing { fill: var(--missing); }
rect.bad { fill: var(--missing); }
rect.worse { fill: var(--bad); }
rect.pale { fill: var(--pale); }
rect.faint { fill: var(--faint); }
rect.ground { fill: var(--grid); }
.key { display: inline-block; width: .75rem; height: .75rem; margin-right: .5rem; border-radius: 2px; }
.key.whole { background: var(--whole); }
.key.bad { background: var(--missing); }
.key.worse { background: var(--bad); }
.key.pale { background: var(--pale); }
.key.faint { background: var(--faint); }
.scroll { overflow-x: auto; }
.scroll code { overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; overflow-wrap: normal; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { text-align: left; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: .8125rem; vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 0; }
.account tbody tr:last-child > * { border-top: 2px solid var(--rule); font-weight: 600; }
.account table { max-width: 36rem; }
.right { text-align: right; white-space: nowrap; }
.right + td:not(.right), .right + th:not(.right) { padding-left: .75rem; }
b { font-weight: 650; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 .5rem; padding: 0; list-style: none; font-size: .875rem; color: var(--muted); }
.legend li { display: flex; align-items: center; gap: .5rem; }
.legend svg { width: 14px; flex: none; }
.calendar { table-layout: fixed; font-size: .875rem; }
.calendar th, .calendar td { padding: .1875rem 0; border: 0; vertical-align: middle; }
.calendar th:first-child { width: 11rem; }
.calendar .right { width: 4rem; }
.calendar .first > * { padding-top: .75rem; }
.calendar .zero { color: var(--muted); opacity: 1; }
.calendar .partial:not(.zero), .calendar .missing:not(.zero) { font-weight: 650; }
.strip { cursor: crosshair; touch-action: pan-y; }
.tick { fill: var(--muted); font-size: 12px; }
.grid { stroke: var(--grid); }
.zero { stroke: var(--faint); }
.plot { padding-left: 48px; overflow: visible; cursor: crosshair; touch-action: pan-y; }
.plot svg { overflow: visible; }
.band { fill: var(--band); stroke: var(--band); stroke-width: 1; vector-effect: non-scaling-stroke; }
.line { fill: none; stroke: var(--accent); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.cross { stroke: none; }
.cross.on { stroke: var(--ink); stroke-dasharray: 3 3; }
figure { margin: 1rem 0 1.25rem; }
figcaption { margin-bottom: .25rem; }
.unit { color: var(--muted); font-size: .875rem; }
.headed { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; }
.headed h3 { margin-bottom: .25rem; }
.readout { display: none; }
[data-scripts] .readout { display: block; min-height: 1.5em; margin: 0; font-size: .875rem; color: var(--muted); }
[data-scripts] .readout.on { color: var(--ink); }
.bar { min-width: 5rem; margin-top: .3rem; }
.stages th:first-child { width: 40%; }
.chooser { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; }
.chooser label { font-weight: 600; }
select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--muted); border-radius: 6px; padding: .5rem .625rem; min-height: 2.75rem; max-width: 100%; }
.cards { margin: 0 0 .75rem; padding: 0; list-style: none; }
.cards > li { border-left: 4px solid var(--faint); padding: .125rem 0 .125rem .875rem; margin: 0 0 1rem; }
.cards > li.bad { border-color: var(--bad); }
.cards strong { display: block; font-weight: 600; }
.place { color: var(--muted); font-size: .875rem; }
pre { margin: .375rem 0 0; padding: .5rem .75rem; background: var(--ground); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.names { margin: .25rem 0; padding-left: 1.25rem; }
.gaps { font-size: .9375rem; margin: .5rem 0 0; }
.gaps dd { margin: 0 0 .625rem; color: var(--muted); }
details { margin-top: .75rem; }
details + details { margin-top: 0; }
summary { cursor: pointer; padding: .375rem 0; color: var(--accent); }
footer { font-size: .875rem; }
@media (max-width: 44rem) {
  body { padding: 0 .75rem 2rem; }
  section { padding: 1rem; border-radius: 8px; }
  nav ul { gap: 0 .875rem; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 1rem; }
  .tiles strong { font-size: 1.25rem; }
  .calendar, .calendar thead, .calendar tbody { display: block; }
  .calendar tr { display: grid; grid-template-columns: 1fr auto auto auto; column-gap: .625rem; padding: .375rem 0 0; }
  .calendar th:first-child, .calendar .right { width: auto; }
  .calendar .months, .calendar .days { grid-column: 1 / -1; order: 9; }
  .calendar thead th:not(.months) { clip-path: inset(50%); position: absolute; }
  .calendar td.right::after { content: " " attr(data-label); color: var(--muted); font-weight: 400; }
  .calendar td.zero { display: none; }
  .calendar .first > * { padding-top: .1875rem; }
  table:has(th > code) :is(thead, tbody) { display: block; }
  table:has(th > code) tr { display: grid; grid-template-columns: 1fr auto auto; column-gap: .75rem; }
  table:has(th > code) th:first-child { grid-column: 1 / -1; padding-bottom: 0; border-bottom: 0; }
}
@media print {
  :root { color-scheme: light; ${LIGHT} --ground: #ffffff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, .chooser, .readout { display: none !important; }
  section { border: 0; padding: 0; }
  .scroll { overflow: visible; }
  figure, tr, li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible; display: block; }
  rect, path, .key { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
