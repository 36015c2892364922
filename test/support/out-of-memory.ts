/**
 * Trains with a batch that the engine has no memory for, and then with a smaller one.
 *
 * A program of its own: what an engine keeps from other tests would serve the large batch.
 */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { engineBackend } from '../../src/engine/index.js';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss } from '../../src/nn/index.js';
import { Momentum } from '../../src/optimizer/index.js';
import { LeNet } from '../../src/vision/models/index.js';
import { settle } from './memory.js';
import { Samples } from './samples.js';
import './setup.js';

async function main(): Promise<void> {
  const { pool } = engineBackend()!;
  const network = new LeNet();
  const model = new Model(network).prepare(new Momentum({ learningRate: 0.01 }), new CrossEntropyLoss());
  const data = new Samples('digits', 256);
  const fit = (batchSize: number) => model.fit(data, null, { verbose: 0, batchSize, numIters: 2 });
  const weights = () => Object.values(network.stateDict()).map((tensor) => Array.from(tensor.dataSync()));
  await fit(8);
  await settle();
  const before = { bytes: pool.liveBytes, tensors: tf.memory().numTensors, weights: weights() };
  pool.limit = pool.liveBytes + pool.pooledBytes;
  await assert.rejects(fit(256), { code: 'OUT_OF_MEMORY', message: /use a smaller batch/ });
  await settle();
  assert.deepEqual({ bytes: pool.liveBytes, tensors: tf.memory().numTensors, weights: weights() }, before);
  const { epochs } = await fit(8);
  assert.ok(Number.isFinite(epochs[0]!.loss));
  assert.notDeepEqual(weights(), before.weights);
}

void main();
