import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { assertDigest, describeOracle, image, labels, uniform, type Digest } from '../support/oracle.js';
import * as nn from '../../src/nn/index.js';
import type { Reduction } from '../../src/nn/functional/index.js';

const { CrossEntropyLoss, functional: F } = nn;

interface LossCase {
  readonly loss: number[];
  readonly shape: number[];
  readonly grad: Digest;
}

const logits = () => image('logits', [6, 5]);
const hard = () => labels('lab', 6, 5);
const ignored = () => {
  const values = hard().dataSync().slice();
  values[2] = -100;
  return tf.tensor2d(values, [6, 1], 'int32');
};
const soft = () => tf.tidy(() => tf.div(tf.abs(image('soft', [6, 5])), tf.sum(tf.abs(image('soft', [6, 5])), 1, true)));
const probabilities = () =>
  tf.tensor2d(
    Float32Array.from(uniform('p', 30), (u) => 0.05 + 0.9 * u),
    [6, 5],
  );
const binary = () =>
  tf.tensor2d(
    Float32Array.from(uniform('t', 30), (u) => Number(u > 0.5)),
    [6, 5],
  );
const weight = () => tf.tensor1d(Float32Array.from(uniform('w', 5), (u) => 0.5 + u));

type Loss = (input: Tensor) => Tensor;

const ofReduction = (reduction: Reduction): Record<string, Loss> => ({
  [`CrossEntropyLoss_${reduction}`]: (a) => new CrossEntropyLoss({ reduction }).forward(a, hard()),
  [`CrossEntropyLoss_weight_${reduction}`]: (a) =>
    new CrossEntropyLoss({ weight: weight(), reduction }).forward(a, hard()),
  [`CrossEntropyLoss_soft_${reduction}`]: (a) =>
    new CrossEntropyLoss({ softLabel: true, reduction }).forward(a, soft()),
  [`MSELoss_${reduction}`]: (a) => new nn.MSELoss({ reduction }).forward(a, probabilities()),
  [`L1Loss_${reduction}`]: (a) => new nn.L1Loss({ reduction }).forward(a, probabilities()),
  [`SmoothL1Loss_${reduction}`]: (a) => new nn.SmoothL1Loss({ reduction }).forward(a, tf.mul(probabilities(), 3)),
  [`BCELoss_${reduction}`]: (a) => new nn.BCELoss({ reduction }).forward(a, binary()),
  [`BCEWithLogitsLoss_${reduction}`]: (a) => new nn.BCEWithLogitsLoss({ reduction }).forward(a, binary()),
  [`NLLLoss_${reduction}`]: (a) => new nn.NLLLoss({ reduction }).forward(F.logSoftmax(a), tf.reshape(hard(), [-1])),
  [`KLDivLoss_${reduction}`]: (a) => new nn.KLDivLoss({ reduction }).forward(F.logSoftmax(a), soft()),
});

const losses: Record<string, Loss> = {
  ...ofReduction('mean'),
  ...ofReduction('sum'),
  ...ofReduction('none'),
  CrossEntropyLoss_ignore: (a) => new CrossEntropyLoss().forward(a, ignored()),
  CrossEntropyLoss_smooth: (a) => F.crossEntropy(a, tf.reshape(hard(), [-1]), { labelSmoothing: 0.1 }),
  CrossEntropyLoss_smooth_soft: (a) => F.crossEntropy(a, soft(), { softLabel: true, labelSmoothing: 0.1 }),
  KLDivLoss_batchmean: (a) => new nn.KLDivLoss({ reduction: 'batchmean' }).forward(F.logSoftmax(a), soft()),
  BCEWithLogitsLoss_pos: (a) => new nn.BCEWithLogitsLoss({ posWeight: weight() }).forward(a, binary()),
  CrossEntropyLoss_1d: (a) => new CrossEntropyLoss({ reduction: 'none' }).forward(a, tf.reshape(hard(), [-1])),
};

describeOracle<LossCase>('losses', (name, expected) => {
  const compute = losses[name];
  assert.ok(compute, `no loss for the case ${name}`);
  const input = name.startsWith('BCELoss') ? probabilities() : logits();
  input.stopGradient = false;
  const loss = compute(input);
  assert.deepEqual(loss.shape, expected.shape);
  loss.dataSync().forEach((value, i) => {
    const wanted = expected.loss[i]!;
    assert.ok(Math.abs(value - wanted) <= 1e-5 * Math.max(1, Math.abs(wanted)), `loss ${i}: ${value}, not ${wanted}`);
  });
  tf.sum(loss).backward();
  assertDigest(input.grad!, expected.grad, 1e-5, 'gradient');
});
