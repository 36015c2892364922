import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { NdArray } from '../../src/common/ndarray.js';
import { Dataset } from '../../src/io/index.js';
import { settle } from '../support/memory.js';
import { pointBatch, Points, quiet, trainableModel } from './support.js';

/** Points that note when each batch of two is read, and may fail. */
class Noted extends Points {
  constructor(
    count: number,
    readonly notes: string[],
    readonly bad = -1,
  ) {
    super(count);
  }

  override getItem(index: number): [NdArray, NdArray] {
    if (index % 2 === 0) this.notes.push(`read ${index / 2}`);
    if (index === this.bad) throw new RangeError('no such sample');
    return super.getItem(index);
  }
}

describe('batches ahead', () => {
  it('are made while the engine computes, before the results of a batch are read', async () => {
    const notes: string[] = [];
    const model = trainableModel();
    model.on('trainBatchBegin', (step) => void notes.push(`begin ${step}`));
    model.on('trainBatchEnd', (step) => void notes.push(`end ${step}`));
    await model.fit(new Noted(8, notes), null, { ...quiet, batchSize: 2 });
    const last = (text: string) => notes.lastIndexOf(text);
    assert.deepEqual(
      notes.filter((note) => !note.startsWith('read')),
      [0, 1, 2, 3].flatMap((step) => [`begin ${step}`, `end ${step}`]),
    );
    for (const step of [1, 2, 3]) assert.ok(last(`read ${step}`) < last(`end ${step - 1}`));
  });

  it('do not keep the results of a batch waiting', async () => {
    let open = (): void => undefined;
    class Slow extends Dataset<[NdArray, NdArray]> {
      readonly length = 8;
      readonly #points = new Points(8);
      async getItem(index: number): Promise<[NdArray, NdArray]> {
        if (index === 4) await new Promise<void>((resolve) => (open = resolve));
        return this.#points.getItem(index);
      }
    }
    const model = trainableModel();
    const ended: number[] = [];
    model.on('trainBatchEnd', (step) => {
      ended.push(step);
      // The third batch, which the second does not wait for.
      if (step === 1) setTimeout(open, 5);
    });
    await model.fit(new Slow(), null, { ...quiet, batchSize: 2 });
    assert.deepEqual(ended, [0, 1, 2, 3]);
  });

  it('tell an error when their turn comes: the batch before ends as ever', async () => {
    const notes: string[] = [];
    const model = trainableModel();
    model.on('trainBatchEnd', (step, { loss }) => void notes.push(`end ${step} ${typeof loss![0]}`));
    const fit = model.fit(new Noted(8, [], 4), null, { ...quiet, batchSize: 2 });
    await assert.rejects(fit, /no such sample/);
    assert.deepEqual(notes, ['end 0 number', 'end 1 number']);
  });

  it('are freed when nobody wants them', async () => {
    const model = trainableModel();
    await model.fit(new Points(8), null, { ...quiet, batchSize: 2 });
    await settle();
    const { numTensors } = tf.memory();
    model.on('trainBatchEnd', (step) => void (model.stopAfterBatch = step === 1));
    await model.fit(new Points(8), null, { ...quiet, batchSize: 2 });
    model.on('trainBatchEnd', () => {
      throw new Error('enough');
    });
    await assert.rejects(model.fit(new Points(8), null, { ...quiet, batchSize: 2 }), /enough/);
    assert.equal(tf.memory().numTensors, numTensors);
  });

  it('are not made of other data than that of a loader, which may depend on the results', async () => {
    const notes: string[] = [];
    const model = trainableModel();
    model.on('trainBatchEnd', (step) => void notes.push(`end ${step}`));
    function* batches() {
      for (let step = 0; step < 3; step++) {
        notes.push(`make ${step}`);
        yield pointBatch(2, `ahead${step}`);
      }
    }
    await model.fit({ [Symbol.iterator]: batches }, null, quiet);
    assert.deepEqual(
      notes,
      [0, 1, 2].flatMap((step) => [`make ${step}`, `end ${step}`]),
    );
  });

  it('are not made beyond numIters', async () => {
    const notes: string[] = [];
    await trainableModel().fit(new Noted(24, notes), null, { ...quiet, batchSize: 2, numIters: 3 });
    // The loader reads one batch ahead of the one that it makes.
    assert.deepEqual(notes, ['read 0', 'read 1', 'read 2', 'read 3']);
  });
});
