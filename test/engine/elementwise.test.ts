import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { activation, materializedBytes } from '../../src/engine/index.js';
import { assertSame, operandValues, ordersOf, shapesOf, type Operand } from './compare.js';

const runs = { numRuns: 80 };

/** Numbers of a shape, in any order. */
function numbersOf(shape: readonly number[], key: string, dtype: Operand['dtype'] = 'float32'): fc.Arbitrary<Operand> {
  return ordersOf(shape).map((order) => ({ shape, order, dtype, values: operandValues(key, shape, dtype) }));
}

/** A shape that broadcasts to another one: some axes become 1, some in front go. */
function broadcastable(shape: readonly number[]): fc.Arbitrary<number[]> {
  return fc
    .tuple(fc.nat(shape.length), ...shape.map(() => fc.boolean()))
    .map(([dropped, ...ones]) => shape.map((length, axis) => (ones[axis] ? 1 : length)).slice(dropped));
}

/** Two operands that broadcast, either one the larger. */
function operandPairs(...types: Operand['dtype'][]): fc.Arbitrary<Operand[]> {
  return shapesOf(1, 6, 5).chain((shape) =>
    fc.tuple(broadcastable(shape), fc.boolean(), fc.constantFrom(...types)).chain(([other, swap, dtype]) => {
      const pair = fc.tuple(numbersOf(shape, 'a', dtype), numbersOf(other, 'b', dtype));
      return pair.map(([a, b]) => (swap ? [b, a] : [a, b]));
    }),
  );
}

type Binary = (a: Tensor, b: Tensor) => Tensor;

describe('functions of two numbers, in any order of memory', () => {
  const functions: Record<string, Binary> = {
    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
    div: tf.div,
    maximum: tf.maximum,
    minimum: tf.minimum,
    squaredDifference: tf.squaredDifference,
    equal: tf.equal,
    notEqual: tf.notEqual,
    less: tf.less,
    lessEqual: tf.lessEqual,
    greater: tf.greater,
    greaterEqual: tf.greaterEqual,
  };
  for (const [name, run] of Object.entries(functions)) {
    it(`${name} repeats axes of length one`, () => {
      fc.assert(
        fc.property(operandPairs('float32', 'int32'), (pair) => assertSame(pair, run)),
        runs,
      );
    });
  }

  it('where chooses by a condition', () => {
    const cases = shapesOf(1, 4, 7).chain((shape) =>
      fc
        .constantFrom('float32' as const, 'int32' as const)
        .chain((dtype) => fc.tuple(numbersOf(shape, 'c'), numbersOf(shape, 'a', dtype), numbersOf(shape, 'b', dtype))),
    );
    fc.assert(
      fc.property(cases, (operands) => {
        assertSame(operands, (condition, a, b) => tf.where(tf.greater(condition, 0), a, b));
      }),
      runs,
    );
  });

  it('comparisons with NaN are false, except notEqual', () => {
    const [a, b] = [tf.tensor1d([NaN, NaN, 1]), tf.tensor1d([NaN, 0, NaN])];
    for (const run of [tf.equal, tf.less, tf.lessEqual, tf.greater, tf.greaterEqual]) {
      assert.deepEqual([...run(a, b).dataSync()], [0, 0, 0]);
    }
    assert.deepEqual([...tf.notEqual(a, b).dataSync()], [1, 1, 1]);
  });

  it('isNaN, isInf and isFinite tell numbers apart', () => {
    const values = [NaN, Infinity, -Infinity, 0, -1.5, 3.4e38, 1e-45, NaN, 7];
    const x: Operand = { shape: [3, 3], order: [1, 0], dtype: 'float32', values };
    assertSame([x], (a) => [tf.isNaN(a), tf.isInf(a), tf.isFinite(a)]);
  });

  it('integers wrap around', () => {
    const [a, b] = [tf.tensor1d([2147483647, -2147483648, 65536], 'int32'), tf.tensor1d([1, -1, 65537], 'int32')];
    assert.deepEqual([...tf.add(a, b).dataSync()], [-2147483648, 2147483647, 131073]);
    assert.deepEqual([...tf.mul(a, b).dataSync()], [2147483647, -2147483648, 65536]);
  });

  it('addN adds any number of tensors', () => {
    const cases = shapesOf(0, 4).chain((shape) =>
      fc.array(
        fc.constantFrom('a', 'b', 'c').chain((key) => numbersOf(shape, key)),
        { minLength: 1, maxLength: 5 },
      ),
    );
    fc.assert(
      fc.property(cases, (operands) => assertSame(operands, (...tensors) => tf.addN(tensors))),
      runs,
    );
  });
});

describe('functions of one number, in any order of memory', () => {
  it('compute every element', () => {
    const functions: ((x: Tensor) => Tensor)[] = [
      tf.ceil,
      tf.round,
      tf.sign,
      tf.relu6,
      (x) => tf.leakyRelu(x, 0.25),
      (x) => tf.clipByValue(x, -2, 3),
      (x) => tf.prelu(x, tf.scalar(0.5)),
      (x) => activation('hardShrink', x, 2),
    ];
    const cases = shapesOf(0, 5).chain((shape) => fc.tuple(numbersOf(shape, 'x'), fc.constantFrom(...functions)));
    fc.assert(
      fc.property(cases, ([x, run]) => assertSame([x], run)),
      runs,
    );
  });

  it('and the gradients of activations move nothing', () => {
    tf.tidy(() => {
      const image = tf.randomNormal([2, 5, 4, 3]);
      const before = materializedBytes();
      const run = (x: Tensor) => activation('relu', tf.add(tf.transpose(x, [0, 3, 1, 2]), tf.ones([1, 3, 1, 1])));
      const dy = tf.transpose(tf.randomNormal([2, 5, 4, 3]), [0, 3, 1, 2]);
      tf.grad(run)(image, dy);
      assert.equal(materializedBytes(), before);
    });
  });
});
