import '../support/setup.js';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Callback, JsonLogger } from '../../src/callbacks/index.js';
import { Model } from '../../src/model/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { StepDecay } from '../../src/optimizer/lr/index.js';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { classifier, Points, quiet, trainableModel } from '../model/support.js';
import { captureWarnings } from '../support/warnings.js';

const data = new Points(6);
const options = { ...quiet, batchSize: 2, epochs: 2 } as const;

describe('JsonLogger', () => {
  let file = '';
  beforeEach(() => {
    file = path.join(mkdtempSync(path.join(tmpdir(), 'paddlewheel-')), 'deep', 'log.jsonl');
  });
  afterEach(() => rmSync(path.dirname(path.dirname(file)), { recursive: true }));

  /** The lines of the file, without their times. */
  function lines(): Record<string, unknown>[] {
    const text = readFileSync(file, 'utf8');
    assert.ok(text.endsWith('\n'));
    return text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
        assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        return rest;
      });
  }

  it('writes a line for each thing that happens', async () => {
    const saveDir = path.dirname(file);
    const callbacks = new JsonLogger(file, { logFreq: 2 });
    const model = trainableModel();
    const history = await model.fit(data, data, { ...options, saveDir, callbacks });
    await model.predict(data, { verbose: 0, callbacks });
    const log = lines();
    assert.deepEqual(
      log.map(({ event, epoch, step, globalStep }) => [event, epoch, step, globalStep]),
      [
        ['trainBegin', undefined, undefined, undefined],
        ['trainBatchEnd', 0, 1, 2],
        ['epochEnd', 0, undefined, 3],
        ['checkpoint', undefined, undefined, undefined],
        ['evalEnd', 0, undefined, 3],
        ['trainBatchEnd', 1, 0, 4],
        ['trainBatchEnd', 1, 2, 6],
        ['epochEnd', 1, undefined, 6],
        ['checkpoint', undefined, undefined, undefined],
        ['evalEnd', 1, undefined, 6],
        ['trainEnd', undefined, undefined, 6],
        ['checkpoint', undefined, undefined, undefined],
        ['predictEnd', undefined, undefined, 6],
      ],
    );
    assert.deepEqual(log[0], { event: 'trainBegin', epochs: 2, steps: 3, metrics: ['loss', 'acc'], saveDir });
    assert.equal(log[3]!.path, path.join(saveDir, '0'));
    const [first, second] = history.epochs;
    const near = (actual: unknown, expected: number) => assert.ok(Math.abs(Number(actual) - expected) < 1e-12);
    near(log[2]!.loss, first!.loss);
    near(log[9]!.loss, second!.val!.loss!);
    assert.deepEqual(log[2]!.metrics, first!.metrics);
    assert.deepEqual(log[9]!.metrics, second!.val!.metrics);
    assert.equal(log[2]!.samples, 6);
    for (const { event, samplesPerSecond, learningRate } of log) {
      if (event === 'trainBatchEnd' || event === 'epochEnd') assert.ok(Number(samplesPerSecond) > 0);
      if (event === 'trainBatchEnd') assert.equal(learningRate, 0.1);
    }
    assert.equal(model.listenerCount('checkpoint'), 0);
  });

  it('tells the rate that a batch was trained with', async () => {
    const loss = (output: Tensor) => tf.mean(output);
    const model = new Model(classifier()).prepare(new SGD({ learningRate: new StepDecay(1, 1, { gamma: 0.5 }) }), loss);
    await model.fit(data, null, { ...options, epochs: 1, callbacks: new JsonLogger(file) });
    const rates = lines().filter(({ event }) => event === 'trainBatchEnd');
    assert.deepEqual(
      rates.map(({ learningRate }) => learningRate),
      [1, 0.5, 0.25],
    );
  });

  it('writes NaN and infinities as texts', async () => {
    const loss = (output: Tensor) => tf.mul(tf.mean(output), NaN);
    const model = new Model(classifier()).prepare(new SGD({ learningRate: 0.1 }), loss);
    await captureWarnings(() => model.fit(data, null, { ...options, callbacks: new JsonLogger(file) }));
    assert.equal(lines()[1]!.loss, 'NaN');
  });

  it('appends, and starts a new line where a crash cut one off', async () => {
    const callbacks = new JsonLogger(file, { logFreq: 100 });
    await trainableModel().fit(data, null, { ...options, callbacks });
    writeFileSync(file, '{"event":"trainBatchEnd","lo', { flag: 'a' });
    await trainableModel().fit(data, null, { ...options, callbacks });
    const [begin, ...others] = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-4);
    assert.match(begin!, /^\{"event":"trainBegin"/);
    assert.equal(others.length, 3);
    assert.ok(readFileSync(file, 'utf8').includes('"lo\n{'));
  });

  it('has a line on the disk when the hook returns, and says when an error ended the run', async () => {
    class Fail extends Callback {
      override onTrainBatchEnd(step: number): void {
        assert.equal(lines().at(-1)!.step, step);
        if (step === 1) throw new Error('failure');
      }
    }
    const callbacks = [new JsonLogger(file), new Fail()];
    await assert.rejects(trainableModel().fit(data, null, { ...options, callbacks }), { message: 'failure' });
    assert.deepEqual(lines().at(-1), { event: 'failed', globalStep: 2 });
  });

  it('goes on counting from a saved state', async () => {
    const callbacks = new JsonLogger(file);
    const model = trainableModel();
    model.once('trainBegin', () => callbacks.setStateDict({ globalStep: 12 }));
    await model.fit(data, null, { ...options, epochs: 1, callbacks });
    assert.equal(callbacks.stateDict().globalStep, 15);
    assert.equal(lines()[1]!.globalStep, 13);
  });

  it('gives the mean of an epoch that was resumed within', async () => {
    const saveDir = path.dirname(file);
    const fit = (logger: JsonLogger, more: object, model = trainableModel()) =>
      model.fit(data, null, { ...options, epochs: 1, saveDir, saveSteps: 2, callbacks: logger, ...more });
    const model = trainableModel();
    model.on('trainBatchBegin', (step) => {
      if (step === 2) throw new Error('crash');
    });
    await assert.rejects(fit(new JsonLogger(file), {}, model), { message: 'crash' });
    const history = await fit(new JsonLogger(file), { resume: true });
    const epoch = lines().find(({ event }) => event === 'epochEnd')!;
    assert.ok(Math.abs(Number(epoch.loss) - history.epochs[0]!.loss) < 1e-12);
    assert.deepEqual([epoch.samples, epoch.globalStep], [6, 3]);
    // At the end of an epoch nothing is left for the next.
    await fit(new JsonLogger(file), { resume: true, epochs: 2 });
    assert.equal(lines().findLast(({ event }) => event === 'epochEnd')!.samples, 6);
  });

  it('fails the run when it cannot write', async () => {
    const parent = path.dirname(path.dirname(file));
    writeFileSync(path.join(parent, 'file'), '');
    const callbacks = new JsonLogger(path.join(parent, 'file', 'log.jsonl'));
    await assert.rejects(trainableModel().fit(data, null, { ...options, callbacks }));
  });

  it('refuses wrong arguments', () => {
    assert.throws(() => new JsonLogger(''), { code: 'INVALID_ARGUMENT', message: /file must be a path, got ""/ });
    assert.throws(() => new JsonLogger('x', { logFreq: 0.5 }), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => new JsonLogger('x', { every: 1 } as object), { code: 'UNKNOWN_OPTION' });
    assert.throws(() => new JsonLogger('x').setStateDict({}), {
      code: 'INVALID_ARGUMENT',
      message: /globalStep must be/,
    });
  });
});
