import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import '../support/setup.js';
import { FileFormatError, InvalidArgumentError } from '../../src/common/errors.js';
import { Metric } from '../../src/metric/index.js';
import { Model, type FitOptions } from '../../src/model/index.js';
import { obsolete } from '../../src/model/keep-policy.js';
import { decodeState, encodeState, type TrainingState } from '../../src/model/training-state.js';
import { CrossEntropyLoss } from '../../src/nn/index.js';
import { SGD, lr } from '../../src/optimizer/index.js';
import { classifier, Points, quiet, trainableModel } from './support.js';

describe('state files', () => {
  it('give every number back with its bits', () => {
    const numbers = [NaN, Infinity, -Infinity, -0, 0, 0.1, 5e-324, 1.7976931348623157e308, 2 ** 53];
    const state = { logs: { loss: numbers }, epochs: [{ loss: NaN }] } as unknown as TrainingState;
    const files = { '.pdparams': { bytes: 3, sha256: 'ab' } };
    const read = decodeState('file', encodeState({ files, state }));
    assert.deepEqual(read, { files, state });
    assert.ok(Object.is((read.state.logs.loss ?? [])[3], -0));
  });

  it('refuse other content, naming the file', () => {
    for (const [text, message] of [
      ['{', /^a\/b is not the state of a training$/],
      ['{"format":"other"}', /^a\/b is not the state of a training$/],
      [
        '{"format":"paddlewheel training state","version":2,"files":{},"state":{}}',
        /^a\/b has version 2, this library reads version 1$/,
      ],
    ] as const) {
      assert.throws(
        () => decodeState('a/b', text),
        (error) => error instanceof FileFormatError && error.path === 'a/b' && message.test(error.message),
      );
    }
  });
});

describe('keep policy', () => {
  it('lets all checkpoints within epochs go but the newest complete one', () => {
    const names = (entries: readonly (readonly [string, boolean])[]) =>
      obsolete(entries.map(([name, isComplete]) => ({ name, isComplete })));
    assert.deepEqual(
      names([
        ['0', true],
        ['final', true],
        ['step-9', true],
        ['step-10', true],
        ['step-11', false],
        ['best_model', false],
        ['step-x', false],
      ]),
      ['step-9', 'step-11'],
    );
    assert.deepEqual(names([['1', true]]), []);
  });
});

describe('checkpoints of fit', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are saved on demand, with what a listener did', async () => {
    const model = trainableModel();
    const file = path.join(folder, 'own');
    const written: string[] = [];
    model.on('checkpoint', (name) => written.push(name));
    model.on('trainBatchEnd', async (step) => {
      if (step !== 1) return;
      await model.saveCheckpoint(file);
      assert.ok(!existsSync(`${file}.pdparams`));
    });
    await model.fit(new Points(8), null, { ...quiet, batchSize: 2 });
    assert.deepEqual(written, [file]);
    assert.ok(existsSync(`${file}.pdstate`));
    // The weights are those after two of the four batches.
    const half = trainableModel();
    await half.fit(new Points(4), null, { ...quiet, batchSize: 2 });
    const loaded = new Model(classifier());
    await loaded.load(file);
    assert.deepEqual(loaded.parameters()[0]!.numpy(), half.parameters()[0]!.numpy());
  });

  it('outside of a run are plain files of weights', async () => {
    const model = trainableModel();
    await model.saveCheckpoint(path.join(folder, 'now'));
    assert.ok(existsSync(path.join(folder, 'now.pdparams')));
    assert.ok(!existsSync(path.join(folder, 'now.pdstate')));
  });

  it('of another training lose their state at the first save of a new one', async () => {
    await trainableModel().fit(new Points(4), null, { ...quiet, epochs: 3, saveDir: folder });
    await trainableModel().fit(new Points(4), null, { ...quiet, epochs: 1, saveDir: folder });
    assert.ok(!existsSync(path.join(folder, '2.pdstate')));
    assert.ok(existsSync(path.join(folder, '2.pdparams')));
    const { epochs } = await trainableModel().fit(new Points(4), null, { ...quiet, saveDir: folder, resume: true });
    assert.equal(epochs.length, 1);
  });

  it('need a folder', async () => {
    for (const options of [{ saveSteps: 1 }, { resume: true }, { stopOnSignal: true }] as FitOptions[]) {
      const [name] = Object.keys(options);
      await assert.rejects(trainableModel().fit(new Points(4), null, { ...quiet, ...options }), {
        code: 'INVALID_ARGUMENT',
        message: `${name} needs saveDir, the folder of the checkpoints`,
      });
    }
  });

  it('within epochs need metrics with a state', async () => {
    class Plain extends Metric {
      readonly higherIsBetter = true;
      update(): number {
        return 0;
      }
      accumulate(): number {
        return 0;
      }
      reset(): void {
        // Nothing is kept.
      }
      name(): string {
        return 'plain';
      }
    }
    const model = new Model(classifier()).prepare(new SGD({ learningRate: 0.1 }), new CrossEntropyLoss(), new Plain());
    await assert.rejects(
      model.fit(new Points(4), null, { ...quiet, saveDir: folder, saveSteps: 1 }),
      (error) => error instanceof InvalidArgumentError && error.message.includes('Plain has none'),
    );
    await model.fit(new Points(4), null, { ...quiet, saveDir: folder });
  });

  it('do not fit an optimizer with another kind of learning rate', async () => {
    await trainableModel().fit(new Points(4), null, { ...quiet, saveDir: folder });
    const scheduled = new Model(classifier()).prepare(
      new SGD({ learningRate: new lr.StepDecay(0.1, 2) }),
      new CrossEntropyLoss(),
    );
    await assert.rejects(
      scheduled.fit(new Points(4), null, { ...quiet, saveDir: folder, resume: true }),
      /the learning rate of the checkpoint had no schedule, that of the optimizer has one/,
    );
  });
});
