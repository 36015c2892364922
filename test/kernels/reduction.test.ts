import '../support/setup.js';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { assertValues, indicesOf, input, placeOf } from './reference.js';

const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 5 });

/** Checks the sum and the mean over some axes. */
function checkSums(shape: readonly number[], axes: readonly number[], keepDims: boolean): void {
  tf.tidy(() => {
    const x = input('x', shape);
    const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const sums = new Float64Array(sizeOf(kept));
    let place = 0;
    for (const index of indicesOf(shape)) {
      sums[
        placeOf(
          index.map((position, axis) => (axes.includes(axis) ? 0 : position)),
          kept,
        )
      ]! += x.values[place++]!;
    }
    const out = keepDims ? kept : shape.filter((_, axis) => !axes.includes(axis));
    assertValues(tf.sum(x.tensor, [...axes], keepDims), out, sums, 'sum');
    const count = sizeOf(shape) / sums.length;
    assertValues(
      tf.mean(x.tensor, [...axes], keepDims),
      out,
      sums.map((sum) => sum / count),
      'mean',
      1e-6,
    );
  });
}

describe('sums and means', () => {
  it('over any axes', () => {
    const cases = shapes.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.subarray([...shape.keys()], { minLength: Math.min(1, shape.length) }),
        fc.boolean(),
      ),
    );
    fc.assert(
      fc.property(cases, ([shape, axes, keepDims]) => checkSums(shape, axes, keepDims)),
      { numRuns: 150 },
    );
  });

  it('over long axes', () => {
    checkSums([3, 1029], [1], false);
    checkSums([1029, 3], [0], false);
    checkSums([5, 517, 6], [1], true);
    checkSums([70001], [0], false);
  });

  it('lose few digits of many numbers of one sign', () => {
    const x = input('positive', [300_000], 0, 1);
    const expected = x.values.reduce((sum, value) => sum + value, 0);
    assertValues(tf.sum(x.tensor), [], [expected], 'sum', 1e-5);
  });

  it('of nothing are zero', () => {
    assertValues(tf.sum(tf.zeros([0, 3]), 0), [3], [0, 0, 0], 'sum');
    assertValues(tf.sum(tf.zeros([3, 0]), 0), [0], [], 'sum');
  });

  it('of integers are exact', () => {
    const x = tf.tensor1d([2 ** 24, 1, 1, 1], 'int32');
    assertValues(tf.sum(x), [], [2 ** 24 + 3], 'sum', 0);
  });
});

/** Checks a permutation of axes. */
function checkTranspose(shape: readonly number[], perm: readonly number[], dtype: 'float32' | 'int32'): void {
  tf.tidy(() => {
    const x = Int32Array.from({ length: sizeOf(shape) }, (_, index) => index);
    const out = perm.map((axis) => shape[axis]!);
    const expected = [...indicesOf(out)].map((index) => {
      const source = shape.map((_, axis) => index[perm.indexOf(axis)]!);
      return placeOf(source, shape);
    });
    assertValues(tf.transpose(tf.tensor(x, [...shape], dtype), [...perm]), out, expected, `[${perm.join()}]`, 0);
  });
}

describe('transposition', () => {
  it('moves the elements by any permutation', () => {
    const cases = shapes.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
        fc.constantFrom('float32' as const, 'int32' as const),
      ),
    );
    fc.assert(
      fc.property(cases, ([shape, perm, dtype]) => checkTranspose(shape, perm, dtype)),
      { numRuns: 150 },
    );
  });

  it('handles long axes and axes without elements', () => {
    checkTranspose([67, 261], [1, 0], 'float32');
    checkTranspose([3, 17, 66], [2, 1, 0], 'float32');
    checkTranspose([2, 35, 9, 5], [0, 3, 1, 2], 'float32');
    checkTranspose([0, 4], [1, 0], 'float32');
    checkTranspose([2, 0, 3], [2, 1, 0], 'float32');
  });
});
