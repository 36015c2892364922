import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { NdArray } from '../../src/common/ndarray.js';
import { seed } from '../../src/common/random.js';
import { DataLoader, IterableDataset } from '../../src/io/index.js';
import { Model, type FitOptions } from '../../src/model/index.js';
import { CrossEntropyLoss, Flatten, Linear, Sequential } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { settle } from '../support/memory.js';
import { Images, Noisy } from './support/datasets.js';

/** Steps of the memory test; `npm run test:memory` makes it 2,000. */
const steps = Number(process.env.PADDLEWHEEL_MEMORY_STEPS ?? 150);

/** Bytes in buffers, after a collection. */
async function bufferBytes(): Promise<number> {
  await settle();
  const { arrayBuffers, external } = process.memoryUsage();
  return arrayBuffers + external;
}

describe('training with workers', () => {
  it('gives the losses of training without, and ends the workers', async () => {
    const threads: Worker[] = [];
    const ended: Worker[] = [];
    const follow = (worker: Worker) => {
      threads.push(worker);
      worker.once('exit', () => ended.push(worker));
    };
    const train = async (options: FitOptions) => {
      seed(3);
      const model = new Model(new Linear(3, 12)).prepare(new SGD({ learningRate: 0.1 }), new CrossEntropyLoss());
      const { epochs } = await model.fit(new Noisy(12), new Noisy(6), {
        epochs: 3,
        batchSize: 4,
        verbose: 0,
        ...options,
      });
      return epochs.map(({ loss, val }) => [loss, val?.loss]);
    };
    const expected = await train({});
    process.on('worker', follow);
    try {
      assert.deepEqual(await train({ numWorkers: 2 }), expected);
    } finally {
      process.off('worker', follow);
    }
    // Two for training and two for evaluation, kept for all epochs.
    assert.equal(threads.length, 4);
    assert.equal(ended.length, 4);
  });

  it('reads an iterable data set in its order, in every epoch', async () => {
    class Columns extends IterableDataset<[NdArray, number]> {
      *iterate(): Generator<[NdArray, number]> {
        for (let i = 0; i < 5; i++) yield [new NdArray(Float32Array.of(i), [1]), 0];
      }
    }
    const order: number[] = [];
    const network = new Linear(1, 2);
    network.registerForwardPreHook((_layer, [x]) => {
      order.push(...x.dataSync());
    });
    const model = new Model(network).prepare(new SGD(), new CrossEntropyLoss());
    await model.fit(new Columns(), null, { batchSize: 2, epochs: 2, verbose: 0 });
    assert.deepEqual(order, [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  });

  it(`keeps memory flat over ${steps} steps`, async function () {
    this.timeout(20_000 + 200 * steps);
    const network = new Sequential(new Flatten(), new Linear(4096, 2));
    const model = new Model(network).prepare(new SGD({ learningRate: 0.01 }), new CrossEntropyLoss());
    const loader = new DataLoader(new Images(16 * steps), { batchSize: 16, numWorkers: 2 });
    const seen: { tensors: number; bytes: number; rss: number }[] = [];
    let step = 0;
    for await (const [image, label] of loader) {
      model.trainBatch([image], [label]);
      tf.dispose([image, label]);
      if (++step === 50 || step === steps) {
        seen.push({ bytes: await bufferBytes(), tensors: tf.memory().numTensors, rss: process.memoryUsage().rss });
      }
    }
    assert.equal(step, steps);
    const [early, late] = seen;
    assert.equal(late!.tensors, early!.tensors);
    // A batch has 262 KB: were they kept, it would be 26 MB and more.
    assert.ok(late!.bytes - early!.bytes < 5e6, `${late!.bytes - early!.bytes} bytes more`);
    assert.ok(late!.rss - early!.rss < 2e8, `${late!.rss - early!.rss} bytes more in the process`);
  });
});
