import '../support/setup.js';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import path from 'node:path';
import { HtmlReport } from '../../src/callbacks/index.js';
import type { Chart } from '../../src/callbacks/report/charts.js';
import { renderReport } from '../../src/callbacks/report/page.js';
import { Points, pointBatch, quiet, trainableModel } from '../model/support.js';
import { reportData } from '../support/report-data.js';

const train = new Points(10);
const val = new Points(6);
const options = { ...quiet, batchSize: 2, epochs: 3 } as const;

/** What the page hands to its script. */
interface ClientData {
  readonly status: string;
  readonly axis: string;
  readonly charts: readonly Chart[];
}

function clientData(html: string): ClientData {
  const [, json] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(json!) as ClientData;
}

const cells = (html: string) =>
  [...html.matchAll(/<tr[^>]*>(<td>.*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<td>(.*?)<\/td>/g)].map(([, text]) => text),
  );
const text = (html: string) =>
  html
    .replace(/<(script|style)[^>]*>.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('page of a report', () => {
  it('shows progress, the time left, the last values and the best ones', () => {
    const shown = text(renderReport(reportData()));
    assert.match(shown, /ResNet running started 2026-03-01 12:00:00 UTC , written 2026-03-01 12:03:00 UTC/);
    assert.match(shown, /Epoch 3 of 4 about 3:00 left/);
    assert.match(shown, /Training loss 1\.000 mean of the epoch/);
    assert.match(shown, /Validation loss 1\.500 best 1\.500 in epoch 2/);
    assert.match(shown, /Validation acc 0\.3750 best 0\.5000 in epoch 1/);
    assert.match(shown, /Samples\/s 800 /);
  });

  it('has a table of the epochs, with the best one marked', () => {
    const html = renderReport(reportData());
    assert.deepEqual(cells(html), [
      ['1', '0.1', '2.000', '0.2500', '1.750', '0.5000', '800', '2:10'],
      ['2', '0.05', '1.000', '0.6250', '1.500', '0.3750', '800', '2:10'],
    ]);
    assert.match(html, /<tr class="best"><td>1</);
    const lower = renderReport(reportData({ higherIsBetter: { acc: false } }));
    assert.match(lower, /<tr class="best"><td>2</);
  });

  it('has charts of loss, metrics, rate and throughput', () => {
    const { charts, axis } = clientData(renderReport(reportData()));
    assert.equal(axis, 'epoch');
    assert.deepEqual(
      charts.map(({ title, series }) => [title, ...series.map(({ label }) => label)]),
      [
        ['Loss', 'each batch', 'training', 'validation'],
        ['acc', 'training', 'validation'],
        ['Learning rate', 'training'],
        ['Samples per second', 'each batch', 'training', 'validation'],
      ],
    );
    assert.deepEqual(charts[0]!.series[1]!.points, [
      [1, 2],
      [2, 1],
    ]);
    assert.deepEqual(charts[0]!.series[2]!.points, [
      [1, 2],
      [1.75, 1.5],
    ]);
  });

  it('says how a run ended', () => {
    assert.match(text(renderReport(reportData({ status: 'failed' }))), /ResNet failed/);
    assert.match(text(renderReport(reportData({ status: 'finished' }))), /ResNet stopped after 2 of 4 epochs/);
    assert.match(text(renderReport(reportData({ status: 'finished', epochs: 2 }))), /ResNet finished/);
  });

  it('is there before the first batch', () => {
    const html = renderReport(reportData({ globalStep: 0, seconds: 0, passes: [], curve: [[], [], [], [], []] }));
    assert.match(text(html), /Epoch 1 of 4 0 batches/);
    assert.deepEqual(clientData(html).charts, []);
  });

  it('escapes every text', () => {
    const hostile = `</script><script>"evil"&'`;
    const html = renderReport(
      reportData({
        title: hostile,
        metricNames: [hostile],
        higherIsBetter: {},
        passes: reportData().passes.slice(0, 1),
        settings: [[hostile, hostile]],
        environment: [[hostile, hostile]],
      }),
    );
    assert.ok(!html.includes(hostile));
    assert.ok(!html.includes('"evil"'));
    assert.equal(html.match(/<script/g)!.length, 3);
    assert.match(html, /<title>&lt;\/script&gt;&lt;script&gt;&quot;evil&quot;&amp;&#39;<\/title>/);
    assert.equal(clientData(html).charts[1]!.title, hostile);
  });
});

describe('HtmlReport', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = () => readFileSync(path.join(folder, 'deep', 'report.html'), 'utf8');
  const make = (more: object = {}) =>
    new HtmlReport(path.join(folder, 'deep', 'report.html'), { interval: 0, ...more });

  it('shows what the history holds', async () => {
    const callbacks = make({ settings: { data: 'points', flip: true } });
    const { epochs } = await trainableModel().fit(train, val, { ...options, callbacks });
    const html = read();
    const { status, charts } = clientData(html);
    assert.equal(status, 'finished');
    const [loss, acc, rate] = charts;
    assert.deepEqual(loss!.series[0]!.points[0].length, 15);
    const near = (actual: readonly (number | null)[], expected: readonly number[]) => {
      assert.equal(actual.length, expected.length);
      actual.forEach((value, index) => assert.ok(Math.abs(Number(value) - expected[index]!) < 1e-9));
    };
    near(
      loss!.series[0]!.points[0],
      Array.from({ length: 15 }, (_, index) => (index + 1) / 5),
    );
    near(
      loss!.series[1]!.points[1],
      epochs.map((epoch) => epoch.loss),
    );
    near(
      loss!.series[2]!.points[1],
      epochs.map((epoch) => epoch.val!.loss!),
    );
    near(
      acc!.series[1]!.points[1],
      epochs.map((epoch) => Number(epoch.val!.metrics.acc)),
    );
    near(
      rate!.series[0]!.points[1],
      Array.from({ length: 15 }, () => 0.1),
    );
    const shown = text(html);
    assert.match(shown, /^.*Linear finished/);
    assert.match(
      shown,
      /Network Linear Parameters 9 Optimizer SGD Learning rate 0\.1 Loss CrossEntropyLoss Metrics acc/,
    );
    assert.match(shown, /Epochs 3 Batches per epoch 5 Checkpoints none data points flip true/);
    assert.match(shown, /Device cpu Engine \w+, .* Node\.js \d+\.\d+/);
    assert.deepEqual(readdirSync(path.join(folder, 'deep')), ['report.html']);
  });

  it('is written while training runs', async () => {
    const model = trainableModel();
    const seen: [string, number | undefined][] = [];
    const note = () => {
      const { status, charts } = clientData(read());
      seen.push([status, charts[0]?.series[0]?.points[0].length]);
    };
    model.on('trainBegin', note);
    model.on('trainBatchEnd', note);
    await model.fit(train, null, { ...options, epochs: 1, callbacks: make() });
    assert.deepEqual(seen, [
      ['running', undefined],
      ...[1, 2, 3, 4, 5].map((points): [string, number] => ['running', points]),
    ]);
    assert.equal(clientData(read()).status, 'finished');
  });

  it('is not written for each batch unless asked to', async () => {
    const model = trainableModel();
    let charts: readonly unknown[] = [];
    model.on('trainBatchEnd', () => void (charts = clientData(read()).charts));
    await model.fit(train, null, { ...options, epochs: 1, callbacks: make({ interval: 1000 }) });
    assert.deepEqual(charts, []);
  });

  it('says when an error ended the run', async () => {
    const model = trainableModel();
    model.on('epochEnd', () => {
      throw new Error('failure');
    });
    await assert.rejects(model.fit(train, val, { ...options, callbacks: make() }), { message: 'failure' });
    assert.equal(clientData(read()).status, 'failed');
  });

  it('counts batches where the data has no length', async () => {
    const batches = new Set([0, 1, 2].map((index) => pointBatch(2, `batch${index}`)));
    await trainableModel().fit(batches, null, { ...quiet, epochs: 1, callbacks: make() });
    const { axis, charts } = clientData(read());
    assert.equal(axis, 'batch');
    assert.deepEqual(charts[0]!.series[0]!.points[0], [1, 2, 3]);
  });

  it('leaves a gap where the loss is NaN', async () => {
    const callbacks = make();
    const model = trainableModel();
    const [parameter] = model.parameters();
    model.once('trainBatchEnd', () => parameter!.setValue(tf.fill(parameter!.shape, NaN)));
    await model.fit(train, null, { ...options, callbacks });
    const { charts } = clientData(read());
    const losses = charts[0]!.series[0]!.points[1];
    assert.ok(losses.some((loss) => loss === null) && typeof losses[0] === 'number');
  });

  it('goes on from a saved state', async () => {
    const first = make();
    const model = trainableModel();
    let state = '';
    model.on('evalEnd', () => void (state = JSON.stringify(first.stateDict())));
    await model.fit(train, val, { ...options, epochs: 2, callbacks: first });
    const before = clientData(read());
    const second = make();
    model.removeAllListeners();
    model.once('trainBegin', () => second.setStateDict(JSON.parse(state) as Record<string, unknown>));
    await model.fit(train, val, { ...options, epochs: 1, callbacks: second });
    const after = clientData(read());
    const losses = ({ charts }: ClientData) => charts[0]!.series.map(({ points: [, y] }) => y);
    losses(before).forEach((values, index) => assert.deepEqual(losses(after)[index]!.slice(0, values.length), values));
    assert.deepEqual(
      losses(after).map(({ length }) => length),
      [15, 3, 3],
    );
  });

  it('does not touch the page in an evaluation of its own', async () => {
    await trainableModel().evaluate(val, { verbose: 0, callbacks: make() });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('refuses wrong arguments', () => {
    const refuses = (options: object, message: RegExp, code = 'INVALID_ARGUMENT') =>
      assert.throws(() => new HtmlReport('report.html', options), { code, message });
    assert.throws(() => new HtmlReport(''), { code: 'INVALID_ARGUMENT', message: /file must be a path, got ""/ });
    refuses({ title: 1 }, /title must be a text, got 1/);
    refuses({ settings: ['x'] }, /settings must be an object of names and values, got \["x"\]/);
    refuses({ interval: -1 }, /interval must be a number of at least 0, got -1/);
    refuses({ intervals: 1 }, /did you mean 'interval'\?/, 'UNKNOWN_OPTION');
    assert.throws(() => new HtmlReport('x').setStateDict({ seconds: 1, startedAt: 1 }), {
      code: 'INVALID_ARGUMENT',
      message: /state of HtmlReport must hold passes and curve/,
    });
  });
});
