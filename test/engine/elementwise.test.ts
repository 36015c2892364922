import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { activation, materializedBytes } from '../../src/engine/index.js';
import { assertSame, operandValues, ordersOf, shapesOf, type Operand } from './compare.js';

const runs = { numRuns: 80 };

/** Floats of a shape, in any order. */
function floatsOf(shape: readonly number[], key: string): fc.Arbitrary<Operand> {
  return ordersOf(shape).map((order) => ({
    shape,
    order,
    dtype: 'float32' as const,
    values: operandValues(key, shape, 'float32'),
  }));
}

/** A shape that broadcasts to another one: some axes become 1, some in front go. */
function broadcastable(shape: readonly number[]): fc.Arbitrary<number[]> {
  return fc
    .tuple(fc.nat(shape.length), ...shape.map(() => fc.boolean()))
    .map(([dropped, ...ones]) => shape.map((length, axis) => (ones[axis] ? 1 : length)).slice(dropped));
}

const operandPairs = shapesOf(1, 6, 5).chain((shape) =>
  fc
    .tuple(broadcastable(shape), fc.boolean())
    .chain(([other, swap]) => fc.tuple(floatsOf(shape, 'a'), floatsOf(other, 'b'), fc.constant(swap))),
);

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
  };
  for (const [name, run] of Object.entries(functions)) {
    it(`${name} repeats axes of length one`, () => {
      fc.assert(
        fc.property(operandPairs, ([a, b, swap]) => {
          assertSame(swap ? [b, a] : [a, b], (p, q) => run(p, q));
        }),
        runs,
      );
    });
  }

  it('addN adds any number of tensors', () => {
    const cases = shapesOf(0, 4).chain((shape) =>
      fc.array(
        fc.constantFrom('a', 'b', 'c').chain((key) => floatsOf(shape, key)),
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
    const cases = shapesOf(0, 5).chain((shape) => fc.tuple(floatsOf(shape, 'x'), fc.constantFrom(...functions)));
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
