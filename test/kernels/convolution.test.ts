import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../src/common/errors.js';
import { sizeOf } from '../../src/common/ndarray.js';
import { convolution2d, type ConvolutionAttributes } from '../../src/engine/index.js';
import { assertValues, indicesOf, input, placeOf } from './reference.js';

interface Convolution extends ConvolutionAttributes {
  readonly x: readonly [batch: number, height: number, width: number, channels: number];
  readonly kernel: readonly [height: number, width: number];
  readonly outputs: number;
}

const plain = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;

/** Length of an axis of the result. */
function outputLength(length: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((length + padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

function outputShape({ x, kernel, outputs, strides, padding, dilations }: Convolution): number[] {
  const height = outputLength(x[1], kernel[0], strides[0], padding[0] + padding[1], dilations[0]);
  const width = outputLength(x[2], kernel[1], strides[1], padding[2] + padding[3], dilations[1]);
  return [x[0], height, width, outputs];
}

/** Calls `visit` with the places of every product x * filter that is part of an element of y. */
function eachProduct(conv: Convolution, visit: (x: number, filter: number, y: number) => void): void {
  const { x, kernel, strides, padding, dilations, groups, outputs } = conv;
  const yShape = outputShape(conv);
  const [groupChannels, groupOutputs] = [x[3] / groups, outputs / groups];
  const filterShape = [...kernel, groupChannels, outputs];
  for (const [image, row, column, output] of indicesOf(yShape) as Generator<[number, number, number, number]>) {
    const y = placeOf([image, row, column, output], yShape);
    const firstChannel = Math.floor(output / groupOutputs) * groupChannels;
    for (let i = 0; i < kernel[0]; i++) {
      const xRow = row * strides[0] + i * dilations[0] - padding[0];
      if (xRow < 0 || xRow >= x[1]) continue;
      for (let j = 0; j < kernel[1]; j++) {
        const xColumn = column * strides[1] + j * dilations[1] - padding[2];
        if (xColumn < 0 || xColumn >= x[2]) continue;
        for (let c = 0; c < groupChannels; c++) {
          const place = placeOf([image, xRow, xColumn, firstChannel + c], x);
          visit(place, placeOf([i, j, c, output], filterShape), y);
        }
      }
    }
  }
}

function checkConvolution(conv: Convolution, tolerance?: number): void {
  tf.tidy(() => {
    const { strides, padding, dilations, groups } = conv;
    const attributes = { strides, padding, dilations, groups };
    const x = input('x', conv.x);
    const filter = input('filter', [...conv.kernel, conv.x[3] / groups, conv.outputs]);
    const dy = input('dy', outputShape(conv));
    const run = (image: Tensor, weights: Tensor) => convolution2d(image as Tensor4D, weights as Tensor4D, attributes);
    const y = new Float64Array(sizeOf(dy.shape));
    const dx = new Float64Array(sizeOf(x.shape));
    const dfilter = new Float64Array(sizeOf(filter.shape));
    eachProduct(conv, (xi, fi, yi) => {
      y[yi]! += x.values[xi]! * filter.values[fi]!;
      dx[xi]! += dy.values[yi]! * filter.values[fi]!;
      dfilter[fi]! += dy.values[yi]! * x.values[xi]!;
    });
    assertValues(run(x.tensor, filter.tensor), dy.shape, y, 'result', tolerance);
    const [gotDx, gotDfilter] = tf.grads(run)([x.tensor, filter.tensor], dy.tensor);
    assertValues(gotDx!, x.shape, dx, 'input gradient', tolerance);
    assertValues(gotDfilter!, filter.shape, dfilter, 'filter gradient', tolerance);
  });
}

const small = (min: number, max: number) => fc.integer({ min, max });

/** Convolutions of any geometry whose kernel fits into the padded image. */
const convolutions: fc.Arbitrary<Convolution> = fc
  .record({
    batch: small(1, 3),
    size: fc.tuple(small(1, 9), small(1, 9)),
    kernel: fc.tuple(small(1, 4), small(1, 4)),
    strides: fc.tuple(small(1, 3), small(1, 3)),
    dilations: fc.tuple(small(1, 3), small(1, 3)),
    padding: fc.tuple(small(0, 3), small(0, 3), small(0, 3), small(0, 3)),
    groups: small(1, 3),
    groupChannels: small(1, 5),
    groupOutputs: small(1, 9),
  })
  .map(({ batch, size, groupChannels, groupOutputs, groups, ...rest }) => ({
    ...rest,
    groups,
    x: [batch, ...size, groups * groupChannels] as const,
    outputs: groups * groupOutputs,
  }))
  .filter((conv) => outputShape(conv).every((length) => length > 0));

describe('convolution and its gradients', () => {
  it('are the sums of products that define them, for any geometry', () => {
    fc.assert(
      fc.property(convolutions, (conv) => checkConvolution(conv)),
      { numRuns: 120 },
    );
  });

  const cases: Record<string, Convolution> = {
    'one pixel and one tap': { ...plain, x: [1, 1, 1, 1], kernel: [1, 1], outputs: 1 },
    'the first layer of LeNet': { ...plain, x: [2, 28, 28, 1], kernel: [3, 3], outputs: 6, padding: [1, 1, 1, 1] },
    'one group for each channel': { ...plain, x: [2, 7, 5, 13], kernel: [3, 3], outputs: 13, groups: 13 },
    'one tap and many channels': { ...plain, x: [1, 5, 3, 520], kernel: [1, 1], outputs: 17 },
    'a patch longer than a block': { ...plain, x: [1, 4, 5, 130], kernel: [3, 3], outputs: 9 },
    'more outputs than a block': { ...plain, x: [1, 3, 3, 2], kernel: [2, 2], outputs: 519 },
    'more pixels than a block': { ...plain, x: [2, 25, 31, 2], kernel: [3, 2], outputs: 5, strides: [1, 1] },
    'steps longer than the kernel': { ...plain, x: [2, 11, 13, 3], kernel: [1, 2], outputs: 4, strides: [4, 5] },
    'padding wider than the image': { ...plain, x: [1, 2, 1, 2], kernel: [3, 3], outputs: 2, padding: [4, 5, 3, 6] },
    'no image': { ...plain, x: [0, 5, 5, 2], kernel: [3, 3], outputs: 4 },
  };
  for (const [name, conv] of Object.entries(cases)) it(`handle ${name}`, () => checkConvolution(conv, 5e-5));

  it('refuse channels that do not fit and kernels that are too large', () => {
    const [x, filter] = [tf.zeros<tf.Rank.R4>([1, 3, 3, 4]), tf.zeros<tf.Rank.R4>([2, 2, 3, 2])];
    assert.throws(() => convolution2d(x, filter, plain), ShapeMismatchError);
    assert.throws(() => convolution2d(x, tf.zeros([4, 2, 4, 2]), plain), ShapeMismatchError);
    assert.throws(() => convolution2d(x, tf.zeros([2, 2, 2, 3]), { ...plain, groups: 2 }), ShapeMismatchError);
  });

  it('have gradients of their own', () => {
    tf.tidy(() => {
      // sum(dx^2) with dx the input gradient: its derivative by the filter, against differences.
      const [x, filter, dy] = [input('x', [1, 4, 4, 2]), input('filter', [3, 2, 2, 3]), input('dy', [1, 2, 3, 3])];
      const penalty = (weights: Tensor) =>
        tf.sum(
          tf.square(
            tf.grad((image) => convolution2d(image as Tensor4D, weights as Tensor4D, plain))(x.tensor, dy.tensor),
          ),
        );
      const gradient = tf.grad(penalty)(filter.tensor);
      const expected = Array.from(filter.values, (_, place) => {
        const at = (step: number) => {
          const moved = filter.values.slice();
          moved[place]! += step;
          return penalty(tf.tensor(moved, filter.shape)).dataSync()[0]!;
        };
        return (at(0.125) - at(-0.125)) / 0.25;
      });
      assertValues(gradient, filter.shape, expected, 'second gradient', 1e-4);
    });
  });
});
