import '../support/setup.js';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { classifier, Points, quiet } from '../model/support.js';
import { Tracer } from '../support/tracer.js';
import { captureWarnings } from '../support/warnings.js';

const data = new Points(6);

/** A model whose loss is multiplied with `factor` from its batch `first` on, counted from 0. */
function failingModel(factor: number, first: number) {
  const cross = new CrossEntropyLoss();
  let batch = 0;
  const loss = (output: Tensor, label: Tensor) => {
    const value = cross.forward(output, label);
    return batch++ >= first ? tf.mul(value, factor) : value;
  };
  return new Model(classifier()).prepare(new SGD({ learningRate: 0.1 }), loss);
}

describe('onNaN', () => {
  const options = { ...quiet, batchSize: 2, epochs: 3 } as const;

  it('warns once in a run, with the epoch and step as the progress shows them', async () => {
    const model = failingModel(NaN, 4);
    const warnings = await captureWarnings(async () => {
      const { epochs } = await model.fit(data, null, options);
      assert.equal(epochs.length, 3);
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^the loss is NaN in step 2\/3 of epoch 2\/3; /);
    assert.equal((await captureWarnings(() => model.fit(data, null, options))).length, 1);
  });

  it('takes an infinite loss for one', async () => {
    const warnings = await captureWarnings(() => failingModel(Infinity, 0).fit(data, null, options));
    assert.match(warnings.join(), /^the loss is Infinity in step 1\/3 of epoch 1\/3; /);
  });

  it('says nothing about finite losses', async () => {
    assert.deepEqual(await captureWarnings(() => failingModel(1, 0).fit(data, null, options)), []);
  });

  it("ends the run after that batch, with a checkpoint, on 'stop'", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-'));
    try {
      const tracer = new Tracer();
      // Three batches of training, three of the evaluation, and one more are fine.
      const model = failingModel(NaN, 7);
      const warnings = await captureWarnings(async () => {
        const stopping = { ...options, onNaN: 'stop', saveDir: folder, callbacks: tracer } as const;
        const { epochs } = await model.fit(data, data, stopping);
        assert.deepEqual(
          epochs.map(({ loss, val }) => [Number.isNaN(loss), val !== undefined]),
          [
            [false, true],
            [true, false],
          ],
        );
      });
      assert.match(warnings.join(), /^the loss is NaN in step 2\/3 of epoch 2\/3; training ends here/);
      const last = tracer.events.slice(-3).map(([name, step]) => [name, step]);
      assert.deepEqual(last, [
        ['trainBatchBegin', 1],
        ['trainBatchEnd', 1],
        ['trainEnd', null],
      ]);
      const params = readdirSync(folder).filter((file) => file.endsWith('.pdparams'));
      assert.deepEqual(params.sort(), ['0.pdparams', 'final.pdparams']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('does not hold back a later run', async () => {
    const model = failingModel(NaN, 0);
    await captureWarnings(() => model.fit(data, null, { ...options, onNaN: 'stop' }));
    const warnings = await captureWarnings(async () => {
      assert.equal((await model.fit(data, null, options)).epochs.length, 3);
    });
    assert.equal(warnings.length, 1);
  });

  it('refuses other values', async () => {
    await assert.rejects(failingModel(1, 0).fit(data, null, { onNaN: 'ignore' as 'warn' }), {
      code: 'INVALID_ARGUMENT',
      message: /onNaN must be one of 'warn', 'stop', got "ignore"/,
    });
  });
});
