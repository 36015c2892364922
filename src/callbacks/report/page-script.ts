/**
 * Script of a report.
 *
 * @module
 */

/**
 * Draws the charts that the page's data describe, and reloads the page of a run that goes on. Runs in the browser, after
 * uPlot.
 */
export const pageScript = String.raw`
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const font = '12px system-ui, sans-serif';
/** The charts, also for the console. */
const charts = (globalThis.reportCharts = []);

function short(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

function axis(more) {
  return Object.assign({
    font,
    stroke: () => colour('muted'),
    grid: { stroke: () => colour('grid'), width: 1 },
    ticks: { stroke: () => colour('line'), width: 1, size: 5 },
  }, more);
}

function curve(series) {
  const stroke = () => colour(series.colour);
  const faint = series.line === 'faint';
  return {
    label: series.label,
    stroke: faint ? () => stroke() + '66' : stroke,
    width: faint ? 1 : 2,
    points: { show: series.line === 'marked', size: 5, fill: stroke, stroke },
    value: (_chart, value) => short(value),
  };
}

function draw(box, chart) {
  // Where one series has no point it is undefined, which a line crosses; null is a gap.
  const modes = chart.series.map((series) => series.points.map(() => 1));
  const table = uPlot.join(chart.series.map((series) => series.points), modes);
  const size = () => ({ width: Math.max(240, box.clientWidth), height: 230 });
  const options = {
    ...size(),
    cursor: { sync: { key: 'report' }, drag: { x: true, y: false } },
    scales: { x: { time: false } },
    axes: [
      axis({ size: 32, values: (_chart, ticks) => ticks.map(short) }),
      axis({ size: 62, values: (_chart, ticks) => ticks.map(short) }),
    ],
    series: [{ label: data.axis, value: (_chart, value) => short(value) }, ...chart.series.map(curve)],
    legend: {
      markers: {
        width: 2,
        stroke: (_chart, index) => 'var(--' + chart.series[index - 1].colour + ')',
        fill: (_chart, index) => (chart.series[index - 1].line === 'faint' ? 'transparent' : 'var(--' + chart.series[index - 1].colour + ')'),
      },
    },
  };
  const plot = new uPlot(options, table, box);
  new ResizeObserver(() => plot.setSize(size())).observe(box);
  charts.push(plot);
}

data.charts.forEach((chart, index) => draw(document.getElementById('chart-' + index), chart));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.forEach((plot) => plot.redraw()));

for (const time of document.querySelectorAll('time')) {
  time.textContent = new Date(time.dateTime).toLocaleString();
}

/** True when the reader has zoomed in, which reloading would undo. */
const isZoomed = () => charts.some(({ data: [x], scales }) => scales.x.min > x[0] || scales.x.max < x[x.length - 1]);

if (data.status === 'running') {
  const age = Date.now() - data.updatedAt;
  if (age > data.staleAfter) {
    const status = document.querySelector('.status');
    status.textContent = 'no news';
    status.className = 'status failed';
    status.title = 'The page has not been written for a while: the run was ended from outside, or a batch takes long.';
  }
  setInterval(() => {
    if (!document.hidden && !isZoomed()) location.reload();
  }, data.reloadAfter);
}
`;
