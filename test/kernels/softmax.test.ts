import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { grad } from '../../src/autograd/index.js';
import { ShapeMismatchError } from '../../src/common/errors.js';
import { sizeOf } from '../../src/common/ndarray.js';
import { logSoftmax, softmax, softmaxCrossEntropy } from '../../src/engine/index.js';
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
      return { loss: logSum - Math.max(row[label]!, Math.max(...row) - 64), gradient };
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

  /** The rows along an axis: places of their elements in row-major order. */
  function placesAlong(shape: readonly number[], axis: number): number[][] {
    const inner = sizeOf(shape.slice(axis + 1));
    const length = shape[axis]!;
    return Array.from({ length: sizeOf(shape) / length }, (_, row) => {
      const first = Math.floor(row / inner) * length * inner + (row % inner);
      return Array.from({ length }, (_, position) => first + position * inner);
    });
  }

  it('softmax, its logarithm and their gradients follow from the definition along any axis', () => {
    const cases = fc
      .array(fc.integer({ min: 1, max: 21 }), { minLength: 1, maxLength: 3 })
      .chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1), fc.constantFrom(1, 30, 1000)));
    fc.assert(
      fc.property(cases, ([shape, axis, range]) => {
        tf.tidy(() => {
          const [x, dy] = [input('x', shape, -range, range), input('dy', shape)];
          const size = sizeOf(shape);
          const expected = { y: new Float64Array(size), logY: new Float64Array(size) };
          const gradients = { y: new Float64Array(size), logY: new Float64Array(size) };
          for (const places of placesAlong(shape, axis)) {
            const { probabilities, logSum } = softmaxOf(places.map((place) => x.values[place]!));
            const sum = places.reduce((total, place) => total + dy.values[place]!, 0);
            const weighted = places.reduce((total, place, c) => total + dy.values[place]! * probabilities[c]!, 0);
            places.forEach((place, c) => {
              expected.y[place] = probabilities[c]!;
              expected.logY[place] = x.values[place]! - logSum;
              gradients.y[place] = probabilities[c]! * (dy.values[place]! - weighted);
              gradients.logY[place] = dy.values[place]! - probabilities[c]! * sum;
            });
          }
          const first = tf.valueAndGrad((a) => softmax(a, axis))(x.tensor, dy.tensor);
          assertValues(first.value, shape, expected.y, 'softmax', 1e-6);
          assertValues(first.grad, shape, gradients.y, 'gradient of softmax', 2e-6);
          const second = tf.valueAndGrad((a) => logSoftmax(a, axis))(x.tensor, dy.tensor);
          assertValues(second.value, shape, expected.logY, 'logarithm', 1e-6);
          assertValues(second.grad, shape, gradients.logY, 'gradient of the logarithm', 2e-6);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('have gradients of their gradients', () => {
    const values = [0.3, -1.2, 0.8, 2.1];
    const weights = tf.tensor1d([1, -0.5, 2, 0.25]);
    for (const run of [softmax, logSoftmax]) {
      const at = (x: Tensor) => grad(run(x, 0), x, { gradOutputs: weights, createGraph: true })[0]!;
      const x = tf.tensor1d(values);
      x.stopGradient = false;
      const [second] = grad(tf.sum(tf.square(at(x))), x);
      const expected = values.map((_, place) => {
        const penalty = (step: number) => {
          const moved = tf.tensor1d(values.map((value, index) => value + (index === place ? step : 0)));
          moved.stopGradient = false;
          return tf.sum(tf.square(at(moved))).dataSync()[0]!;
        };
        return (penalty(0.01) - penalty(-0.01)) / 0.02;
      });
      assertValues(second!, [4], expected, 'second gradient', 1e-3);
    }
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
    assertValues(losses, [3], [64, Math.log(2), Math.log(2)], 'losses', 1e-6);
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
