import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../src/common/errors.js';
import { sizeOf } from '../../src/common/ndarray.js';
import {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  engineBackend,
  maxPool2d,
  maxPool2dWithIndices,
  type PoolingAttributes,
} from '../../src/engine/index.js';
import { assertValues, indicesOf, input, placeOf } from './reference.js';

interface Pooling extends PoolingAttributes {
  readonly x: readonly [batch: number, height: number, width: number, channels: number];
}

function outputShape({ x, kernel, strides, padding }: Pooling): number[] {
  const length = (size: number, axis: 0 | 1, around: number) =>
    Math.floor((size + around - kernel[axis]) / strides[axis]) + 1;
  return [x[0], length(x[1], 0, padding[0] + padding[1]), length(x[2], 1, padding[2] + padding[3]), x[3]];
}

/** Calls `visit` for each window with the place of its result and of its elements inside the image. */
function eachWindow(pooling: Pooling, visit: (y: number, elements: number[]) => void): void {
  const { x, kernel, strides, padding } = pooling;
  const yShape = outputShape(pooling);
  for (const [image, row, column, channel] of indicesOf(yShape) as Generator<[number, number, number, number]>) {
    const elements: number[] = [];
    for (let i = row * strides[0] - padding[0]; i < row * strides[0] - padding[0] + kernel[0]; i++) {
      for (let j = column * strides[1] - padding[2]; j < column * strides[1] - padding[2] + kernel[1]; j++) {
        if (i >= 0 && i < x[1] && j >= 0 && j < x[2]) elements.push(placeOf([image, i, j, channel], x));
      }
    }
    visit(placeOf([image, row, column, channel], yShape), elements);
  }
}

const small = (min: number, max: number) => fc.integer({ min, max });

/** Poolings whose windows all reach into the image. */
const poolings: fc.Arbitrary<Pooling> = fc
  .record({
    x: fc.tuple(small(1, 3), small(1, 9), small(1, 9), fc.oneof(small(1, 9), small(15, 70))),
    kernel: fc.tuple(small(1, 4), small(1, 4)),
    strides: fc.tuple(small(1, 4), small(1, 4)),
    around: fc.tuple(small(0, 3), small(0, 3), small(0, 3), small(0, 3)),
  })
  .map(({ around, ...rest }) => {
    const limit = (length: number, axis: 0 | 1) => Math.min(length, rest.kernel[axis] - 1);
    const [top, bottom, left, right] = around;
    return { ...rest, padding: [limit(top, 0), limit(bottom, 0), limit(left, 1), limit(right, 1)] as const };
  })
  .filter((pooling) => outputShape(pooling).every((length) => length > 0));

function checkMaximum(pooling: Pooling): void {
  tf.tidy(() => {
    const { kernel, strides, padding } = pooling;
    const attributes = { kernel, strides, padding };
    const [x, dy] = [input('x', pooling.x), input('dy', outputShape(pooling))];
    const y = new Float64Array(sizeOf(dy.shape));
    const indices = new Float64Array(y.length);
    const dx = new Float64Array(sizeOf(x.shape));
    eachWindow(pooling, (place, elements) => {
      const best = elements.reduce((p, q) => (x.values[q]! > x.values[p]! ? q : p));
      y[place] = x.values[best]!;
      indices[place] = Math.floor(best / pooling.x[3]) % (pooling.x[1] * pooling.x[2]);
      dx[best]! += dy.values[place]!;
    });
    const [maxima, places] = maxPool2dWithIndices(x.tensor as Tensor4D, attributes);
    assertValues(maxima, dy.shape, y, 'maxima', 0);
    assertValues(places, dy.shape, indices, 'indices', 0);
    const gradient = tf.grad((image: Tensor) => maxPool2d(image as Tensor4D, attributes))(x.tensor, dy.tensor);
    assertValues(gradient, x.shape, dx, 'gradient', 1e-6);
  });
}

function checkMean(pooling: Pooling, exclusive: boolean, divisor?: number): void {
  tf.tidy(() => {
    const { kernel, strides, padding } = pooling;
    const attributes = { kernel, strides, padding, exclusive, divisor };
    const [x, dy] = [input('x', pooling.x), input('dy', outputShape(pooling))];
    const y = new Float64Array(sizeOf(dy.shape));
    const dx = new Float64Array(sizeOf(x.shape));
    eachWindow(pooling, (place, elements) => {
      const count = divisor ?? (exclusive ? elements.length : kernel[0] * kernel[1]);
      for (const element of elements) {
        y[place]! += x.values[element]! / count;
        dx[element]! += dy.values[place]! / count;
      }
    });
    const run = (image: Tensor) => avgPool2d(image as Tensor4D, attributes);
    assertValues(run(x.tensor), dy.shape, y, 'means', 1e-6);
    assertValues(tf.grad(run)(x.tensor, dy.tensor), x.shape, dx, 'gradient', 2e-6);
  });
}

const halves = { kernel: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] } as const;

describe('pooling and its gradients', () => {
  it('find the maxima and their places in any windows', () => {
    fc.assert(fc.property(poolings, checkMaximum), { numRuns: 80 });
  });

  it('find the means of any windows', () => {
    fc.assert(fc.property(poolings, fc.boolean(), fc.option(small(1, 7), { nil: undefined }), checkMean), {
      numRuns: 80,
    });
  });

  it('take the first of equal elements', () => {
    tf.tidy(() => {
      const [equal, places] = maxPool2dWithIndices(tf.tensor4d([5, 5, 5, 5, 1, 5, 5, 1], [2, 2, 2, 1]), halves);
      assert.deepEqual([...equal.dataSync()], [5, 5]);
      assert.deepEqual([...places.dataSync()], [0, 1]);
    });
  });

  // TensorFlow.js's CPU backend leaves NaN out.
  (engineBackend() ? it : it.skip)('pass NaN on', () => {
    tf.tidy(() => {
      const withNaN = maxPool2d(tf.tensor4d([1, NaN, 7, 2, -Infinity, -1, -2, -3], [2, 2, 2, 1]), halves);
      assert.deepEqual([...withNaN.dataSync()], [NaN, -1]);
    });
  });

  it('send the whole gradient to one of equal elements', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x: Tensor) => maxPool2d(x as Tensor4D, halves));
      const dx = gradient(tf.ones([1, 2, 2, 1]), tf.tensor4d([3], [1, 1, 1, 1]));
      assert.equal(dx.dataSync().filter((value) => value === 3).length, 1);
      assert.equal(tf.sum(dx).dataSync()[0], 3);
    });
  });

  it('refuse windows that do not fit', () => {
    const x = tf.zeros<tf.Rank.R4>([1, 3, 3, 1]);
    const tooLarge = { ...halves, kernel: [4, 2] } as const;
    assert.throws(() => maxPool2d(x, tooLarge), ShapeMismatchError);
    assert.throws(() => avgPool2d(x, { ...tooLarge, exclusive: true }), ShapeMismatchError);
  });
});

describe('adaptive pooling', () => {
  it("covers the image with windows from floor(i H / H') to ceil((i + 1) H / H')", () => {
    const sizes = fc.tuple(small(1, 7), small(1, 7));
    fc.assert(
      fc.property(
        sizes,
        sizes,
        fc.constantFrom(1, 3, 5, 16, 37),
        ([height, width], [outHeight, outWidth], channels) => {
          tf.tidy(() => {
            const x = input('x', [2, height, width, channels]);
            const dy = input('dy', [2, outHeight, outWidth, channels]);
            const means = new Float64Array(sizeOf(dy.shape));
            const maxima = new Float64Array(means.length).fill(-Infinity);
            const meanDx = new Float64Array(sizeOf(x.shape));
            const maxDx = new Float64Array(meanDx.length);
            for (const [image, row, column, channel] of indicesOf(dy.shape) as Generator<
              [number, number, number, number]
            >) {
              const y = placeOf([image, row, column, channel], dy.shape);
              const [top, bottom] = [
                Math.floor((row * height) / outHeight),
                Math.ceil(((row + 1) * height) / outHeight),
              ];
              const [left, right] = [
                Math.floor((column * width) / outWidth),
                Math.ceil(((column + 1) * width) / outWidth),
              ];
              let best = 0;
              for (let i = top; i < bottom; i++) {
                for (let j = left; j < right; j++) {
                  const place = placeOf([image, i, j, channel], x.shape);
                  means[y]! += x.values[place]! / ((bottom - top) * (right - left));
                  meanDx[place]! += dy.values[y]! / ((bottom - top) * (right - left));
                  if (x.values[place]! > maxima[y]!) [maxima[y], best] = [x.values[place]!, place];
                }
              }
              maxDx[best]! += dy.values[y]!;
            }
            const size = [outHeight, outWidth] as const;
            const mean = (image: Tensor) => adaptiveAvgPool2d(image as Tensor4D, size);
            const maximum = (image: Tensor) => adaptiveMaxPool2d(image as Tensor4D, size);
            assertValues(mean(x.tensor), dy.shape, means, 'means', 1e-6);
            assertValues(tf.grad(mean)(x.tensor, dy.tensor), x.shape, meanDx, 'gradient of the means', 2e-6);
            assertValues(maximum(x.tensor), dy.shape, maxima, 'maxima', 0);
            assertValues(tf.grad(maximum)(x.tensor, dy.tensor), x.shape, maxDx, 'gradient of the maxima', 1e-6);
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});
