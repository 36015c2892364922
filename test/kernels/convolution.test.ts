import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../src/common/errors.js';
import { convolution2d } from '../../src/engine/index.js';
import { convolution, convolutionShapes, type Convolution } from '../support/reference.js';
import { assertValues, input } from './reference.js';

const plain = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;

function checkConvolution(conv: Convolution, tolerance?: number): void {
  tf.tidy(() => {
    const { strides, padding, dilations, groups } = conv;
    const attributes = { strides, padding, dilations, groups };
    const x = input('x', conv.x);
    const shapes = convolutionShapes(conv);
    const [filter, dy] = [input('filter', shapes.filter), input('dy', shapes.y)];
    const run = (image: Tensor, weights: Tensor) => convolution2d(image as Tensor4D, weights as Tensor4D, attributes);
    const expected = convolution(conv, x.values, filter.values, dy.values);
    assertValues(run(x.tensor, filter.tensor), dy.shape, expected.y.values, 'result', tolerance);
    const [gotDx, gotDfilter] = tf.grads(run)([x.tensor, filter.tensor], dy.tensor);
    assertValues(gotDx!, x.shape, expected.dx.values, 'input gradient', tolerance);
    assertValues(gotDfilter!, filter.shape, expected.dfilter.values, 'filter gradient', tolerance);
  });
}

// test/engine/properties/convolution.test.ts has random geometries.
describe('convolution and its gradients', () => {
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

  for (const groups of [1, 4]) {
    it(`sum the filter gradient of many pixels exactly, with ${groups} groups`, () => {
      tf.tidy(() => {
        const shape = [1, 300, 700, 4];
        const [x, dy] = [input('pixels', shape, 0, 1), input('dy', shape, 0, 1)];
        const run = (filter: Tensor) => convolution2d(x.tensor as Tensor4D, filter as Tensor4D, { ...plain, groups });
        const filterShape = [1, 1, 4 / groups, 4];
        const gradient = tf.grad(run)(tf.zeros(filterShape), dy.tensor);
        const expected = Array.from({ length: 16 / groups }, (_, place) => {
          const output = place % 4;
          const channel = groups === 1 ? (place - output) / 4 : output;
          let sum = 0;
          for (let i = 0; i < x.values.length; i += 4) sum += x.values[i + channel]! * dy.values[i + output]!;
          return sum;
        });
        assertValues(gradient, filterShape, expected, 'filter gradient', 2e-6);
      });
    });
  }

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
