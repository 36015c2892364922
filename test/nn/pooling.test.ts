import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import type { AvgPool2DFunctionOptions, PoolingOptions } from '../../src/nn/functional/index.js';
import { AdaptiveAvgPool2D, AdaptiveMaxPool2D, AvgPool2D, MaxPool2D, functional } from '../../src/nn/index.js';
import { assertTensor, inputs } from './support.js';

// Expected values: Paddle 3.3.1, for this image; maxima of windows 2 x 2, means of windows 2 x 3.
const image = () => inputs(1, 1, 5, 5);

const maxima: { what: string; options: PoolingOptions; shape: number[]; expected: number[]; places?: number[] }[] = [
  { what: 'the defaults', options: {}, shape: [1, 1, 2, 2], expected: [4, 6, 5, 6], places: [6, 2, 15, 13] },
  {
    what: 'padding',
    options: { padding: 1 },
    shape: [1, 1, 3, 3],
    expected: [-4, 6, 5, 2, 4, 6, 5, 4, 6],
    places: [0, 2, 4, 10, 6, 13, 15, 17, 24],
  },
  {
    what: 'rounding up',
    options: { ceilMode: true },
    shape: [1, 1, 3, 3],
    expected: [4, 6, 5, 5, 6, 3, 2, 1, 6],
    places: [6, 2, 4, 15, 13, 19, 21, 23, 24],
  },
  {
    what: 'overlapping windows',
    options: { stride: 1 },
    shape: [1, 1, 4, 4],
    expected: [4, 6, 6, 5, 4, 4, 6, 6, 5, 4, 6, 6, 5, 4, 4, 6],
    places: [6, 2, 2, 4, 6, 6, 13, 13, 15, 17, 13, 13, 15, 17, 17, 24],
  },
  {
    what: 'four sides',
    options: { padding: [1, 0, 0, 1] },
    shape: [1, 1, 3, 3],
    expected: [1, 6, 5, 4, 6, 0, 5, 4, 6],
  },
  { what: "'same'", options: { padding: 'same' }, shape: [1, 1, 3, 3], expected: [4, 6, 5, 5, 6, 3, 2, 1, 6] },
];

const means: { what: string; options: AvgPool2DFunctionOptions; shape: number[]; expected: number[] }[] = [
  { what: 'the defaults', options: {}, shape: [1, 1, 2, 1], expected: [0.666667, 1.166667] },
  {
    what: 'rounding up',
    options: { ceilMode: true },
    shape: [1, 1, 3, 2],
    expected: [0.666667, 1.25, 1.166667, 1.75, -1.666667, 3.5],
  },
  {
    what: 'padding that does not count',
    options: { padding: 1 },
    shape: [1, 1, 3, 2],
    expected: [-1.5, 3.666667, 0.25, 0.833333, 0.75, 1.333333],
  },
  {
    what: 'padding that counts',
    options: { padding: 1, exclusive: false },
    shape: [1, 1, 3, 2],
    expected: [-0.5, 1.833333, 0.166667, 0.833333, 0.5, 1.333333],
  },
  { what: 'a divisor', options: { divisorOverride: 3 }, shape: [1, 1, 2, 1], expected: [1.333333, 2.333333] },
  {
    what: 'a divisor and padding',
    options: { padding: 1, exclusive: false, divisorOverride: 3 },
    shape: [1, 1, 3, 2],
    expected: [-1, 3.666667, 0.333333, 1.666667, 1, 2.666667],
  },
  {
    what: 'rounding up, which never counts',
    options: { ceilMode: true, exclusive: false },
    shape: [1, 1, 3, 2],
    expected: [0.666667, 1.25, 1.166667, 1.75, -1.666667, 3.5],
  },
  {
    what: 'a stride for each axis',
    options: { stride: [1, 2] },
    shape: [1, 1, 4, 2],
    expected: [0.666667, 1.5, 0, 0.833333, 1.166667, 2, 0.5, 1.333333],
  },
  {
    what: "'SAME'",
    options: { padding: 'SAME' },
    shape: [1, 1, 3, 2],
    expected: [0.666667, 1.25, 1.166667, 1.75, -1.666667, 3.5],
  },
];

const adaptiveMeans = [0.666667, 1.5, 0.888889, 1.111111, 0.5, 1.333333];
const adaptiveMaxima = [6, 6, 5, 6, 5, 6];
const adaptiveColumns = [1, 3.666667, 0.333333, -0.666667, -0.333333, 2.333333, 2.666667, 1.666667, -1.666667, 1];

describe('maxPool2d', () => {
  for (const { what, options, shape, expected, places } of maxima) {
    it(`takes ${what}`, () => {
      assertTensor(functional.maxPool2d(image(), 2, options), shape, expected);
      assertTensor(new MaxPool2D(2, options).forward(image()), shape, expected);
      if (places === undefined) return;
      const [values, indices] = functional.maxPool2d(image(), 2, { ...options, returnMask: true });
      assertTensor(values, shape, expected);
      assertTensor(indices, shape, places);
      assert.equal(indices.dtype, 'int32');
    });
  }

  it('counts indices within each plane', () => {
    const x = tf.tensor4d([1, 2, 3, 4, 8, 7, 6, 5], [1, 2, 2, 2]);
    const [values, indices] = new MaxPool2D(2, { returnMask: true }).forward(x);
    assertTensor(values, [1, 2, 1, 1], [4, 8]);
    assertTensor(indices, [1, 2, 1, 1], [3, 0]);
  });

  it('takes channels last, with indices', () => {
    const x = tf.transpose(tf.tensor4d([1, 2, 3, 4, 8, 7, 6, 5], [1, 2, 2, 2]), [0, 2, 3, 1]);
    const [values, indices] = functional.maxPool2d(x, 2, { returnMask: true, dataFormat: 'NHWC' });
    assertTensor(values, [1, 1, 1, 2], [4, 8]);
    assertTensor(indices, [1, 1, 1, 2], [3, 0]);
  });

  it('sends the gradient to the maximum', () => {
    const x = image();
    x.stopGradient = false;
    tf.sum(functional.maxPool2d(x, 2)).backward();
    const expected = new Array<number>(25).fill(0);
    for (const place of maxima[0]?.places ?? []) expected[place] = 1;
    assertTensor(x.grad!, [1, 1, 5, 5], expected);
  });
});

describe('avgPool2d', () => {
  for (const { what, options, shape, expected } of means) {
    it(`takes ${what}`, () => {
      assertTensor(functional.avgPool2d(image(), [2, 3], options), shape, expected);
      assertTensor(new AvgPool2D([2, 3], options).forward(image()), shape, expected);
    });
  }

  it('spreads the gradient over the window', () => {
    const x = tf.zeros([1, 1, 4, 4]);
    x.stopGradient = false;
    tf.sum(functional.avgPool2d(x, 2)).backward();
    assertTensor(x.grad!, [1, 1, 4, 4], new Array<number>(16).fill(0.25));
  });
});

describe('adaptive pooling', () => {
  it('covers the image evenly', () => {
    assertTensor(new AdaptiveAvgPool2D([3, 2]).forward(image()), [1, 1, 3, 2], adaptiveMeans);
    assertTensor(new AdaptiveMaxPool2D([3, 2]).forward(image()), [1, 1, 3, 2], adaptiveMaxima);
  });

  it('keeps an axis for null', () => {
    assertTensor(functional.adaptiveAvgPool2d(image(), [null, 2]), [1, 1, 5, 2], adaptiveColumns);
    assertTensor(functional.adaptiveMaxPool2d(image(), [null, null]), [1, 1, 5, 5], Array.from(image().dataSync()));
  });

  it('takes one number for both axes, and channels last', () => {
    const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 4, 40], [1, 2, 2, 2]);
    assertTensor(new AdaptiveAvgPool2D(1, { dataFormat: 'NHWC' }).forward(x), [1, 1, 1, 2], [2.5, 25]);
  });
});

describe('wrong use of pooling', () => {
  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'two axes',
      () => new MaxPool2D(2).forward(tf.zeros([2, 2])),
      'SHAPE_MISMATCH',
      /maxPool2d takes an input of 4 axes/,
    ],
    [
      'two axes',
      () => new AvgPool2D(2).forward(tf.zeros([2, 2])),
      'SHAPE_MISMATCH',
      /avgPool2d takes an input of 4 axes/,
    ],
    [
      'a misspelt option',
      () => new MaxPool2D(2, { ceil_mode: true } as object),
      'UNKNOWN_OPTION',
      /MaxPool2D has no option 'ceil_mode'; did you mean 'ceilMode'\?/,
    ],
    [
      'an option of the mean',
      () => new MaxPool2D(2, { exclusive: true } as object),
      'UNKNOWN_OPTION',
      /MaxPool2D has no option 'exclusive'/,
    ],
    ['no kernel', () => new AvgPool2D(0), 'INVALID_ARGUMENT', /kernelSize must be a positive integer, got 0/],
    ['no stride', () => new AvgPool2D(2, 0), 'INVALID_ARGUMENT', /stride must be a positive integer, got 0/],
    [
      'a number as exclusive',
      () => functional.avgPool2d(image(), 2, { exclusive: 1 as unknown as boolean }),
      'INVALID_ARGUMENT',
      /exclusive must be true or false, got 1/,
    ],
    [
      'a divisor of zero',
      () => functional.avgPool2d(image(), 2, { divisorOverride: 0 }),
      'INVALID_ARGUMENT',
      /divisorOverride must be a number of at least/,
    ],
    [
      'an output of zero rows',
      () => functional.adaptiveAvgPool2d(image(), [0, 1]),
      'INVALID_ARGUMENT',
      /outputSize\[0\] must be a positive integer, got 0/,
    ],
    [
      'an unknown padding',
      () => functional.maxPool2d(image(), 2, { padding: 'full' as 'same' }),
      'INVALID_ARGUMENT',
      /padding must be one of 'same', 'valid'/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what} (${message.source.slice(0, 20)})`, () => assert.throws(run, { code, message }));
  }
});

describe('windows wholly in the padding', () => {
  it('have no place, and their gradient goes nowhere', () => {
    const x = inputs(1, 4, 2, 2);
    x.stopGradient = false;
    const [values, places] = functional.maxPool2d(x, 2, { padding: 3, returnMask: true });
    assert.equal(values.dataSync()[0], -Infinity);
    assert.equal(places.dataSync()[0], -1);
    tf.sum(tf.where(tf.isFinite(values), values, tf.zerosLike(values))).backward();
    assert.ok(x.grad?.dataSync().every((value) => value >= 0 && value <= 4));
  });
});
