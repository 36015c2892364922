import '../support/setup.js';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Callback, LRScheduler, ModelCheckpoint, type Logs } from '../../src/callbacks/index.js';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { StepDecay } from '../../src/optimizer/lr/index.js';
import { captureConsole } from '../support/console.js';
import { classifier, Points, quiet, trainableModel } from '../model/support.js';

const data = new Points(6);

describe('Callback', () => {
  it('has hooks that do nothing and may be called', async () => {
    class Silent extends Callback {}
    await trainableModel().fit(data, data, { ...quiet, callbacks: new Silent() });
  });

  it('has neither model nor params outside a run', () => {
    class Silent extends Callback {}
    assert.throws(() => new Silent().model, { code: 'NOT_PREPARED', message: /a callback has no model before fit/ });
    assert.throws(() => new Silent().params, { code: 'NOT_PREPARED', message: /no params/ });
  });

  it('comes before listeners of the same event, and is waited for', async () => {
    const calls: string[] = [];
    class Slow extends Callback {
      constructor(readonly name: string) {
        super();
      }
      override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 5));
        calls.push(`${this.name} ${epoch} ${Object.keys(logs).join()}`);
      }
    }
    const model = trainableModel();
    model.on('epochEnd', (epoch) => calls.push(`listener ${epoch}`));
    await model.fit(data, null, { ...quiet, callbacks: [new Slow('first'), new Slow('second')] });
    assert.deepEqual(calls, ['first 0 loss,acc,step,batchSize', 'second 0 loss,acc,step,batchSize', 'listener 0']);
  });

  it('learns step and size of a batch before it', async () => {
    const seen: unknown[] = [];
    class Begin extends Callback {
      override onTrainBatchBegin(step: number, logs: Logs): void {
        seen.push([step, logs]);
      }
    }
    await trainableModel().fit(data, null, { ...quiet, batchSize: 4, callbacks: new Begin() });
    assert.deepEqual(seen, [
      [0, { step: 0, batchSize: 4 }],
      [1, { step: 1, batchSize: 2 }],
    ]);
  });
});

describe('LRScheduler', () => {
  /** The learning rates after each of two epochs of three batches. */
  async function rates(callbacks: Callback[]): Promise<number[]> {
    const scheduler = new StepDecay(1, 2, { gamma: 0.5 });
    const model = new Model(classifier()).prepare(new SGD({ learningRate: scheduler }), new CrossEntropyLoss());
    const seen: number[] = [];
    model.on('epochEnd', () => seen.push(model.optimizer!.getLr()));
    await model.fit(data, null, { ...quiet, epochs: 2, batchSize: 2, callbacks });
    return seen;
  }

  it('steps after every batch by default', async () => {
    assert.deepEqual(await rates([]), [0.5, 0.125]);
    assert.deepEqual(await rates([new LRScheduler()]), [0.5, 0.125]);
  });

  it('steps after every epoch with byEpoch', async () => {
    assert.deepEqual(await rates([new LRScheduler({ byStep: false, byEpoch: true })]), [1, 0.5]);
  });

  it('does nothing without both', async () => {
    assert.deepEqual(await rates([new LRScheduler({ byStep: false })]), [1, 1]);
  });

  it('refuses both', () => {
    assert.throws(() => new LRScheduler({ byEpoch: true }), { code: 'INVALID_ARGUMENT', message: /must not both be/ });
    assert.throws(() => new LRScheduler({ byStep: 1 as never }), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => new LRScheduler({ by_step: true } as object), { code: 'UNKNOWN_OPTION' });
  });
});

describe('ModelCheckpoint', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('saves every saveFreq epochs and at the end, says where and emits checkpoint', async () => {
    const model = trainableModel();
    const paths: string[] = [];
    model.on('checkpoint', (file) => paths.push(file));
    const relative = path.relative('.', path.join(folder, 'deep'));
    const options = { verbose: 2, epochs: 3, saveDir: relative, saveFreq: 2 } as const;
    const printed = await captureConsole(() => model.fit(data, null, options));
    const expected = ['0', '2', 'final'].map((name) => path.join(folder, 'deep', name));
    assert.deepEqual(paths, expected);
    assert.deepEqual(
      printed.split('\n').filter((line) => line.startsWith('save')),
      expected.map((file) => `save checkpoint at ${file}`),
    );
    assert.deepEqual(
      readdirSync(path.join(folder, 'deep')).sort(),
      ['0', '2', 'final'].flatMap((name) => [`${name}.pdparams`, `${name}.pdstate`]),
    );
    const restored = new Model(classifier());
    await restored.load(paths[2]!);
    assert.deepEqual(restored.parameters()[0]!.numpy(), model.parameters()[0]!.numpy());
  });

  it('replaces the automatic one, and saves nothing without a folder', async () => {
    const callbacks = new ModelCheckpoint({ saveFreq: 5 });
    await trainableModel().fit(data, null, { ...quiet, saveDir: folder, callbacks });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('fails the run when it cannot save', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const saveDir = path.join(file, 'below');
    await assert.rejects(trainableModel().fit(data, null, { ...quiet, saveDir }));
  });

  it('refuses wrong options', () => {
    assert.throws(() => new ModelCheckpoint({ saveFreq: 0 }), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => new ModelCheckpoint({ save_dir: folder } as object), { code: 'UNKNOWN_OPTION' });
  });
});
