import '../support/setup.js';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EarlyStopping, type Callback } from '../../src/callbacks/index.js';
import { Accuracy } from '../../src/metric/index.js';
import { Model, type FitOptions } from '../../src/model/index.js';
import { CrossEntropyLoss } from '../../src/nn/index.js';
import { Momentum } from '../../src/optimizer/index.js';
import { StepDecay } from '../../src/optimizer/lr/index.js';
import { LeNet } from '../../src/vision/models/index.js';
import { captureConsole } from '../support/console.js';
import { assertClose, assertDigest, describeOracle, fill, type Digest } from '../support/oracle.js';
import { Samples } from '../support/samples.js';
import { Tracer, type TracedEvent } from '../support/tracer.js';

/** Paddle's losses over tens of steps agree to this relative distance. */
const tolerance = 1e-4;

type PaddleEvent = readonly [name: string, step: number | null, logs: Record<string, unknown> | null];

interface FitCase {
  readonly train: number;
  readonly val: number;
  readonly lr: number | string;
  readonly fit: Readonly<Record<string, number | boolean>>;
  readonly events: readonly PaddleEvent[];
  readonly files: readonly string[];
  readonly printed: string;
}

interface EvaluateCase {
  readonly result: Readonly<Record<string, readonly number[]>>;
  readonly events: readonly PaddleEvent[];
}

interface PredictCase extends Digest {
  readonly shape: readonly number[];
  readonly events: readonly (readonly [name: string, step: number | null, keys: readonly string[] | null])[];
}

const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Metrics keep their names; what Paddle names itself is written in camel case here. */
const logName = (name: string) => (name === 'batch_size' ? 'batchSize' : name);

function assertValue(actual: unknown, expected: unknown, what: string): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${what} is ${String(actual)}`);
    assert.equal(actual.length, expected.length, `${what}: length`);
    expected.forEach((value, index) => assertValue(actual[index], value, `${what}[${index}]`));
  } else if (typeof expected === 'number') {
    assertClose(Number(actual), expected, tolerance, what);
  } else {
    assert.equal(actual, expected, what);
  }
}

function assertEvents(actual: readonly TracedEvent[], expected: readonly PaddleEvent[]): void {
  const order = (events: readonly (readonly [string, number | null, unknown])[]) =>
    events.map(([name, step]) => `${camelCase(name)} ${step}`);
  assert.deepEqual(order(actual), order(expected));
  expected.forEach(([name, step, logs], index) => {
    // Nothing is recorded of the logs before a batch, where Paddle passes on a stale dictionary.
    if (name.endsWith('batch_begin')) return;
    const got = actual[index]![2];
    const where = `${name} ${step}`;
    assert.deepEqual(Object.keys(got ?? {}), Object.keys(logs ?? {}).map(logName), where);
    for (const [key, value] of Object.entries(logs ?? {})) assertValue(got?.[logName(key)], value, `${where}: ${key}`);
  });
}

/** Two texts whose numbers may differ in the last digit, since the losses differ by rounding. */
function assertPrinted(actual: string, expected: string): void {
  const number = /\d+\.\d{4}(e[+-]\d+)?/g;
  assert.equal(actual.replace(number, '#'), expected.replace(number, '#'));
  const got = actual.match(number) ?? [];
  (expected.match(number) ?? []).forEach((text, index) => {
    assertClose(Number(got[index]), Number(text), tolerance, `number ${index} of the text`, 2);
  });
}

/** Paddle prints the last line of an epoch twice when `num_iters` cuts it short. */
const withoutRepeats = (text: string) =>
  text
    .split('\n')
    .filter((line, index, lines) => line === '' || line !== lines[index - 1])
    .join('\n');

async function checkFit(expected: FitCase, callbacks: readonly Callback[] = []): Promise<void> {
  const network = new LeNet();
  fill(network);
  const learningRate = typeof expected.lr === 'number' ? expected.lr : new StepDecay(0.01, 2);
  const model = new Model(network).prepare(
    new Momentum({ learningRate, momentum: 0.9 }),
    new CrossEntropyLoss(),
    new Accuracy({ topk: [1, 5] }),
  );
  const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
  try {
    const given = Object.entries(expected.fit).filter(([name]) => name !== 'save_dir');
    const options: FitOptions = Object.fromEntries(given.map(([name, value]) => [camelCase(name), value]));
    const tracer = new Tracer();
    const printed = await captureConsole(() =>
      model.fit(new Samples('train', expected.train), expected.val > 0 ? new Samples('val', expected.val) : null, {
        shuffle: false,
        verbose: 2,
        logFreq: 1,
        ...options,
        ...('save_dir' in expected.fit && { saveDir: folder }),
        callbacks: [tracer, ...callbacks],
      }),
    );
    assertEvents(tracer.events, expected.events);
    const timeless = printed.replace(/ - \d+[mu]?s\/step/g, ' - T/step').replaceAll(folder, 'DIR');
    assertPrinted(timeless, withoutRepeats(expected.printed));
    // What a resumed training needs is ours.
    const files = readdirSync(folder).filter((name) => !name.endsWith('.pdstate'));
    assert.deepEqual(files.sort(), expected.files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function checkEvaluate(expected: EvaluateCase): Promise<void> {
  const network = new LeNet();
  fill(network);
  const model = new Model(network).prepare(null, new CrossEntropyLoss(), [new Accuracy({ topk: [1, 5] })]);
  const tracer = new Tracer();
  const result = await model.evaluate(new Samples('val', 12), { batchSize: 8, verbose: 0, callbacks: tracer });
  assert.deepEqual(Object.keys(result), Object.keys(expected.result));
  for (const [name, value] of Object.entries(expected.result)) assertValue([result[name]].flat(), value, name);
  assertEvents(tracer.events, expected.events);
}

async function checkPredict(expected: PredictCase): Promise<void> {
  const network = new LeNet();
  fill(network);
  const tracer = new Tracer();
  const options = { batchSize: 8, verbose: 0, stackOutputs: true, callbacks: tracer } as const;
  const [output, ...others] = await new Model(network).predict(new Samples('val', 12), options);
  assert.equal(others.length, 0);
  assert.deepEqual(output?.shape, expected.shape);
  assertDigest(output.data as Float32Array, expected, 1e-5, 'output');
  const ours = tracer.events.map(([name, step, logs]) => [name, step, Object.keys(logs ?? {}).sort()]);
  // Paddle's logs of a prediction also hold what is left of an evaluation before; they hold the batch alone here.
  const theirs = expected.events.map(([name, step, keys]) => [
    camelCase(name),
    step,
    name === 'predict_begin' ? keys : ['batchSize', 'step'],
  ]);
  assert.deepEqual(ours, theirs);
}

describeOracle<unknown>('fit', (name, expected) => {
  if (name === 'evaluate') return checkEvaluate(expected as EvaluateCase);
  if (name === 'predict') return checkPredict(expected as PredictCase);
  const callbacks = name === 'earlyStopping' ? [new EarlyStopping({ patience: 1, verbose: 0 })] : [];
  return checkFit(expected as FitCase, callbacks);
});
