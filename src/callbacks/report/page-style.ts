/**
 * Style of a report.
 *
 * @module
 */

/** Style sheet; the colours follow the reader's scheme. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #e3e6ea; --grid: #eceff2; --text: #1b1f24; --muted: #656d76;
  --train: #2563eb; --val: #d9480f; --best: #e7f5ec; --running: #1d4ed8; --finished: #18794e; --failed: #c92a2a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1216; --card: #171b21; --line: #2a3038; --grid: #222831; --text: #e6e9ee; --muted: #98a2ae;
    --train: #6ea8fe; --val: #ff9f5a; --best: #16301f; --running: #6ea8fe; --finished: #4cc38a; --failed: #ff7b72;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1240px; padding: 28px 24px 48px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
}
header { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 14px; margin-bottom: 20px; }
h1 { margin: 0; font-size: 24px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 10px; font-size: 14px; font-weight: 600; }
.status { border: 1px solid currentColor; border-radius: 99px; padding: 1px 10px; font-size: 13px; font-weight: 600; }
.running { color: var(--running); } .finished { color: var(--finished); } .failed { color: var(--failed); }
.times { margin: 0 0 0 auto; color: var(--muted); font-size: 13px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 0 16px; }
.tiles div, section {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; min-width: 0;
}
.tiles dt { color: var(--muted); font-size: 13px; }
.tiles dd { margin: 2px 0 0; font-size: 21px; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.25; }
.tiles small { display: block; color: var(--muted); font-size: 12.5px; font-weight: 400; }
.bar { display: block; height: 5px; margin: 8px 0 1px; border-radius: 3px; background: var(--line); overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--running); }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px; margin-bottom: 16px; }

.grid section:last-child:nth-child(odd) { grid-column: 1 / -1; }
.chart { min-height: 240px; }
.hint { margin: 0 0 16px; color: var(--muted); font-size: 13px; }
.table { max-height: 440px; overflow: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: 5px 12px; text-align: right; border-bottom: 1px solid var(--line); }
th { position: sticky; top: 0; background: var(--card); color: var(--muted); font-size: 13px; font-weight: 600; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
tr.best td { background: var(--best); }
section.facts dl { display: grid; grid-template-columns: minmax(110px, auto) 1fr; gap: 4px 18px; margin: 0; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.uplot { max-width: 100%; }
.u-legend { width: auto; color: var(--text); font-size: 13px; text-align: left; white-space: normal; }
.u-legend tr { white-space: nowrap; }
.u-legend th { position: static; padding: 0; background: none; color: inherit; font-weight: 400; }
.u-legend td { border: 0; padding: 0 6px; text-align: left; background: none; }
.u-legend tr, .u-legend th { border: 0; }
.u-select { background: color-mix(in srgb, var(--train) 16%, transparent); }
.u-cursor-x, .u-cursor-y { border-color: var(--muted) !important; }
@media print { body { max-width: none; } .hint { display: none; } .table { max-height: none; } }
`;
