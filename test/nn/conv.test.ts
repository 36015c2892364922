import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { Conv2D, functional, type Conv2DOptions, type PaddingMode } from '../../src/nn/index.js';
import type { Conv2DFunctionOptions } from '../../src/nn/functional/index.js';
import { assertTensor, elements, inputs, weights } from './support.js';

// Expected values: Paddle 3.3.1, for these images, filters and biases.
const image = () => inputs(1, 2, 5, 4);
const filters = () => weights(2, 2, 3, 2);
const biases = () => tf.tensor1d([0.5, -1]);

const paddings: { what: string; options: Conv2DFunctionOptions; shape: number[]; expected: number[] }[] = [
  {
    what: 'an integer',
    options: { padding: 1 },
    shape: [1, 2, 5, 5],
    expected: [
      19.5, 11.5, 11.5, 0.5, -3.5, 21.5, -26.5, 3.5, -54.5, 3.5, -27.5, 5.5, -8.5, 21.5, 18.5, -21.5, 26.5, -9.5, 20.5,
      -10.5, -7.5, -0.5, -45.5, -24.5, -7.5, 10, -23, -2, -47, 6, -51, -9, -3, 14, 13, 6, 26, 10, 16, -20, 8, -5, -43,
      -37, -20, 8, -7, 19, 12, 18,
    ],
  },
  {
    what: 'height and width',
    options: { padding: [1, 2] },
    shape: [1, 2, 5, 7],
    expected: [
      0.5, 19.5, 11.5, 11.5, 0.5, -3.5, 0.5, 0.5, 21.5, -26.5, 3.5, -54.5, 3.5, 0.5, 0.5, -27.5, 5.5, -8.5, 21.5, 18.5,
      0.5, 0.5, -21.5, 26.5, -9.5, 20.5, -10.5, 0.5, 0.5, -7.5, -0.5, -45.5, -24.5, -7.5, 0.5, -1, 10, -23, -2, -47, 6,
      -1, -1, -51, -9, -3, 14, 13, -1, -1, 6, 26, 10, 16, -20, -1, -1, 8, -5, -43, -37, -20, -1, -1, 8, -7, 19, 12, 18,
      -1,
    ],
  },
  {
    what: 'four sides',
    options: { padding: [1, 0, 2, 1] },
    shape: [1, 2, 4, 6],
    expected: [
      0.5, 19.5, 11.5, 11.5, 0.5, -3.5, 0.5, 21.5, -26.5, 3.5, -54.5, 3.5, 0.5, -27.5, 5.5, -8.5, 21.5, 18.5, 0.5,
      -21.5, 26.5, -9.5, 20.5, -10.5, -1, 10, -23, -2, -47, 6, -1, -51, -9, -3, 14, 13, -1, 6, 26, 10, 16, -20, -1, 8,
      -5, -43, -37, -20,
    ],
  },
  {
    what: 'a pair for each axis',
    options: {
      padding: [
        [0, 0],
        [0, 0],
        [1, 0],
        [2, 1],
      ],
    },
    shape: [1, 2, 4, 6],
    expected: [
      0.5, 19.5, 11.5, 11.5, 0.5, -3.5, 0.5, 21.5, -26.5, 3.5, -54.5, 3.5, 0.5, -27.5, 5.5, -8.5, 21.5, 18.5, 0.5,
      -21.5, 26.5, -9.5, 20.5, -10.5, -1, 10, -23, -2, -47, 6, -1, -51, -9, -3, 14, 13, -1, 6, 26, 10, 16, -20, -1, 8,
      -5, -43, -37, -20,
    ],
  },
  {
    what: "'same'",
    options: { padding: 'same' },
    shape: [1, 2, 5, 4],
    expected: [
      11.5, 11.5, 0.5, -3.5, -26.5, 3.5, -54.5, 3.5, 5.5, -8.5, 21.5, 18.5, 26.5, -9.5, 20.5, -10.5, -0.5, -45.5, -24.5,
      -7.5, -23, -2, -47, 6, -9, -3, 14, 13, 26, 10, 16, -20, -5, -43, -37, -20, -7, 19, 12, 18,
    ],
  },
  {
    what: "'SAME' with a stride",
    options: { padding: 'SAME', stride: 2 },
    shape: [1, 2, 3, 2],
    expected: [11.5, 0.5, 5.5, 21.5, -0.5, -24.5, -23, -47, 26, 16, -7, 12],
  },
  {
    what: "'same', which sets the dilation to 1",
    options: { padding: 'same', dilation: 2 },
    shape: [1, 2, 5, 4],
    expected: [
      11.5, 11.5, 0.5, -3.5, -26.5, 3.5, -54.5, 3.5, 5.5, -8.5, 21.5, 18.5, 26.5, -9.5, 20.5, -10.5, -0.5, -45.5, -24.5,
      -7.5, -23, -2, -47, 6, -9, -3, 14, 13, 26, 10, 16, -20, -5, -43, -37, -20, -7, 19, 12, 18,
    ],
  },
  {
    what: "'valid'",
    options: { padding: 'valid' },
    shape: [1, 2, 3, 3],
    expected: [-26.5, 3.5, -54.5, 5.5, -8.5, 21.5, 26.5, -9.5, 20.5, -9, -3, 14, 26, 10, 16, -5, -43, -37],
  },
  {
    what: 'a stride for each axis',
    options: { stride: [2, 1] },
    shape: [1, 2, 2, 3],
    expected: [-26.5, 3.5, -54.5, 26.5, -9.5, 20.5, -9, -3, 14, -5, -43, -37],
  },
  {
    what: 'a dilation',
    options: { dilation: [2, 1], padding: 1 },
    shape: [1, 2, 3, 5],
    expected: [
      -1.5, -7.5, 3.5, 3.5, 9.5, 11.5, -1.5, 6.5, -29.5, 16.5, -29.5, 4.5, -18.5, 2.5, -13.5, -31, 3, -20, 1, -15, -37,
      6, -10, 29, -8, 18, 15, -14, -21, -3,
    ],
  },
];

const modes: { mode: PaddingMode; expected: number[] }[] = [
  {
    mode: 'reflect',
    expected: [
      11.5, -29.5, -1.5, -4.5, 14.5, -2.5, 11.5, 7.5, -11.5, 16.5, -8.5, 10.5, -6.5, 7.5, -57.5, 22.5, -26.5, 3.5,
      -54.5, 5.5, -57.5, 7.5, -11.5, 5.5, -8.5, 21.5, -6.5, 7.5, 28.5, -12.5, 26.5, -9.5, 20.5, -29.5, 28.5, 10.5,
      -41.5, 8.5, -38.5, -8.5, -3.5, 10.5, -23.5, 12.5, -25.5, 15.5, -31.5, -4.5, -23.5, -2, -19, 9, -18, -1, -18, -2,
      -43, 39, -10, 18, -42, 18, -43, 13, -37, -9, -3, 14, -3, 13, 26, 9, 26, 10, 16, -12, 26, -5, -44, -5, -43, -37,
      -10, -5, -8, 19, -8, 20, 4, 9, -8, 13, -26, 13, -25, -19, 8, 13,
    ],
  },
  {
    mode: 'replicate',
    expected: [
      18.5, 18.5, 3.5, 11.5, -24.5, -1.5, -1.5, 54.5, 54.5, 6.5, 14.5, -32.5, -9.5, -9.5, 10.5, 10.5, -26.5, 3.5, -54.5,
      -9.5, -9.5, -34.5, -34.5, 5.5, -8.5, 21.5, 44.5, 44.5, -24.5, -24.5, 26.5, -9.5, 20.5, 10.5, 10.5, -6.5, -6.5,
      11.5, -46.5, -16.5, -26.5, -26.5, 3.5, 3.5, -11.5, -3.5, -6.5, -16.5, -16.5, 3, 3, -2, 15, -23, -1, -1, -33, -33,
      -27, 12, -37, 7, 7, -70, -70, -9, -3, 14, 25, 25, 20, 20, 26, 10, 16, -17, -17, 22, 22, -5, -43, -37, -70, -70,
      16, 16, -11, 6, 12, 12, 12, 0, 0, -5, 1, -4, -4, -4,
    ],
  },
  {
    mode: 'circular',
    expected: [
      -17.5, -26.5, -0.5, -36.5, -17.5, -26.5, -0.5, -14.5, 20.5, -8.5, 21.5, -14.5, 20.5, -8.5, -54.5, 24.5, -26.5,
      3.5, -54.5, 24.5, -26.5, 21.5, -9.5, 5.5, -8.5, 21.5, -9.5, 5.5, 20.5, -32.5, 26.5, -9.5, 20.5, -32.5, 26.5,
      -17.5, -26.5, -0.5, -36.5, -17.5, -26.5, -0.5, -14.5, 20.5, -8.5, 21.5, -14.5, 20.5, -8.5, 13, 28, 1, 18, 13, 28,
      1, -35, 24, -3, 3, -35, 24, -3, 14, -37, -9, -3, 14, -37, -9, 16, -13, 26, 10, 16, -13, 26, -37, -11, -5, -43,
      -37, -11, -5, 13, 28, 1, 18, 13, 28, 1, -35, 24, -3, 3, -35, 24, -3,
    ],
  },
];

const channelsLastExpected = [
  11.5, -23, 11.5, -2, 0.5, -47, -26.5, -9, 3.5, -3, -54.5, 14, 5.5, 26, -8.5, 10, 21.5, 16, 26.5, -5, -9.5, -43, 20.5,
  -37, -0.5, -7, -45.5, 19, -24.5, 12,
];
const groupedExpected = [5, -22, -4, 2, 16, 24, -18, -21, 4, 6, -10, 3, -18, -18, 4, -18];
const reflectLastExpected = [
  -11.5, 39, 16.5, -10, -8.5, 18, 10.5, -42, -6.5, 18, 22.5, -37, -26.5, -9, 3.5, -3, -54.5, 14, 5.5, -3, -11.5, 9, 5.5,
  26, -8.5, 10, 21.5, 16, -6.5, -12, -12.5, -44, 26.5, -5, -9.5, -43, 20.5, -37, -29.5, -10, -41.5, 19, 8.5, -8, -38.5,
  20, -8.5, 4, -3.5, 9,
];

/** A layer with the filters and biases above. */
function layer(options: Conv2DOptions): Conv2D {
  const conv = new Conv2D(2, 2, [3, 2], options);
  conv.weight.setValue(filters());
  conv.bias?.setValue(biases());
  return conv;
}

const toLast = (x: Tensor) => tf.transpose(x, [0, 2, 3, 1]);

describe('conv2d', () => {
  for (const { what, options, shape, expected } of paddings) {
    it(`takes ${what}`, () => {
      assertTensor(functional.conv2d(image(), filters(), { ...options, bias: biases() }), shape, expected);
      assertTensor(layer(options).forward(image()), shape, expected);
    });
  }

  it('takes channels last', () => {
    const options = { padding: [1, 0], dataFormat: 'NHWC' } as const;
    const y = functional.conv2d(toLast(image()), filters(), { ...options, bias: biases() });
    assertTensor(y, [1, 5, 3, 2], channelsLastExpected);
  });

  it('takes a pair for each axis with the channels last', () => {
    const padding = [
      [0, 0],
      [1, 1],
      [0, 0],
      [0, 0],
    ] as const;
    const y = functional.conv2d(toLast(image()), filters(), { padding, dataFormat: 'NHWC', bias: biases() });
    assertTensor(y, [1, 5, 3, 2], channelsLastExpected);
  });

  it('keeps groups of channels apart', () => {
    const y = functional.conv2d(image(), weights(4, 1, 2, 2), { groups: 2, stride: 2 });
    assertTensor(y, [1, 4, 2, 2], groupedExpected);
  });

  it('gives gradients for input, filters and bias', () => {
    const conv = layer({});
    const x = image();
    x.stopGradient = false;
    tf.sum(conv.forward(x)).backward();
    // Every element of a filter meets each of the 3 x 3 windows once; the bias each of them.
    assert.deepEqual(elements(conv.bias!.grad!), [9, 9]);
    const first = elements(tf.sum(tf.slice(image(), [0, 0, 0, 0], [1, 1, 3, 3])));
    assert.equal(elements(conv.weight.grad!)[0], first[0]);
    // The first pixel is seen by the first tap of each filter of its channel alone.
    const values = elements(filters());
    assert.equal(elements(x.grad!)[0], (values[0] ?? 0) + (values[12] ?? 0));
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'three axes',
      () => functional.conv2d(tf.zeros([2, 5, 4]), filters()),
      'SHAPE_MISMATCH',
      /conv2d takes an input of 4 axes.*\[2, 5, 4\]/,
    ],
    [
      'other channels',
      () => functional.conv2d(tf.zeros([1, 3, 5, 4]), filters()),
      'SHAPE_MISMATCH',
      /takes 2 channels, got 3 in an input \[1, 3, 5, 4\]/,
    ],
    [
      'other channels in groups',
      () => functional.conv2d(tf.zeros([1, 2, 5, 4]), filters(), { groups: 2 }),
      'SHAPE_MISMATCH',
      /2 groups takes 4 channels, got 2/,
    ],
    [
      'a misspelt option',
      () => functional.conv2d(image(), filters(), { strides: 2 } as object),
      'UNKNOWN_OPTION',
      /conv2d has no option 'strides'; did you mean 'stride'\?/,
    ],
    [
      'an unknown padding',
      () => functional.conv2d(image(), filters(), { padding: 'full' as 'same' }),
      'INVALID_ARGUMENT',
      /padding must be one of 'same', 'valid', got "full"/,
    ],
    [
      'three paddings',
      () => functional.conv2d(image(), filters(), { padding: [1, 2, 3] }),
      'INVALID_ARGUMENT',
      /padding must be an integer, .*got \[1, 2, 3\]/,
    ],
    [
      'a negative padding',
      () => functional.conv2d(image(), filters(), { padding: -1 }),
      'INVALID_ARGUMENT',
      /padding\[0\] must be a non-negative integer, got -1/,
    ],
    [
      'padding of the channels',
      () =>
        functional.conv2d(image(), filters(), {
          padding: [
            [0, 0],
            [1, 1],
            [0, 0],
            [0, 0],
          ],
        }),
      'INVALID_ARGUMENT',
      /zeros for the batch and the channels/,
    ],
    [
      'no stride',
      () => functional.conv2d(image(), filters(), { stride: 0 }),
      'INVALID_ARGUMENT',
      /stride must be a positive integer, got 0/,
    ],
    [
      'half a dilation',
      () => functional.conv2d(image(), filters(), { dilation: [1, 0.5] }),
      'INVALID_ARGUMENT',
      /dilation\[1\] must be a positive integer, got 0.5/,
    ],
    [
      'an unknown order of axes',
      () => functional.conv2d(image(), filters(), { dataFormat: 'CHWN' as 'NCHW' }),
      'INVALID_ARGUMENT',
      /dataFormat must be one of 'NCHW', 'NHWC', got "CHWN"/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(run, { code, message }));
  }

  it('refuses a kernel that is larger than the padded image', () => {
    assert.throws(() => functional.conv2d(tf.zeros([1, 2, 2, 4]), filters()), { code: 'SHAPE_MISMATCH' });
  });
});

describe('Conv2D', () => {
  for (const { mode, expected } of modes) {
    it(`pads in mode ${mode}`, () => {
      assertTensor(layer({ padding: 2, paddingMode: mode }).forward(image()), [1, 2, 7, 7], expected);
    });
  }

  it('pads height and width with the channels last', () => {
    const conv = layer({ padding: 1, paddingMode: 'reflect', dataFormat: 'NHWC' });
    assertTensor(conv.forward(toLast(image())), [1, 5, 5, 2], reflectLastExpected);
  });

  it('sends the gradients of padded elements to where they came from', () => {
    const conv = new Conv2D(1, 1, 1, { padding: 1, paddingMode: 'replicate', biasAttr: false });
    conv.weight.setValue(tf.ones([1, 1, 1, 1]));
    const x = tf.zeros([1, 1, 2, 2]);
    x.stopGradient = false;
    tf.sum(conv.forward(x)).backward();
    // Each of 16 elements of the padded image is one of the four corners.
    assertTensor(x.grad!, [1, 1, 2, 2], [4, 4, 4, 4]);
  });

  it('has filters [out, in / groups, kh, kw] and a bias, or none', () => {
    const conv = new Conv2D(4, 8, [3, 5], { groups: 2 });
    assert.deepEqual(conv.weight.shape, [8, 2, 3, 5]);
    assert.deepEqual(conv.bias?.shape, [8]);
    const bare = new Conv2D(1, 1, 3, { biasAttr: false });
    assert.equal(bare.bias, null);
    assert.deepEqual(Object.keys(bare.stateDict()), ['weight']);
  });

  it('starts with the spread of all input channels, also with groups', () => {
    const values = elements(new Conv2D(32, 256, 3, { groups: 4 }).weight);
    const std = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    assert.ok(Math.abs(std / Math.sqrt(2 / (32 * 9)) - 1) < 0.03, `standard deviation ${std}`);
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'input channels that groups do not divide',
      () => new Conv2D(3, 4, 3, { groups: 2 }),
      'INVALID_ARGUMENT',
      /multiples of groups 2, got 3 and 4/,
    ],
    [
      'output channels that groups do not divide',
      () => new Conv2D(4, 3, 3, { groups: 2 }),
      'INVALID_ARGUMENT',
      /multiples of groups 2, got 4 and 3/,
    ],
    ['no groups', () => new Conv2D(1, 1, 1, { groups: 0 }), 'INVALID_ARGUMENT', /groups must be a positive integer/],
    ['no channels', () => new Conv2D(0, 1, 1), 'INVALID_ARGUMENT', /inChannels must be a positive integer, got 0/],
    [
      'three kernel sizes',
      () => new Conv2D(1, 1, [1, 2, 3] as unknown as number),
      'INVALID_ARGUMENT',
      /kernelSize must be an integer or a pair of integers, got \[1, 2, 3\]/,
    ],
    [
      'an unknown mode',
      () => new Conv2D(1, 1, 1, { paddingMode: 'mirror' as PaddingMode }),
      'INVALID_ARGUMENT',
      /paddingMode must be one of 'zeros', 'reflect', 'replicate', 'circular', got "mirror"/,
    ],
    [
      'a pair with a mode',
      () => new Conv2D(1, 1, 1, { paddingMode: 'reflect', padding: [1, 1] }),
      'INVALID_ARGUMENT',
      /padding of mode 'reflect' must be an integer, got \[1, 1\]/,
    ],
    [
      'a misspelt option',
      () => new Conv2D(1, 1, 1, { weight_attr: null } as object),
      'UNKNOWN_OPTION',
      /Conv2D has no option 'weight_attr'; did you mean 'weightAttr'\?/,
    ],
    [
      'no filters',
      () => new Conv2D(1, 1, 1, { weightAttr: false }),
      'INVALID_ARGUMENT',
      /weightAttr of Conv2D must not be false/,
    ],
    [
      'a reflection beyond the image',
      () => new Conv2D(1, 1, 1, { paddingMode: 'reflect', padding: 3 }).forward(tf.zeros([1, 1, 3, 3])),
      'SHAPE_MISMATCH',
      /'reflect' padding of an axis of 3 elements must be at most 2, got 3/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(run, { code, message }));
  }
});
