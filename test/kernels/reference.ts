/** What the tests of kernels share: inputs, and how results are held against references in double precision. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { uniform } from '../support/oracle.js';

/** An input: its numbers and the tensor that has them. */
export interface Input {
  readonly values: Float32Array;
  readonly shape: number[];
  readonly tensor: Tensor;
}

/** A tensor of numbers in [low, high) that depend on the key alone. */
export function input(key: string, shape: readonly number[], low = -1, high = 1): Input {
  const values = Float32Array.from(uniform(key, sizeOf(shape), 'kernels'), (u) => low + (high - low) * u);
  return { values, shape: [...shape], tensor: tf.tensor(values, [...shape], 'float32') };
}

/** Asserts that a tensor has the shape and, up to rounding of the largest number, the values of a reference. */
export function assertValues(
  actual: Tensor,
  shape: readonly number[],
  expected: ArrayLike<number>,
  what: string,
  tolerance = 2e-5,
): void {
  assert.deepEqual(actual.shape, [...shape], `${what}: shape`);
  const values = actual.dataSync();
  assert.equal(values.length, expected.length, `${what}: size`);
  const scale = Array.from(expected).reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  for (let i = 0; i < expected.length; i++) {
    const [got, wanted] = [values[i]!, expected[i]!];
    const close = Math.abs(got - wanted) <= tolerance * scale || Object.is(got, wanted);
    if (!close) assert.fail(`${what}: element ${i} is ${got}, expected ${wanted}`);
  }
}

/** The coordinates of every element of a shape, in C order. */
export function* indicesOf(shape: readonly number[]): Generator<number[]> {
  const index = shape.map(() => 0);
  for (let count = sizeOf(shape); count > 0; count--) {
    yield [...index];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The place in C order of an element. */
export function placeOf(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((place, position, axis) => place * shape[axis]! + position, 0);
}

/** erf(x): `2 / sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (1 3 ... (2n+1))`, whose terms have one sign. */
export function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
