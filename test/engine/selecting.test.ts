import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { assertSame, operandsOf, operandValues, shapesOf, type Operand } from './compare.js';

const runs = { numRuns: 60 };

const between = (min: number, max: number) => fc.integer({ min, max });

/** Whole numbers of a shape, each from `low` to below `high`. */
function integers(shape: readonly number[], low: number, high: number): fc.Arbitrary<Operand> {
  const size = sizeOf(shape);
  return fc.array(between(low, high - 1), { minLength: size, maxLength: size }).map((values) => ({
    shape,
    dtype: 'int32' as const,
    values,
    order: [...shape.keys()],
  }));
}

describe('elements chosen by index', () => {
  it('are gathered along any axis', () => {
    const cases = shapesOf(1, 4)
      .filter((shape) => shape.every((length) => length > 0))
      .chain((shape) =>
        fc
          .tuple(between(0, shape.length - 1), shapesOf(0, 2))
          .chain(([axis, indexShape]) =>
            fc.tuple(operandsOf(shape), integers(indexShape, 0, shape[axis]!), fc.constant(axis)),
          ),
      );
    fc.assert(
      fc.property(cases, ([x, indices, axis]) =>
        assertSame([x, indices], (tensor, places) => tf.gather(tensor, places, axis)),
      ),
      runs,
    );
  });

  it('are gathered from each of a batch', () => {
    const cases = fc
      .record({
        batch: fc.array(between(1, 3), { minLength: 1, maxLength: 2 }),
        outer: fc.array(between(1, 3), { maxLength: 2 }),
        length: between(1, 4),
        inner: fc.array(between(1, 5), { maxLength: 1 }),
        count: between(0, 5),
      })
      .chain(({ batch, outer, length, inner, count }) =>
        fc.tuple(
          operandsOf([...batch, ...outer, length, ...inner]),
          integers([...batch, count], 0, length),
          fc.constant(batch.length + outer.length),
          fc.constant(batch.length),
        ),
      );
    fc.assert(
      fc.property(cases, ([x, indices, axis, batchDims]) =>
        assertSame([x, indices], (tensor, places) => tf.gather(tensor, places, axis, batchDims)),
      ),
      runs,
    );
  });

  it('are refused outside of the axis', () => {
    const x = tf.tensor1d([1, 2, 3]);
    assert.throws(() => tf.gather(x, tf.tensor1d([0, 3], 'int32')), /index value 3 is not in \[0, 2\]/);
    assert.throws(() => tf.gather(x, tf.tensor1d([-1], 'int32')), /index value -1 is not in \[0, 2\]/);
  });

  it('send their gradients back to where they came from', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const dy = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]);
    const gradient = tf.grad((t: Tensor) => tf.gather(t, tf.tensor1d([2, 0, 2, 2], 'int32')))(x, dy);
    assert.deepEqual(gradient.arraySync(), [
      [3, 4],
      [0, 0],
      [13, 16],
    ]);
  });

  it('are added up by segment, and left out outside of all', () => {
    const cases = shapesOf(1, 3).chain((shape) =>
      between(1, 5).chain((segments) =>
        fc.tuple(
          operandsOf(shape).map((x) => ({ ...x, dtype: 'float32' as const })),
          integers([shape[0]!], -1, segments + 1),
          fc.constant(segments),
        ),
      ),
    );
    fc.assert(
      fc.property(cases, ([x, ids, segments]) =>
        assertSame([x, ids], (tensor, places) => tf.unsortedSegmentSum(tensor, places as Tensor1D, segments), 1e-6),
      ),
      runs,
    );
  });

  it('are marked in rows', () => {
    const cases = shapesOf(0, 3).chain((shape) => fc.tuple(integers(shape, -1, 6), between(2, 5)));
    fc.assert(
      fc.property(cases, ([indices, depth]) =>
        assertSame([indices], (places) => [
          tf.oneHot(places, depth),
          tf.oneHot(places, depth, 0.5, -2, 'float32'),
          tf.oneHot(places, depth, 1, 0, 'bool'),
        ]),
      ),
      runs,
    );
  });

  it('are the right ones where there is work for several threads', () => {
    const [rows, count, width] = [500, 1100, 65];
    const values = Array.from({ length: count }, (_, index) => (index * 7919) % rows);
    const indices = { shape: [count], order: [0], dtype: 'int32', values } as const;
    for (const shape of [
      [rows, width],
      [3, rows, 20],
    ]) {
      const x = {
        shape,
        order: [...shape.keys()],
        dtype: 'float32',
        values: operandValues('x', shape, 'float32'),
      } as const;
      assertSame([x, indices], (tensor, places) => tf.gather(tensor, places, shape.indexOf(rows)));
    }
    const x = { shape: [count, width], order: [0, 1], dtype: 'float32' } as const;
    assertSame([{ ...x, values: operandValues('y', x.shape, 'float32') }, indices], (tensor, places) => [
      tf.unsortedSegmentSum(tensor, places as Tensor1D, 9),
      tf.oneHot(places, 61),
    ]);
  });
});

describe('the largest elements', () => {
  const top = (x: Tensor, k: number) => {
    const { values, indices } = tf.topk(x, k);
    return [values, indices];
  };

  it('come in order, of equal ones the first first', () => {
    const cases = fc
      .tuple(shapesOf(0, 2), fc.oneof(between(1, 12), between(1, 300)))
      .chain(([rows, length]) => fc.tuple(operandsOf([...rows, length]), between(0, length)));
    fc.assert(
      fc.property(cases, ([x, k]) => assertSame([x], (tensor) => top(tensor, k))),
      runs,
    );
  });

  it('are found in rows that rise and in rows that fall', () => {
    const length = 1000;
    for (const step of [1, -1]) {
      const values = [...Array(length).keys()].map((index) => step * index);
      assertSame([{ shape: [length], dtype: 'float32', order: [0], values }], (x) => [...top(x, 7), ...top(x, 1000)]);
    }
  });

  const special = fc.array(fc.constantFrom(Infinity, -Infinity, 1, -1, 0, -0), { minLength: 1, maxLength: 40 });

  it('are found among infinities', () => {
    fc.assert(
      fc.property(special, fc.nat(), (values, seed) => {
        const k = 1 + (seed % values.length);
        const order = [...values.keys()].sort((p, q) =>
          values[p] === values[q] ? p - q : values[p]! < values[q]! ? 1 : -1,
        );
        const { values: best, indices } = tf.topk(tf.tensor1d(values), k);
        assert.deepEqual([...indices.dataSync()], order.slice(0, k));
        assert.deepEqual(
          [...best.dataSync()],
          order.slice(0, k).map((index) => values[index]),
        );
        tf.dispose([best, indices]);
      }),
      runs,
    );
  });

  it('stand next to NaN as on the plain backend', () => {
    fc.assert(
      fc.property(special, fc.nat(), (some, seed) => {
        const values = some.with(seed % some.length, NaN);
        const x = { shape: [some.length], dtype: 'float32', order: [0], values } as const;
        assertSame([x], (tensor) => top(tensor, 1 + (seed % some.length)));
      }),
      runs,
    );
  });

  it('of many rows are the same as of each', () => {
    const shape = [300, 257];
    const values = operandValues('rows', shape, 'float32');
    assertSame([{ shape, dtype: 'float32', order: [0, 1], values }], (x) => top(x, 5));
  });
});
