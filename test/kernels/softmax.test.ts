import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../src/common/errors.js';
import { softmaxCrossEntropy } from '../../src/engine/index.js';
import { assertValues, input } from './reference.js';

/** Softmax of a row in double precision, and the logarithm of the sum of exponentials. */
function softmaxOf(row: readonly number[]): { probabilities: number[]; logSum: number } {
  const highest = Math.max(...row);
  const powers = row.map((value) => Math.exp(value - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return { probabilities: powers.map((power) => power / sum), logSum: highest + Math.log(sum) };
}

function rowsOf(values: Float32Array, classes: number): number[][] {
  return Array.from({ length: values.length / classes }, (_, row) => [
    ...values.slice(row * classes, (row + 1) * classes),
  ]);
}

function checkCrossEntropy(rows: number, classes: number, range: number, ignored: number): void {
  tf.tidy(() => {
    const logits = input('logits', [rows, classes], -range, range);
    const dy = input('dy', [rows]);
    const labels = Array.from({ length: rows }, (_, row) => (row * 7 + 3) % classes);
    if (ignored < 0) labels.fill(ignored, 0, Math.floor(rows / 3));
    const reference = rowsOf(logits.values, classes).map((row, index) => {
      const { probabilities, logSum } = softmaxOf(row);
      const label = labels[index]!;
      if (label === ignored) return { loss: 0, gradient: row.map(() => 0) };
      const gradient = probabilities.map((p, c) => dy.values[index]! * (p - Number(c === label)));
      return { loss: logSum - row[label]!, gradient };
    });
    const run = (x: Tensor) => softmaxCrossEntropy(x as Tensor2D, tf.tensor1d(labels, 'int32'), ignored);
    assertValues(
      run(logits.tensor),
      [rows],
      reference.map(({ loss }) => loss),
      'losses',
      2e-6,
    );
    const gradient = tf.grad(run)(logits.tensor, dy.tensor);
    assertValues(
      gradient,
      logits.shape,
      reference.flatMap((row) => row.gradient),
      'gradient',
      2e-6,
    );
  });
}

describe('softmax and cross entropy', () => {
  it('softmax divides exponentials by their sum', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 }), (rows, classes) => {
        const x = input('x', [rows, classes], -20, 20);
        const expected = rowsOf(x.values, classes).flatMap((row) => softmaxOf(row).probabilities);
        assertValues(tf.softmax(x.tensor), x.shape, expected, 'softmax', 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  it('the loss and its gradient follow from the definition', () => {
    const counts = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(
        counts,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(1, 10, 1000),
        fc.constantFrom(-1, -100),
        checkCrossEntropy,
      ),
      { numRuns: 60 },
    );
    checkCrossEntropy(5, 1003, 10, -100);
    checkCrossEntropy(300, 10, 10, -100);
  });

  it('stay finite for logits of any size', () => {
    const logits = tf.tensor2d([
      [1e30, -1e30],
      [3e38, 3e38],
      [-3e38, -3e38],
    ]);
    const labels = tf.tensor1d([1, 0, 1], 'int32');
    const losses = softmaxCrossEntropy(logits, labels, -100);
    assertValues(losses, [3], [2e30, Math.log(2), Math.log(2)], 'losses', 1e-6);
    assertValues(tf.softmax(logits), [3, 2], [1, 0, 0.5, 0.5, 0.5, 0.5], 'softmax', 1e-6);
  });

  it('NaN stays in its row', () => {
    const losses = softmaxCrossEntropy(
      tf.tensor2d([
        [NaN, 1],
        [1, 1],
      ]),
      tf.tensor1d([1, 1], 'int32'),
      -100,
    ).dataSync();
    assert.ok(Number.isNaN(losses[0]));
    assert.ok(Math.abs(losses[1]! - Math.LN2) < 1e-6);
  });

  it('refuses labels that do not fit the rows', () => {
    const logits = tf.zeros<tf.Rank.R2>([2, 3]);
    assert.throws(() => softmaxCrossEntropy(logits, tf.tensor1d([1], 'int32'), -100), ShapeMismatchError);
    const column = tf.zeros([2, 1], 'int32') as unknown as Tensor1D;
    assert.throws(() => softmaxCrossEntropy(logits, column, -100), ShapeMismatchError);
  });
});
