import '../support/setup.js';
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TensorBoard, VisualDL } from '../../src/callbacks/index.js';
import { crc32c } from '../../src/callbacks/scalars/crc32c.js';
import type { Model } from '../../src/model/index.js';
import { Points, quiet, trainableModel } from '../model/support.js';
import { filesIn, readEventFile, readVisualDLFile, type Point } from '../support/record-files.js';
import { Tracer } from '../support/tracer.js';

const data = new Points(6);
const options = { ...quiet, batchSize: 2, epochs: 2 } as const;
const named = (points: readonly Point[], tag: string) =>
  points.filter(([name]) => name === tag).map(([, step, value]) => [step, value]);

/** Values of a log after each batch or evaluation, as float32. */
function traced(tracer: Tracer, event: string, name: string): number[] {
  return tracer.events
    .filter(([traced]) => traced === event)
    .map(([, , logs]) => Math.fround([logs![name]].flat()[0] as number));
}

describe('crc32c', () => {
  it('gives the sums of RFC 3720', () => {
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
    assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
    assert.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_, index) => index))), 0x46dd794e);
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  });
});

describe('files of curves', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Breaks off an epoch of training after some batches, and gives the state at that moment. */
  async function interrupted(callback: TensorBoard | VisualDL, batches: number): Promise<Record<string, unknown>> {
    const model: Model = trainableModel();
    let state: Record<string, unknown> = {};
    model.on('trainBatchEnd', (step) => {
      if (step + 1 === batches) state = { ...callback.stateDict() };
      if (step + 1 > batches) throw new Error('crash');
    });
    await assert.rejects(model.fit(data, null, { ...options, callbacks: callback }), { message: 'crash' });
    return state;
  }

  /** Goes on with an earlier run. */
  async function resumed(callback: TensorBoard | VisualDL, state: Record<string, unknown>): Promise<void> {
    const model = trainableModel();
    model.once('trainBegin', () => callback.setStateDict(state));
    await model.fit(data, null, { ...options, epochs: 1, callbacks: callback });
  }

  describe('TensorBoard', () => {
    it('writes training, evaluations, rates and throughput', async () => {
      const tracer = new Tracer();
      const before = Date.now() / 1000;
      await trainableModel().fit(data, data, { ...options, callbacks: [new TensorBoard(folder), tracer] });
      const [file, ...others] = filesIn(folder);
      assert.equal(others.length, 0);
      assert.match(path.basename(file!), /^events\.out\.tfevents\.\d{10}\..+/);
      const { version, starts, points, times } = readEventFile(file!);
      assert.equal(version, 'brain.Event:2');
      assert.deepEqual(starts, []);
      const steps = [1, 2, 3, 4, 5, 6];
      const losses = traced(tracer, 'trainBatchEnd', 'loss');
      const accuracies = traced(tracer, 'trainBatchEnd', 'acc');
      assert.deepEqual(
        named(points, 'train/loss'),
        steps.map((step, index) => [step, losses[index]]),
      );
      assert.deepEqual(
        named(points, 'train/acc'),
        steps.map((step, index) => [step, accuracies[index]]),
      );
      assert.deepEqual(
        named(points, 'train/learning_rate'),
        steps.map((step) => [step, Math.fround(0.1)]),
      );
      assert.equal(named(points, 'train/samples_per_second').length, 6);
      const evaluations = traced(tracer, 'evalEnd', 'acc');
      assert.deepEqual(named(points, 'eval/acc'), [
        [3, evaluations[0]],
        [6, evaluations[1]],
      ]);
      // The loss of an evaluation is the mean over its three batches of the same size.
      const batches = traced(tracer, 'evalBatchEnd', 'loss');
      const mean = (batches[0]! + batches[1]! + batches[2]!) / 3;
      assert.ok(Math.abs(named(points, 'eval/loss')[0]![1]! - mean) < 1e-6);
      assert.ok(times.every((time) => time >= before - 0.01 && time <= Date.now() / 1000));
    });

    it('writes every logFreq batches', async () => {
      await trainableModel().fit(data, null, { ...options, callbacks: new TensorBoard(folder, { logFreq: 4 }) });
      const { points } = readEventFile(filesIn(folder)[0]!);
      assert.deepEqual(
        named(points, 'train/loss').map(([step]) => step),
        [4],
      );
    });

    it('voids what came after the checkpoint of a resumed run', async () => {
      const state = await interrupted(new TensorBoard(folder), 2);
      await resumed(new TensorBoard(folder), state);
      const files = filesIn(folder).map(readEventFile);
      const first = files.find(({ starts }) => starts.length === 0)!;
      const second = files.find(({ starts }) => starts.length > 0)!;
      assert.deepEqual(
        named(first.points, 'train/loss').map(([step]) => step),
        [1, 2, 3],
      );
      assert.deepEqual(second.starts, [3]);
      assert.deepEqual(
        named(second.points, 'train/loss').map(([step]) => step),
        [3, 4, 5],
      );
    });

    it('refuses wrong arguments', () => {
      assert.throws(() => new TensorBoard(''), { code: 'INVALID_ARGUMENT', message: /logDir must be a path, got ""/ });
      assert.throws(() => new TensorBoard('x', { logFreq: 0 }), { code: 'INVALID_ARGUMENT' });
      assert.throws(() => new TensorBoard('x', { log_freq: 1 } as object), { code: 'UNKNOWN_OPTION' });
    });
  });

  describe('VisualDL', () => {
    it('writes what Paddle writes', async () => {
      const tracer = new Tracer();
      const before = Date.now();
      await trainableModel().fit(data, data, { ...options, callbacks: [new VisualDL(folder), tracer] });
      const [file, ...others] = filesIn(folder);
      assert.equal(others.length, 0);
      assert.match(path.basename(file!), /^vdlrecords\.\d{10}\.log$/);
      const { tag, points, times } = readVisualDLFile(file!);
      assert.equal(tag, 'meta_data_tag');
      const expected = (event: string, prefix: string, first: number) => {
        const [losses, accuracies] = [traced(tracer, event, 'loss'), traced(tracer, event, 'acc')];
        return losses.flatMap((loss, index): Point[] => [
          [`${prefix}/loss`, first + index, loss],
          [`${prefix}/acc`, first + index, accuracies[index]!],
        ]);
      };
      const training = points.filter(([name]) => name.startsWith('train'));
      const evaluation = points.filter(([name]) => name.startsWith('eval'));
      assert.deepEqual(training, expected('trainBatchEnd', 'train', 1));
      assert.deepEqual(evaluation, expected('evalEnd', 'eval', 0));
      assert.equal(training.length + evaluation.length, points.length);
      assert.ok(times.every((time) => time >= before && time <= Date.now()));
    });

    it('writes an evaluation of its own at step 0', async () => {
      await trainableModel().evaluate(data, { verbose: 0, callbacks: new VisualDL(folder) });
      const { points } = readVisualDLFile(filesIn(folder)[0]!);
      assert.deepEqual(
        points.map(([name, step]) => [name, step]),
        [
          ['eval/loss', 0],
          ['eval/acc', 0],
        ],
      );
    });

    it('goes on with the file of a run that is resumed, without what came after its checkpoint', async () => {
      const state = await interrupted(new VisualDL(folder), 2);
      // A record that was cut off.
      appendFileSync(filesIn(folder)[0]!, Buffer.from([40, 0, 0, 0, 0, 0, 0, 0, 10, 38]));
      await resumed(new VisualDL(folder), state);
      const [file, ...others] = filesIn(folder);
      assert.equal(others.length, 0);
      assert.deepEqual(
        named(readVisualDLFile(file!).points, 'train/loss').map(([step]) => step),
        [1, 2, 3, 4, 5],
      );
    });

    it('begins a new file where that of the run before is gone', async () => {
      const state = await interrupted(new VisualDL(folder), 2);
      rmSync(filesIn(folder)[0]!);
      await resumed(new VisualDL(folder), state);
      const { tag, points } = readVisualDLFile(filesIn(folder)[0]!);
      assert.equal(tag, 'meta_data_tag');
      assert.deepEqual(
        named(points, 'train/loss').map(([step]) => step),
        [3, 4, 5],
      );
    });

    it('refuses what is no path', () => {
      assert.throws(() => new VisualDL(1 as never), {
        code: 'INVALID_ARGUMENT',
        message: /logDir must be a path, got 1/,
      });
    });
  });
});
