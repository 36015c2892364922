/** Holds the engine's kernels against those of TensorFlow.js's plain CPU backend. */
import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { engineBackend, selectDefaultBackend, selectEngine, type EngineName } from '../../src/engine/index.js';
import { uniform } from '../support/oracle.js';

/** An input: its shape, its numbers in row-major order, and the order in which its axes lie in memory. */
export interface Operand {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: readonly number[];
  readonly order: readonly number[];
}

/** Stores a tensor with its axes in an order, as a kernel that needs them so does. */
export function storeInOrder(tensor: Tensor, order: readonly number[]): void {
  engineBackend()?.pointerOf(tensor, order);
}

/** Numbers from -8 to 8 in steps of a half, or whole ones, that depend on the key alone. */
export function operandValues(key: string, shape: readonly number[], dtype: Operand['dtype']): number[] {
  const values = Array.from(uniform(key, sizeOf(shape), 'compare'), (u) => Math.round(32 * u - 16) / 2);
  return dtype === 'int32' ? values.map(Math.trunc) : values;
}

/** Orders of the axes of a shape; row-major half of the time. */
export function ordersOf(shape: readonly number[]): fc.Arbitrary<number[]> {
  const axes = [...shape.keys()];
  return fc.oneof(fc.constant(axes), fc.shuffledSubarray(axes, { minLength: axes.length }));
}

/** Operands of a shape, in any order. */
export function operandsOf(shape: readonly number[], key = 'x'): fc.Arbitrary<Operand> {
  return fc
    .record({ order: ordersOf(shape), dtype: fc.constantFrom('float32' as const, 'int32' as const) })
    .map((rest) => ({
      ...rest,
      shape,
      values: operandValues(key, shape, rest.dtype),
    }));
}

/** Shapes of a few axes, with up to `longest` elements along each, seldom none. */
export function shapesOf(minRank: number, maxRank: number, longest = 6): fc.Arbitrary<number[]> {
  const length = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: longest }) },
    { weight: 1, arbitrary: fc.constant(0) },
  );
  return fc.array(length, { minLength: minRank, maxLength: maxRank });
}

/** The tensor of an operand, with its axes in memory in the order that it asks for. */
function tensorOf({ shape, dtype, values, order }: Operand): Tensor {
  const logical = tf.tensor([...values], [...shape], dtype);
  const inverse = order.map((_, axis) => order.indexOf(axis));
  // A copy in the wanted order, seen as the shape again.
  const copy = tf.tensor(
    tf.transpose(logical, [...order]).dataSync(),
    order.map((axis) => shape[axis]!),
    dtype,
  );
  return tf.transpose(copy, inverse);
}

interface Result {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

/** What an operation gives on an engine, by default the one that is tested. */
function resultsOn(
  engine: EngineName | undefined,
  operands: readonly Operand[],
  run: (...tensors: Tensor[]) => Tensor | Tensor[],
): Result[] {
  if (engine) selectEngine(engine);
  try {
    return tf.tidy(() =>
      [run(...operands.map(tensorOf))].flat().map((result) => ({
        shape: result.shape,
        dtype: result.dtype,
        values: [...result.dataSync()],
      })),
    );
  } finally {
    selectDefaultBackend();
  }
}

/**
 * Asserts that an operation gives on the engine what it gives on the plain backend.
 *
 * @param tolerance - allowed error, relative to the number or to 1
 */
export function assertSame(
  operands: readonly Operand[],
  run: (...tensors: Tensor[]) => Tensor | Tensor[],
  tolerance = 0,
): void {
  const expected = resultsOn('js', operands, run);
  const actual = resultsOn(undefined, operands, run);
  assert.equal(actual.length, expected.length, 'number of results');
  expected.forEach((wanted, index) => {
    const got = actual[index]!;
    assert.deepEqual(got.shape, wanted.shape, `shape of result ${index}`);
    assert.equal(got.dtype, wanted.dtype, `type of result ${index}`);
    assert.equal(got.values.length, wanted.values.length, `size of result ${index}`);
    wanted.values.forEach((value, place) => {
      const other = got.values[place]!;
      const close = other === value || Math.abs(other - value) <= tolerance * Math.max(1, Math.abs(value));
      if (!close && !(Number.isNaN(other) && Number.isNaN(value))) {
        assert.fail(`element ${place} of result ${index} is ${other}, expected ${value}`);
      }
    });
  });
}
