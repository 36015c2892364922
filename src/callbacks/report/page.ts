/**
 * Reports as HTML.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { formatDuration } from '../display/format.js';
import { reportCharts } from './charts.js';
import type { Fact } from './facts.js';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';
import { firstNumber, type ReportData, type ReportEpoch, type ReportPass } from './report-data.js';

/** Milliseconds after which an open page of a run that goes on is read again. */
const reloadAfter = 10_000;

/** Milliseconds after which a page that says the run goes on is no longer believed, at least. */
const staleAfter = 5 * 60_000;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text in HTML. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A value inside a script element: JSON without `<`, so that nothing in it ends the element. Numbers that JSON lacks are null. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

let plotLibrary: { readonly script: string; readonly style: string } | undefined;

/** The chart library, as its package has it. */
function readPlotLibrary(): { readonly script: string; readonly style: string } {
  const require = createRequire(import.meta.url);
  plotLibrary ??= {
    script: readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    style: readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8'),
  };
  return plotLibrary;
}

/** Four digits, so that numbers of a column are of about the same length. */
function formatMeasure(value: number | null): string {
  return value !== null && Math.abs(value) >= 1e-3 && Math.abs(value) < 1000
    ? value.toPrecision(4)
    : formatValue(value);
}

/** At most four significant digits. */
function formatValue(value: number | null): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return size >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(4)));
}

/** The best epoch by a value, and that value. */
function bestOf(
  passes: readonly ReportEpoch[],
  higherIsBetter: boolean,
  valueOf: (pass: ReportEpoch) => number | null,
): { readonly epoch: number; readonly value: number } | undefined {
  let best: { epoch: number; value: number } | undefined;
  for (const pass of passes) {
    const value = valueOf(pass);
    if (value === null) continue;
    if (!best || (higherIsBetter ? value > best.value : value < best.value)) best = { epoch: pass.epoch, value };
  }
  return best;
}

interface Tile {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  /** Share that is done, from 0 to 1. */
  readonly done?: number;
}

/** How much of the training is done, from 0 to 1, if that is known. */
function shareDone({ epochs, steps, globalStep }: ReportData): number | undefined {
  return epochs !== undefined && steps !== undefined ? Math.min(1, globalStep / (epochs * steps)) : undefined;
}

function progressTile(data: ReportData): Tile {
  const { passes, epochs, status, globalStep, seconds } = data;
  const done = shareDone(data);
  const current = status === 'running' ? Math.min(epochs ?? Infinity, passes.length + 1) : passes.length;
  const left = done ? (seconds / done) * (1 - done) : undefined;
  const note =
    status === 'running' && left !== undefined
      ? `about ${formatDuration(left)} left`
      : `${formatValue(globalStep)} batches`;
  return { name: 'Epoch', value: `${current} of ${epochs ?? '?'}`, note, ...(done !== undefined && { done }) };
}

function tiles(data: ReportData): Tile[] {
  const { passes, metricNames, higherIsBetter, seconds } = data;
  const last = passes.at(-1);
  const value = (name: string, number: number | null | undefined, note: string, format = formatMeasure): Tile[] =>
    number === null || number === undefined ? [] : [{ name, value: format(number), note }];
  const best = (higher: boolean, valueOf: (pass: ReportEpoch) => number | null) => {
    const found = bestOf(passes, higher, valueOf);
    return found ? `best ${formatMeasure(found.value)} in epoch ${found.epoch + 1}` : '';
  };
  const lastVal = passes.findLast(({ val }) => val)?.val;
  return [
    progressTile(data),
    ...value('Training loss', last?.train.loss, 'mean of the epoch'),
    ...value(
      'Validation loss',
      lastVal?.loss,
      best(false, ({ val }) => val?.loss ?? null),
    ),
    ...metricNames.slice(0, 2).flatMap((name) => {
      const of = ({ train, val }: ReportEpoch) => firstNumber((lastVal ? val : train)?.metrics[name]);
      const number = firstNumber((lastVal ?? last?.train)?.metrics[name]);
      return value(`${lastVal ? 'Validation' : 'Training'} ${name}`, number, best(higherIsBetter[name] ?? true, of));
    }),
    ...value('Samples/s', last?.train.samplesPerSecond, 'training, last epoch', formatValue),
    { name: 'Time', value: formatDuration(seconds), note: 'so far, with validation' },
  ];
}

function tileHtml({ name, value, note, done }: Tile): string {
  const bar = done === undefined ? '' : `<span class="bar"><i style="width:${(done * 100).toFixed(1)}%"></i></span>`;
  return `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}${bar}<small>${escapeHtml(note)}</small></dd></div>`;
}

function tableHtml({ passes, metricNames, higherIsBetter }: ReportData): string {
  const hasVal = passes.some(({ val }) => val);
  const [metric] = metricNames;
  const best = bestOf(passes, metric === undefined ? false : (higherIsBetter[metric] ?? true), ({ train, val }) => {
    const pass = hasVal ? val : train;
    return metric === undefined ? (pass?.loss ?? null) : firstNumber(pass?.metrics[metric]);
  });
  const names = ['loss', ...metricNames];
  const heads = [
    'epoch',
    'learning rate',
    ...names,
    ...(hasVal ? names.map((name) => `val ${name}`) : []),
    'samples/s',
    'time',
  ];
  const rows = passes.map(({ epoch, learningRate, train, val }) => {
    const values = (pass: ReportPass | undefined) =>
      [pass?.loss ?? null, ...metricNames.map((name) => firstNumber(pass?.metrics[name]))].map(formatMeasure);
    const texts = [
      String(epoch + 1),
      formatValue(learningRate),
      ...values(train),
      ...(hasVal ? values(val) : []),
      formatValue(train.samplesPerSecond),
      formatDuration(train.seconds + (val?.seconds ?? 0)),
    ];
    const mark = epoch === best?.epoch ? ' class="best"' : '';
    return `<tr${mark}>${texts.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`;
  });
  return `<section><h2>Epochs</h2><div class="table" tabindex="0"><table><thead><tr>${heads
    .map((head) => `<th scope="col">${escapeHtml(head)}</th>`)
    .join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function factsHtml(title: string, facts: readonly Fact[]): string {
  const rows = facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('');
  return `<section class="facts"><h2>${title}</h2><dl>${rows}</dl></section>`;
}

/** A moment, in the reader's time zone where scripts run. */
function timeHtml(milliseconds: number): string {
  const iso = new Date(milliseconds).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

function statusText({ status, passes, epochs }: ReportData): string {
  if (status !== 'finished') return status;
  return epochs !== undefined && passes.length < epochs ? `stopped after ${passes.length} of ${epochs} epochs` : status;
}

/** The page of a report, complete in itself: it asks the network for nothing, and its policy forbids it to. */
export function renderReport(data: ReportData): string {
  const { script, style } = readPlotLibrary();
  const { title, status, startedAt, updatedAt, steps, passes, settings, environment } = data;
  const charts = reportCharts(data);
  const client = { status, updatedAt, reloadAfter, staleAfter, axis: steps === undefined ? 'batch' : 'epoch', charts };
  const sections = charts.map(
    (chart, index) =>
      `<section><h2>${escapeHtml(chart.title)}</h2><div class="chart" id="chart-${index}" role="img" aria-label="${escapeHtml(chart.title)}"></div></section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}${pageStyle}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1><span class="status ${status}">${escapeHtml(statusText(data))}</span>
<p class="times">started ${timeHtml(startedAt)}, written ${timeHtml(updatedAt)}</p></header>
<dl class="tiles">${tiles(data).map(tileHtml).join('')}</dl>
<div class="grid">${sections.join('')}</div>
<p class="hint">Drag over a chart to zoom, double-click to see all of it.</p>
<div class="grid">${factsHtml('Settings', settings)}${factsHtml('Environment', environment)}</div>
${passes.length > 0 ? tableHtml(data) : ''}
<script type="application/json" id="data">${scriptJson(client)}</script>
<script>${script}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}
