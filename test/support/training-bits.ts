/**
 * Trains a small network for some steps, twice, and prints a hash of the bits of every loss and parameter.
 *
 * A program of its own: the engine and the number of threads are fixed for a process.
 */
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import './setup.js';
import {
  AvgPool2D,
  BatchNorm2D,
  Conv2D,
  CrossEntropyLoss,
  Dropout,
  Flatten,
  Linear,
  MaxPool2D,
  ReLU,
  Sequential,
} from '../../src/nn/index.js';
import { Adam, Momentum } from '../../src/optimizer/index.js';
import { seed } from '../../src/common/random.js';
import { numbers, tensorOf } from './properties.js';

const [batch, classes] = [16, 10];

function train(): string {
  seed(5);
  const features = new Sequential(
    new Conv2D(3, 24, 3, { padding: 1 }),
    new BatchNorm2D(24),
    new ReLU(),
    new MaxPool2D(2, 2),
    new Conv2D(24, 40, 3, { groups: 4, padding: 1 }),
    new BatchNorm2D(40),
    new ReLU(),
    new Conv2D(40, 40, 3, { groups: 40, stride: 2 }),
    new AvgPool2D(2, 2),
    new Flatten(),
    new Dropout(0.3),
  );
  const size = 40 * 3 * 3;
  const head = new Linear(size, classes);
  const optimizers = [
    new Momentum({ learningRate: 0.05, momentum: 0.9, weightDecay: 1e-4, parameters: features.parameters() }),
    new Adam({ learningRate: 0.01, parameters: head.parameters() }),
  ];
  const loss = new CrossEntropyLoss();
  const labels = tf.tensor1d(
    Int32Array.from({ length: batch }, (_, row) => (row * 7) % classes),
    'int32',
  );
  const bits = createHash('sha256');
  for (let step = 0; step < 3; step++) {
    const value = tf.tidy(() => {
      const x: Tensor = tensorOf(numbers(`images ${step}`, [batch, 3, 28, 28]), [batch, 3, 28, 28]);
      const result = loss.forward(head.forward(features.forward(x)), labels);
      result.backward();
      return result.dataSync();
    });
    for (const optimizer of optimizers) {
      optimizer.step();
      optimizer.clearGrad();
    }
    bits.update(value);
  }
  for (const layer of [features, head]) {
    for (const tensor of Object.values(layer.stateDict())) bits.update(tensor.dataSync());
    layer.dispose();
  }
  labels.dispose();
  return bits.digest('hex');
}

const first = train();
// The second time everything lies somewhere else in memory.
const between = [tf.fill([12_345], NaN), tf.fill([77], Infinity)];
const second = train();
tf.dispose(between);
console.log(first === second ? first : `differs in one process: ${first} and ${second}`);
