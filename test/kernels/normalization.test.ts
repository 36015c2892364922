import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../src/common/errors.js';
import { batchNormInference, batchNormTraining } from '../../src/engine/index.js';
import { batchNorm } from '../support/reference.js';
import { assertValues, input } from './reference.js';

const vector = (tensor: Tensor) => tensor as Tensor1D;

/** Checks training and its gradients. */
function checkTraining(shape: readonly number[], epsilon: number, low = -2, high = 2, tolerance = 2e-5): void {
  tf.tidy(() => {
    const channels = shape.at(-1)!;
    const x = input('x', shape, low, high);
    const [scale, shift] = [input('scale', [channels], 0.5, 2), input('shift', [channels])];
    const dy = input('dy', shape);
    const expected = batchNorm(channels, epsilon, {
      x: x.values,
      scale: scale.values,
      shift: shift.values,
      dy: dy.values,
    });
    const run = (a: Tensor, b: Tensor, c: Tensor) => batchNormTraining(a, vector(b), vector(c), { epsilon });
    const inputs = [x.tensor, scale.tensor, shift.tensor] as const;
    const [gotY, gotMean, gotVariance] = run(...inputs);
    assertValues(gotY, shape, expected.y, 'result', tolerance);
    assertValues(gotMean, [channels], expected.mean, 'mean', 1e-6);
    assertValues(gotVariance, [channels], expected.variance, 'variance', tolerance);
    const [gotDx, gotDscale, gotDshift] = tf.grads((a, b, c) => run(a, b, c)[0])([...inputs], dy.tensor);
    assertValues(gotDx!, shape, expected.dx, 'input gradient', tolerance);
    assertValues(gotDscale!, [channels], expected.dscale, 'gradient of the scale', tolerance);
    assertValues(gotDshift!, [channels], expected.dshift, 'gradient of the shift', tolerance);
  });
}

const lengths = fc.integer({ min: 1, max: 7 });
const shapes = fc
  .tuple(fc.array(lengths, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 19 }))
  .map(([outer, channels]) => [...outer, channels]);

// test/engine/properties/normalization.test.ts has random shapes.
describe('batch normalisation', () => {
  it('handles a single row, one channel and many rows', () => {
    checkTraining([1, 5], 0.1);
    checkTraining([3, 1], 0.1);
    checkTraining([3000, 3], 1e-5, -2, 2, 1e-4);
    checkTraining([4, 520], 1e-3);
  });

  it('keeps the digits of a variance far smaller than the mean', () => {
    checkTraining([200, 6], 1e-5, 99, 101, 3e-4);
  });

  it('in inference scales by given moments', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        tf.tidy(() => {
          const channels = shape.at(-1)!;
          const [x, dy] = [input('x', shape), input('dy', shape)];
          const [mean, variance] = [input('mean', [channels]), input('variance', [channels], 0.5, 2)];
          const [scale, shift] = [input('scale', [channels]), input('shift', [channels])];
          const factorOf = (c: number) => scale.values[c]! / Math.sqrt(variance.values[c]! + 1e-5);
          const expected = Array.from(x.values, (value, place) => {
            const c = place % channels;
            return (value - mean.values[c]!) * factorOf(c) + shift.values[c]!;
          });
          const run = (image: Tensor) =>
            batchNormInference(
              image,
              vector(mean.tensor),
              vector(variance.tensor),
              vector(scale.tensor),
              vector(shift.tensor),
              { epsilon: 1e-5 },
            );
          assertValues(run(x.tensor), shape, expected, 'result', 1e-6);
          const dx = Array.from(dy.values, (value, place) => value * factorOf(place % channels));
          assertValues(tf.grad(run)(x.tensor, dy.tensor), shape, dx, 'gradient', 1e-6);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('refuses vectors of another length than the channels', () => {
    const [x, two, three] = [tf.zeros([4, 3]), tf.zeros<tf.Rank.R1>([2]), tf.zeros<tf.Rank.R1>([3])];
    assert.throws(() => batchNormTraining(x, two, three, { epsilon: 1e-5 }), ShapeMismatchError);
    assert.throws(() => batchNormInference(x, three, three, three, two, { epsilon: 1e-5 }), ShapeMismatchError);
  });
});
