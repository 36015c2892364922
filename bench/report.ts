/**
 * Results as tables to read.
 *
 * @module
 */
import type { BarResult } from './bars.js';
import type { FigureResult, Results, Value } from './results.js';

/** A table: the first row names the columns. */
export type Table = readonly (readonly string[])[];

const ratio = (value: number, of: number) => `${(value / of).toFixed(2)}x`;

/** Names of all contenders that have a value, in the order of `order`. */
function contendersOf(figures: readonly FigureResult[], order: readonly string[]): string[] {
  return order.filter((name) => figures.some(({ values }) => name in values));
}

function cell(figure: FigureResult, value: Value | undefined): string {
  if (value === undefined) return '';
  const variant = value.variant === '' ? '' : ` (${value.variant})`;
  return `${value.value.toFixed(figure.digits)}${variant}`;
}

/**
 * Figures of all contenders; under each the ratios to the peers.
 *
 * @param order - names of all contenders
 * @param peers - those among them to compare with
 */
export function figureTable(
  figures: readonly FigureResult[],
  order: readonly string[],
  peers: readonly string[],
): Table {
  const columns = contendersOf(figures, order);
  const rows = figures.flatMap((figure) => {
    const { values } = figure;
    if (Object.keys(values).length === 0) return [];
    const row = [`${figure.title}, ${figure.unit}`, ...columns.map((name) => cell(figure, values[name]))];
    const isRatio = figure.unit !== '%';
    const ratios = peers.flatMap((peer) => {
      const base = values[peer]?.value;
      if (base === undefined || !isRatio) return [];
      const cells = columns.map((name) => {
        const value = values[name]?.value;
        return value === undefined || name === peer ? '' : ratio(value, base);
      });
      return cells.some((text) => text !== '') ? [[`  of ${peer}`, ...cells]] : [];
    });
    return [row, ...ratios];
  });
  return [['', ...columns], ...rows];
}

/** Rates of kernels, with the share of the machine's peak. */
export function kernelTable(figures: readonly FigureResult[], order: readonly string[]): Table {
  const columns = contendersOf(figures, order);
  const peaks = figures.find(({ id }) => id === 'peak')?.values ?? {};
  const peak = Math.max(0, ...Object.values(peaks).map(({ value }) => value));
  const rows = figures.map((figure) => [
    figure.title,
    ...columns.map((name) => {
      const value = figure.values[name];
      if (value === undefined) return '';
      const share = peak > 0 ? ` (${((100 * value.value) / peak).toFixed(0)} %)` : '';
      return `${value.value.toFixed(0)}${share}`;
    }),
  ]);
  return [['GFLOP/s (share of the peak)', ...columns], ...rows];
}

/** The bars: limit, value, passed or not. */
export function barTable(bars: readonly BarResult[]): Table {
  const rows = bars.map(({ title, of, limit, value, passed }) => [
    of === undefined ? title : `${title} / ${of}`,
    `<= ${limit}`,
    value === undefined ? '' : value.toFixed(2),
    passed === undefined ? 'not measured' : passed ? 'pass' : 'FAIL',
  ]);
  return [['bar', 'limit', 'measured', ''], ...rows];
}

/** The kernels that a step of an engine spends its time in. */
export function traceTables(results: Results): { readonly title: string; readonly table: Table }[] {
  interface Trace {
    readonly stepMs: number;
    readonly kernelMs: number;
    readonly materializedBytes?: number;
    readonly kernels: readonly { readonly name: string; readonly calls: number; readonly ms: number }[];
  }
  const best = new Map<string, Trace>();
  for (const { measurement, contender, result } of results.samples) {
    const trace = result.overhead as Trace | undefined;
    const key = `${measurement}, ${contender}`;
    if (trace && trace.stepMs < (best.get(key)?.stepMs ?? Infinity)) best.set(key, trace);
  }
  return Array.from(best, ([title, { stepMs, kernelMs, kernels, materializedBytes }]) => {
    const share = (ms: number) => `${((100 * ms) / stepMs).toFixed(1)} %`;
    const line = (name: string, calls: string, ms: number) => [name, calls, ms.toFixed(2), share(ms)];
    const moved =
      materializedBytes === undefined ? '' : `, ${(materializedBytes / 1e6).toFixed(1)} MB moved between layouts`;
    return {
      title: `${title}: a step of ${stepMs.toFixed(2)} ms${moved}`,
      table: [
        ['kernel', 'calls', 'ms', 'share'],
        ...kernels.map(({ name, calls, ms }) => line(name, String(calls), ms)),
        line('outside of kernels', '', stepMs - kernelMs),
      ],
    };
  });
}

/** The texts of a row, made as wide as their columns; the first begins at the left, the others end at the right. */
function aligned(row: readonly string[], widths: readonly number[]): string[] {
  return row.map((text, column) =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
  );
}

function widthsOf(table: Table): number[] {
  return (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
}

/** A table as text with aligned columns. */
export function toText(table: Table): string {
  const widths = widthsOf(table);
  return table.map((row) => aligned(row, widths).join('  ').trimEnd()).join('\n');
}

/** A table as Markdown with aligned columns, as prettier writes it. */
export function toMarkdown(table: Table): string {
  const trimmed = table.map((row) => row.map((text) => text.trim()));
  // A rule has three characters at least.
  const widths = widthsOf(trimmed).map((width) => Math.max(width, 3));
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const [head = [], ...rows] = trimmed.map((row) => aligned(row, widths));
  return [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const marker = (name: string) => `<!-- bench:${name} -->`;

/** Puts a text between the marks `<!-- bench:begin -->` and `<!-- bench:end -->` of a page. */
export function replaceBetweenMarks(page: string, text: string): string {
  const begin = page.indexOf(marker('begin'));
  const end = page.indexOf(marker('end'));
  if (begin < 0 || end < begin) return `${marker('begin')}\n\n${text}\n\n${marker('end')}\n`;
  return `${page.slice(0, begin)}${marker('begin')}\n\n${text}\n\n${page.slice(end)}`;
}
