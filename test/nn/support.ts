/** Data of the tests of layers. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';

const fill = (shape: readonly number[], value: (index: number) => number): Tensor =>
  tf.tensor(
    Array.from({ length: sizeOf(shape) }, (_, index) => value(index)),
    [...shape],
  );

/** Small whole numbers, -3 to 3, over and over: weights. */
export const weights = (...shape: number[]): Tensor => fill(shape, (index) => (index % 7) - 3);

/** Small whole numbers, -4 to 6, out of order: inputs. */
export const inputs = (...shape: number[]): Tensor => fill(shape, (index) => ((index * 5) % 11) - 4);

/** The elements of a tensor. */
export const elements = (tensor: Tensor): number[] => Array.from(tensor.dataSync());

/** The only element of a list. */
export function only<T>(items: Iterable<T>): T {
  const [first, ...rest] = items;
  assert.ok(first !== undefined && rest.length === 0);
  return first;
}

/** Checks shape and elements. */
export function assertTensor(
  actual: Tensor,
  shape: readonly number[],
  expected: readonly number[],
  tolerance = 2e-6,
): void {
  assert.deepEqual(actual.shape, shape);
  const values = elements(actual);
  assert.equal(values.length, expected.length);
  for (const [index, value] of values.entries()) {
    const wanted = expected[index] ?? NaN;
    const close = Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    assert.ok(close, `element ${index}: ${value} instead of ${wanted} in [${values.join(', ')}]`);
  }
}
