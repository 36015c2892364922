/** What the property tests share: how often they run, random tensors, and how results are held against references. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { uniform } from './oracle.js';
import type { Sums } from './reference.js';

const asked = Number(process.env.PADDLEWHEEL_PROPERTY_RUNS ?? 0);

/** Samples of a property: `usual`, or as many as PADDLEWHEEL_PROPERTY_RUNS asks for. */
export function samples(usual: number): { readonly numRuns: number } {
  return { numRuns: Math.max(usual, asked) };
}

export const between = (min: number, max: number) => fc.integer({ min, max });

/** Numbers that tell a careless kernel from a careful one, and ordinary ones beside them. */
const specials = [NaN, Infinity, -Infinity, 0, 0, -0, 1, -1];

/** Numbers in [low, high) that depend on the key alone. */
export function numbers(key: string, shape: readonly number[], low = -1, high = 1): Float32Array {
  return Float32Array.from(uniform(key, sizeOf(shape), 'properties'), (u) => low + (high - low) * u);
}

/** As {@link numbers}, with a few of them replaced by zeros, NaN and infinities; `rate` says how many. */
export function numbersWithSpecials(key: string, shape: readonly number[], rate = 0.08): Float32Array {
  const values = numbers(key, shape);
  const draws = uniform(`${key} special`, values.length, 'properties');
  const choices = uniform(`${key} choice`, values.length, 'properties');
  return values.map((value, place) =>
    draws[place]! < rate ? specials[Math.floor(choices[place]! * specials.length)]! : value,
  );
}

/** The `draw`-th order of some axes; 0 is the usual one. */
function orderOf(rank: number, draw: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const order: number[] = [];
  while (axes.length > 0) {
    order.push(...axes.splice(draw % axes.length, 1));
    draw = Math.floor(draw / (axes.length + 1));
  }
  return order;
}

/** Orders of axes for {@link tensorOf}, row-major for half of the tensors. */
export const orders = fc.array(fc.oneof(fc.constant(0), between(1, 119)), { minLength: 4, maxLength: 4 });

/**
 * A tensor with the given elements in C order. With `order` it is a transposed view of a tensor whose axes have another
 * order, which is how the engine keeps them in memory.
 */
export function tensorOf(values: Float32Array, shape: readonly number[], order = 0): Tensor {
  const plain = tf.tensor(values, [...shape], 'float32');
  const perm = orderOf(shape.length, order);
  if (perm.every((axis, index) => axis === index)) return plain;
  return tf.tidy(() => {
    const moved = tf.tensor(
      tf.transpose(plain, perm).dataSync(),
      perm.map((axis) => shape[axis]!),
      'float32',
    );
    plain.dispose();
    return tf.transpose(
      moved,
      perm.map((_, axis) => perm.indexOf(axis)),
    );
  });
}

/**
 * Asserts that a tensor holds sums of a reference. The error may be what rounding in any order of summation leaves:
 * some units in the last place of the sum of magnitudes, growing with the root of the number of terms.
 *
 * @param orNaN - takes NaN anywhere: for sums in which zeros of the padding may or may not meet a number that is not
 * finite
 */
export function assertSums(
  actual: Tensor,
  shape: readonly number[],
  expected: Sums,
  what: string,
  orNaN = false,
): void {
  assert.deepEqual(actual.shape, [...shape], `${what}: shape`);
  const values = actual.dataSync();
  assert.equal(values.length, expected.values.length, `${what}: size`);
  for (let place = 0; place < values.length; place++) {
    const [got, wanted] = [values[place]!, expected.values[place]!];
    if (Number.isNaN(got) && (orNaN || Number.isNaN(wanted))) continue;
    const ulps = 8 + 2 * Math.sqrt(expected.counts[place]!);
    // The last summand is the smallest denormal.
    const bound = ulps * 2 ** -24 * expected.magnitudes[place]! + 2 ** -149;
    const close = Number.isFinite(wanted) ? Math.abs(got - wanted) <= bound : got === wanted;
    if (!close) assert.fail(`${what}: element ${place} of [${shape.join()}] is ${got}, expected ${wanted} +- ${bound}`);
  }
}

/** Asserts that a tensor has exactly the values of a reference; NaN equals NaN, and zeros of both signs are one. */
export function assertExact(actual: Tensor, shape: readonly number[], expected: ArrayLike<number>, what: string): void {
  assert.deepEqual(actual.shape, [...shape], `${what}: shape`);
  const values = actual.dataSync();
  assert.equal(values.length, expected.length, `${what}: size`);
  for (let place = 0; place < values.length; place++) {
    const [got, wanted] = [values[place]!, expected[place]!];
    if (got === wanted || (Number.isNaN(got) && Number.isNaN(wanted))) continue;
    assert.fail(`${what}: element ${place} of [${shape.join()}] is ${got}, expected ${wanted}`);
  }
}

/**
 * Asserts that a tensor has the values of a reference, up to an error relative to the largest of them (1 at least).
 * What is not finite must be the same.
 */
export function assertNear(
  actual: Tensor,
  shape: readonly number[],
  expected: ArrayLike<number>,
  what: string,
  tolerance: number,
): void {
  assert.deepEqual(actual.shape, [...shape], `${what}: shape`);
  const values = actual.dataSync();
  assert.equal(values.length, expected.length, `${what}: size`);
  let scale = 1;
  for (const value of Array.from(expected)) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  for (let place = 0; place < values.length; place++) {
    const [got, wanted] = [values[place]!, expected[place]!];
    if (Object.is(got, wanted) || Math.abs(got - wanted) <= tolerance * scale) continue;
    assert.fail(`${what}: element ${place} of [${shape.join()}] is ${got}, expected ${wanted}`);
  }
}

/**
 * A function of images with their channels last, computed by one of images with their channels first: [N, ..., C] there is
 * [N, C, ...] here.
 */
export function throughChannelsFirst(run: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return (x) => {
    const inner = Array.from({ length: x.rank - 2 }, (_, axis) => axis + 1);
    const y = run(tf.transpose(x, [0, x.rank - 1, ...inner]));
    return tf.transpose(y, [0, ...inner.map((axis) => axis + 1), 1]);
  };
}
