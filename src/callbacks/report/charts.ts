/**
 * Charts of a report.
 *
 * @module
 */
import { firstNumber, type ReportData, type ReportPass } from './report-data.js';

/** A line in a chart. */
interface ChartSeries {
  readonly label: string;
  readonly colour: 'train' | 'val';
  /** `faint` is thin, for values of every batch; `marked` has a mark at each point. */
  readonly line: 'faint' | 'plain' | 'marked';
  /** Positions and values; null is a gap. */
  readonly points: readonly [x: readonly number[], y: readonly (number | null)[]];
}

/** A chart with its lines. */
export interface Chart {
  readonly title: string;
  readonly series: readonly ChartSeries[];
}

/** Order of the columns of the curve before those of the metrics. */
const columns = { x: 0, loss: 1, learningRate: 2, samplesPerSecond: 3, firstMetric: 4 } as const;

/** The charts of a report: loss, each metric, learning rate and throughput; those without a value are left out. */
export function reportCharts({ curve, passes, metricNames }: ReportData): Chart[] {
  const perBatch = (label: string, column: number): ChartSeries => ({
    label,
    colour: 'train',
    line: 'faint',
    points: [curve[columns.x] ?? [], curve[column] ?? []],
  });
  const perEpoch = (
    label: string,
    colour: 'train' | 'val',
    valueOf: (pass: ReportPass) => number | null,
  ): ChartSeries => {
    const shown = passes.flatMap((epoch) => {
      const pass = epoch[colour];
      return pass ? [{ x: epoch.x, y: valueOf(pass) }] : [];
    });
    return { label, colour, line: 'marked', points: [shown.map(({ x }) => x), shown.map(({ y }) => y)] };
  };
  const both = (title: string, column: number, valueOf: (pass: ReportPass) => number | null): Chart => ({
    title,
    series: [
      perBatch('each batch', column),
      perEpoch('training', 'train', valueOf),
      perEpoch('validation', 'val', valueOf),
    ],
  });
  const charts: Chart[] = [
    both('Loss', columns.loss, ({ loss }) => loss),
    ...metricNames.map((name, index) => {
      const chart = both(name, columns.firstMetric + index, ({ metrics }) => firstNumber(metrics[name]));
      // A metric starts anew with each epoch, so that its values of batches jump; they serve until there are epochs.
      return passes.length < 2 ? chart : { ...chart, series: chart.series.slice(1) };
    }),
    { title: 'Learning rate', series: [{ ...perBatch('training', columns.learningRate), line: 'plain' }] },
    both('Samples per second', columns.samplesPerSecond, ({ samplesPerSecond }) => samplesPerSecond),
  ];
  return charts
    .map(({ title, series }) => ({ title, series: series.filter(({ points: [, y] }) => y.some(isValue)) }))
    .filter(({ series }) => series.length > 0);
}

function isValue(value: number | null): boolean {
  return value !== null && !Number.isNaN(value);
}
