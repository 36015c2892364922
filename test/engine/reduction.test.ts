import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { input } from '../kernels/reference.js';
import { assertSame, operandsOf, operandValues, shapesOf, type Operand } from './compare.js';

const runs = { numRuns: 80 };

/** An operand, some of its axes, and whether these stay with length one. */
const cases = shapesOf(0, 5).chain((shape) =>
  fc.tuple(operandsOf(shape), fc.subarray([...shape.keys()]), fc.boolean()),
);

type Reduction = (x: Tensor, axes: number[], keepDims: boolean) => Tensor;

const reductions: Record<string, [run: Reduction, tolerance?: number]> = {
  sum: [tf.sum],
  mean: [tf.mean, 2e-6],
  max: [tf.max],
  min: [tf.min],
  // Factors around 1, so that no product leaves the range of floats.
  prod: [(x, axes, keepDims) => tf.prod(tf.add(tf.div(x, 16), 1), axes, keepDims), 1e-5],
};

/** Shapes whose axes are long enough for several threads, blocks and folded rows. */
const large: Record<string, readonly number[]> = {
  'one long row': [150_001],
  'few long rows': [3, 70_001],
  'many short rows': [5003, 7],
  'long columns': [70_001, 3],
  'columns of whole vectors': [1031, 64],
  'columns that fold': [4099, 6],
  'wide columns': [37, 2053],
  planes: [50, 33, 65],
  'axes apart': [17, 6, 301],
};

/** Axes to reduce over, for tensors of 1, 2 and 3 axes. */
const axesOf = [[[0]], [[0], [1], [0, 1]], [[0], [2], [0, 2], [0, 1, 2]]];

function floats(shape: readonly number[], order = [...shape.keys()]): Operand {
  return { shape, order, dtype: 'float32', values: operandValues('large', shape, 'float32') };
}

describe('reductions', () => {
  for (const [name, [run, tolerance]] of Object.entries(reductions)) {
    it(`${name} over any axes in any order of memory`, () => {
      fc.assert(
        fc.property(cases, ([x, axes, keepDims]) => {
          // The plain backend has no largest number of none.
          const empty = sizeOf(x.shape) === 0 && (name === 'max' || name === 'min');
          if (!empty) assertSame([x], (tensor) => run(tensor, axes, keepDims), tolerance);
        }),
        runs,
      );
    });
  }

  for (const [name, shape] of Object.entries(large)) {
    it(`over ${name}`, () => {
      const operand = floats(shape);
      for (const axes of axesOf[shape.length - 1]!) {
        // Halves add up exactly.
        assertSame([operand], (x) => tf.sum(x, axes));
        assertSame([operand], (x) => tf.max(x, axes));
        assertSame([operand], (x) => tf.mean(x, axes), 1e-6);
      }
    });
  }

  it('sum lengths of millions to the last digits', () => {
    const x = input('millions', [3, 700_003], 0, 1);
    const expected = [0, 1, 2].map((row) =>
      x.values.subarray(row * 700_003, (row + 1) * 700_003).reduce((total, value) => total + value, 0),
    );
    const close = (tensor: Tensor) => {
      tensor.dataSync().forEach((value, row) => {
        assert.ok(Math.abs(value / expected[row]! - 1) < 3e-7, `${value} instead of ${expected[row]}`);
      });
    };
    close(tf.sum(x.tensor, 1));
    close(tf.sum(tf.tensor(tf.transpose(x.tensor).dataSync(), [700_003, 3]), 0));
  });

  it('pass NaN and infinities on', () => {
    const values = [1, NaN, 3, -Infinity, 5, Infinity, 7, 8, 9, 10, 11, 12];
    const x: Operand = { shape: [3, 4], order: [1, 0], dtype: 'float32', values };
    for (const [run] of Object.values(reductions)) {
      for (const axes of [[0], [1], [0, 1]]) assertSame([x], (tensor) => run(tensor, axes, false));
    }
  });
});

describe('running sums', () => {
  it('add up along any axis, from either end', () => {
    const some = shapesOf(1, 4, 20).chain((shape) =>
      fc.tuple(operandsOf(shape), fc.nat(shape.length - 1), fc.boolean(), fc.boolean()),
    );
    fc.assert(
      fc.property(some, ([x, axis, exclusive, reverse]) => {
        assertSame([x], (tensor) => tf.cumsum(tensor, axis, exclusive, reverse));
      }),
      runs,
    );
  });
});

describe('places of extremes', () => {
  it('are those of the first one along any axis', () => {
    const some = shapesOf(1, 4, 40)
      .filter((shape) => sizeOf(shape) > 0 && sizeOf(shape) < 20_000)
      .chain((shape) => fc.tuple(operandsOf(shape), fc.nat(shape.length - 1)));
    fc.assert(
      fc.property(some, ([x, axis]) => {
        assertSame([x], (tensor) => [tf.argMax(tensor, axis), tf.argMin(tensor, axis)]);
      }),
      runs,
    );
  });

  it('ignore NaN as TensorFlow.js does', () => {
    for (const values of [
      [NaN, 3, 5, 1],
      [2, NaN, 5, 1],
      [-Infinity, NaN, -Infinity, NaN],
    ]) {
      const x: Operand = { shape: [2, 2], order: [0, 1], dtype: 'float32', values };
      for (const axis of [0, 1]) assertSame([x], (tensor) => [tf.argMax(tensor, axis), tf.argMin(tensor, axis)]);
    }
  });
});
