import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { changeInPlace } from '../../src/engine/in-place.js';
import { engineBackend } from '../../src/engine/index.js';
import { input } from '../kernels/reference.js';
import { describeCompiledEngines } from '../support/engines.js';
import { ordersOf, storeInOrder } from './compare.js';

interface Cut {
  readonly shape: readonly number[];
  readonly order: readonly number[];
  readonly axis: number;
  readonly begin: number;
  readonly length: number;
}

/** A part of at least half of an axis, of a tensor that lies in any order. */
const cuts: fc.Arbitrary<Cut> = fc
  .array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 4 })
  .filter((shape) => sizeOf(shape) <= 20_000)
  .chain((shape) =>
    fc.record({ shape: fc.constant(shape), order: ordersOf(shape), axis: fc.nat(shape.length - 1), at: fc.nat(1000) }),
  )
  .map(({ shape, order, axis, at }) => {
    const whole = shape[axis]!;
    const length = Math.ceil(whole / 2) + (at % (Math.floor(whole / 2) + 1));
    return { shape, order, axis, begin: at % (whole - length + 1), length };
  });

/** A tensor stored in an order, and its values. */
function stored({ shape, order }: Cut, key: string): [Tensor, Float32Array] {
  const { values } = input(key, [...shape], -1, 1);
  const tensor = tf.tensor(values, [...shape]);
  storeInOrder(tensor, order);
  return [tensor, values];
}

const place = ({ axis, begin, length }: Cut, shape: readonly number[]) => ({
  first: shape.map((_, one) => (one === axis ? begin : 0)),
  size: shape.map((whole, one) => (one === axis ? length : whole)),
});

/** The numbers of a part, by plain loops. */
function partOf(cut: Cut, values: Float32Array): number[] {
  const { shape, axis, begin, length } = cut;
  const inner = sizeOf(shape.slice(axis + 1));
  const whole = shape[axis]!;
  return [...values].filter((_, index) => {
    const along = Math.floor(index / inner) % whole;
    return along >= begin && along < begin + length;
  });
}

const read = (tensor: Tensor) => Array.from(tensor.dataSync());
const rounded = (values: readonly number[]) => values.map(Math.fround);

/** Ways to use a part beside others, and the numbers that come of it. */
const uses: Record<
  string,
  (part: Tensor, other: Tensor, otherPart: Tensor) => [Tensor, (a: number, b: number, c: number) => number]
> = {
  'as it is': (part) => [part, (a) => a],
  'plus another tensor': (part, other) => [tf.add(part, other), (a, b) => a + b],
  'subtracted from another tensor': (part, other) => [tf.sub(other, part), (a, b) => b - a],
  'times another part': (part, _, otherPart) => [tf.mul(part, otherPart), (a, _b, c) => a * c],
  'plus itself': (part) => [tf.add(part, part), (a) => a + a],
  'in a function of one tensor': (part) => [tf.neg(part), (a) => -a],
};

describeCompiledEngines('parts of tensors that wait', () => {
  for (const [how, use] of Object.entries(uses)) {
    it(`have their numbers: ${how}`, () => {
      const backend = engineBackend()!;
      fc.assert(
        fc.property(cuts, fc.boolean(), (cut, disposesFirst) => {
          const { liveBytes } = backend.pool;
          const { numTensors } = tf.memory();
          tf.tidy(() => {
            const { first, size } = place(cut, cut.shape);
            const [source, values] = stored(cut, 'source');
            const [wider, wide] = stored(cut, 'wider');
            const [other, others] = stored({ ...cut, shape: size }, 'other');
            const part = tf.slice(source, first, size);
            const otherPart = tf.slice(wider, first, size);
            if (disposesFirst) source.dispose();
            const [result, rule] = use(part, other, otherPart);
            const [a, b, c] = [partOf(cut, values), [...others], partOf(cut, wide)];
            assert.deepEqual(read(result), rounded(a.map((value, index) => rule(value, b[index]!, c[index]!))));
            assert.deepEqual(read(part), a);
          });
          assert.deepEqual([backend.pool.liveBytes, tf.memory().numTensors], [liveBytes, numTensors]);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('wait in images cut along their channels, and are not moved for a sum', () => {
    const backend = engineBackend()!;
    tf.tidy(() => {
      const images = tf.transpose(tf.randomNormal([2, 5, 6, 40]), [0, 3, 1, 2]);
      const [large, small] = tf.split(images, [32, 8], 1) as [Tensor, Tensor];
      assert.ok(backend.dataOf(large).deferred);
      assert.equal(backend.dataOf(small).deferred, undefined);
      tf.add(large, tf.transpose(tf.ones([2, 5, 6, 32]), [0, 3, 1, 2]));
      assert.ok(backend.dataOf(large).deferred);
    });
  });

  it('keep what they had when the tensor is changed in place', () => {
    const variable = tf.variable(tf.ones([4, 32]));
    const part = tf.slice(variable, [0, 0], [4, 24]);
    const gradient = tf.fill([4, 32], 2);
    changeInPlace([variable], gradient, (kernels, [own = 0], from) => {
      kernels.move_average(own, from, 128, 0, 1);
    });
    assert.deepEqual(new Set(read(part)), new Set([1]));
    assert.deepEqual(new Set(read(variable)), new Set([2]));
    tf.dispose([variable, part, gradient]);
  });
});
