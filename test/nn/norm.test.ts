import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { noGrad } from '../../src/autograd/index.js';
import { BatchNorm, BatchNorm1D, BatchNorm2D } from '../../src/nn/index.js';
import { assertTensor, elements, inputs } from './support.js';

interface Case {
  what: string;
  make: () => BatchNorm | BatchNorm1D | BatchNorm2D;
  evaluate: boolean;
  x: () => Tensor;
  expected: number[];
  mean: number[];
  variance: number[];
}

// Expected values: Paddle 3.3.1, from the state that `prepare` sets.
const cases: Case[] = [
  {
    what: 'the batch in training',
    make: () => new BatchNorm2D(2, {}),
    evaluate: false,
    x: () => inputs(2, 2, 2, 2),
    expected: [
      -2.197803, 0.769231, 3.736266, 0.175824, 0.053271, 2.118861, 0.397536, 2.463126, 1.956045, -1.604397, 1.362638,
      -2.197803, 1.430331, -0.290994, 1.774596, 0.053271,
    ],
    mean: [0.4625, -0.675],
    variance: [2.935938, 1.06875],
  },
  {
    what: 'running statistics in evaluation',
    make: () => new BatchNorm2D(2, {}),
    evaluate: true,
    x: () => inputs(2, 2, 2, 2),
    expected: [
      -6.113945, 0.957105, 8.028155, -0.457105, -10.99976, 1, -8.9998, 2.99996, 3.785525, -4.699735, 2.371315,
      -6.113945, -2.99992, -12.99972, -0.99996, -10.99976,
    ],
    mean: [0.5, -1],
    variance: [2, 0.25],
  },
  {
    what: 'useGlobalStats true in training',
    make: () => new BatchNorm2D(2, { useGlobalStats: true }),
    evaluate: false,
    x: () => inputs(2, 2, 2, 2),
    expected: [
      -6.113945, 0.957105, 8.028155, -0.457105, -10.99976, 1, -8.9998, 2.99996, 3.785525, -4.699735, 2.371315,
      -6.113945, -2.99992, -12.99972, -0.99996, -10.99976,
    ],
    mean: [0.5, -1],
    variance: [2, 0.25],
  },
  {
    what: 'useGlobalStats false in evaluation',
    make: () => new BatchNorm2D(2, { useGlobalStats: false }),
    evaluate: true,
    x: () => inputs(2, 2, 2, 2),
    expected: [
      -2.197803, 0.769231, 3.736266, 0.175824, 0.053271, 2.118861, 0.397536, 2.463126, 1.956045, -1.604397, 1.362638,
      -2.197803, 1.430331, -0.290994, 1.774596, 0.053271,
    ],
    mean: [0.4625, -0.675],
    variance: [2.935938, 1.06875],
  },
  {
    what: 'momentum and epsilon',
    make: () => new BatchNorm2D(2, { momentum: 0.5, epsilon: 0.1 }),
    evaluate: false,
    x: () => inputs(2, 2, 2, 2),
    expected: [
      -2.187101, 0.766961, 3.721022, 0.176148, 0.058832, 2.11229, 0.401075, 2.454533, 1.948585, -1.596288, 1.357773,
      -2.187101, 1.427804, -0.283411, 1.770047, 0.058832,
    ],
    mean: [0.3125, 0.625],
    variance: [6.679688, 4.34375],
  },
  {
    what: 'no weight and no bias',
    make: () => new BatchNorm2D(2, { weightAttr: false, biasAttr: false }),
    evaluate: false,
    x: () => inputs(2, 2, 2, 2),
    expected: [
      -1.223902, 0.259616, 1.743133, -0.037088, 0.946729, -1.118861, 0.602464, -1.463126, 0.853022, -0.927198, 0.556319,
      -1.223902, -0.430331, 1.290994, -0.774596, 0.946729,
    ],
    mean: [0.4625, -0.675],
    variance: [2.935938, 1.06875],
  },
  {
    what: 'channels last',
    make: () => new BatchNorm2D(2, { dataFormat: 'NHWC' }),
    evaluate: false,
    x: () => inputs(1, 2, 2, 2),
    expected: [-3.158449, -0.341635, 1.891105, 0.552788, 1.38615, 1.447212, 0.881194, 2.341635],
    mean: [0.725, -0.95],
    variance: [3.36875, 0.35],
  },
  {
    what: 'a single value per channel',
    make: () => new BatchNorm1D(2, {}),
    evaluate: false,
    x: () => tf.tensor2d([[3, 4]]),
    expected: [3, 4],
    mean: [0.5, -1],
    variance: [2, 0.25],
  },
  {
    what: '[N, C, L]',
    make: () => new BatchNorm1D(2, {}),
    evaluate: false,
    x: () => inputs(2, 2, 3),
    expected: [
      -2.843555, 0.056653, 2.956861, 0.944868, -0.709084, 1.275659, 1.796778, -1.683472, 1.216736, 1.93724, 0.283287,
      2.26803,
    ],
    mean: [0.583333, -0.916667],
    variance: [2.988889, 1.138889],
  },
  {
    what: '[N, L, C]',
    make: () => new BatchNorm1D(2, { dataFormat: 'NLC' }),
    evaluate: false,
    x: () => inputs(2, 3, 2),
    expected: [
      -3.853911, -0.463848, 2.301955, 0.121691, 1.686369, 0.707231, 1.070782, 1.29277, 0.455195, 1.878309, -0.160391,
      2.463848,
    ],
    mean: [0.716667, -1.05],
    variance: [2.855556, 0.516667],
  },
  {
    what: 'an activation',
    make: () => new BatchNorm(2, { act: 'relu' }),
    evaluate: false,
    x: () => inputs(2, 2, 2, 2),
    expected: [
      0, 0.769231, 3.736266, 0.175824, 0.053271, 2.118861, 0.397536, 2.463126, 1.956045, 0, 1.362638, 0, 1.430331, 0,
      1.774596, 0.053271,
    ],
    mean: [0.4625, -0.675],
    variance: [2.935938, 1.06875],
  },
  {
    what: 'two axes without weight and bias',
    make: () => new BatchNorm(2, { act: 'relu6', paramAttr: false, biasAttr: false, momentum: 0.5, epsilon: 0.1 }),
    evaluate: false,
    x: () => inputs(3, 2),
    expected: [0, 1.14208, 0.813366, 0, 0.591539, 0],
    mean: [1.416667, -0.5],
    variance: [11.11111, 0.458333],
  },
  {
    what: 'five axes',
    make: () => new BatchNorm(2, { act: 'sigmoid' }),
    evaluate: false,
    x: () => inputs(1, 2, 1, 2, 2),
    expected: [0.08188, 0.596372, 0.960752, 0.457325, 0.462373, 0.860805, 0.544384, 0.895743],
    mean: [0.525, -0.75],
    variance: [3.06875, 1.15],
  },
  {
    what: 'dataLayout',
    make: () => new BatchNorm(2, { dataLayout: 'NHWC' }),
    evaluate: false,
    x: () => inputs(1, 2, 2, 2),
    expected: [-3.158449, -0.341635, 1.891105, 0.552788, 1.38615, 1.447212, 0.881194, 2.341635],
    mean: [0.725, -0.95],
    variance: [3.36875, 0.35],
  },
  ...[{ isTest: true }, { useGlobalStats: true }].map((options) => ({
    what: `running statistics by ${Object.keys(options).join()}`,
    make: () => new BatchNorm(2, options),
    evaluate: false,
    x: () => inputs(2, 2, 2, 2),
    expected: [
      -6.113945, 0.957105, 8.028155, -0.457105, -10.99976, 1, -8.9998, 2.99996, 3.785525, -4.699735, 2.371315,
      -6.113945, -2.99992, -12.99972, -0.99996, -10.99976,
    ],
    mean: [0.5, -1],
    variance: [2, 0.25],
  })),
  {
    what: 'trainableStatistics in evaluation',
    make: () => new BatchNorm(2, { trainableStatistics: true }),
    evaluate: true,
    x: () => inputs(2, 2, 2, 2),
    expected: [
      -2.197803, 0.769231, 3.736266, 0.175824, 0.053271, 2.118861, 0.397536, 2.463126, 1.956045, -1.604397, 1.362638,
      -2.197803, 1.430331, -0.290994, 1.774596, 0.053271,
    ],
    mean: [0.4625, -0.675],
    variance: [2.935938, 1.06875],
  },
];

function prepare<Norm extends BatchNorm | BatchNorm1D | BatchNorm2D>(norm: Norm): Norm {
  norm._mean.setValue(tf.tensor1d([0.5, -1]));
  norm._variance.setValue(tf.tensor1d([2, 0.25]));
  norm.weight?.setValue(tf.tensor1d([2, -1]));
  norm.bias?.setValue(tf.tensor1d([0.25, 1]));
  return norm;
}

describe('batch normalisation', () => {
  for (const { what, make, evaluate, x, expected, mean, variance } of cases) {
    it(`takes ${what}`, () => {
      const norm = prepare(make());
      if (evaluate) norm.eval();
      const input = x();
      assertTensor(norm.forward(input), input.shape, expected, 1e-5);
      assertTensor(norm._mean, [2], mean, 1e-5);
      assertTensor(norm._variance, [2], variance, 1e-5);
    });
  }

  it('updates the running statistics under noGrad, too', () => {
    const norm = prepare(new BatchNorm2D(2));
    noGrad(() => norm.forward(inputs(2, 2, 2, 2)));
    assertTensor(norm._mean, [2], [0.4625, -0.675], 1e-5);
  });

  it('starts with ones and zeros', () => {
    const norm = new BatchNorm2D(3);
    const state = Object.entries(norm.stateDict()).map(([key, value]) => [key, elements(value)]);
    assert.deepEqual(state, [
      ['weight', [1, 1, 1]],
      ['bias', [0, 0, 0]],
      ['_mean', [0, 0, 0]],
      ['_variance', [1, 1, 1]],
    ]);
  });

  it('has running statistics among its parameters that are not trained', () => {
    const norm = new BatchNorm2D(2);
    assert.deepEqual(
      norm.parameters().map((parameter) => parameter.trainable),
      [true, true, false, false],
    );
    tf.sum(tf.square(norm.forward(inputs(2, 2, 2, 2)))).backward();
    assert.deepEqual(
      norm.parameters().map((parameter) => parameter.grad === null),
      [false, false, true, true],
    );
    assert.equal(norm._mean.stopGradient, true);
  });

  it('leaves keys out for attributes of false', () => {
    const norm = new BatchNorm1D(2, { weightAttr: false, biasAttr: false });
    assert.deepEqual(Object.keys(norm.stateDict()), ['_mean', '_variance']);
    assert.match(norm._mean.name, /^batch_norm1d_\d+\.w_0$/);
    assert.match(norm._variance.name, /^batch_norm1d_\d+\.w_1$/);
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'two axes',
      () => new BatchNorm2D(2).forward(tf.zeros([2, 2])),
      'SHAPE_MISMATCH',
      /BatchNorm2D takes an input of 4 axes, got shape \[2, 2\]/,
    ],
    [
      'four axes',
      () => new BatchNorm1D(2).forward(tf.zeros([2, 2, 1, 1])),
      'SHAPE_MISMATCH',
      /BatchNorm1D takes an input of 2 or 3 axes, got shape \[2, 2, 1, 1\]/,
    ],
    [
      'other channels',
      () => new BatchNorm2D(2).forward(tf.zeros([1, 3, 2, 2])),
      'SHAPE_MISMATCH',
      /2 channels got an input \[1, 3, 2, 2\] with 3 in axis 1/,
    ],
    ['no features', () => new BatchNorm2D(0), 'INVALID_ARGUMENT', /numFeatures must be a positive integer, got 0/],
    ['no channels', () => new BatchNorm(0), 'INVALID_ARGUMENT', /numChannels must be a positive integer, got 0/],
    [
      'an unknown activation',
      () => new BatchNorm(1, { act: 'gelu' as 'relu' }),
      'INVALID_ARGUMENT',
      /act must be one of 'relu', 'relu6', 'sigmoid', 'swish', 'tanh', got "gelu"/,
    ],
    [
      'a number as isTest',
      () => new BatchNorm(1, { isTest: 1 as unknown as boolean }),
      'INVALID_ARGUMENT',
      /isTest must be true or false, got 1/,
    ],
    [
      'another layout',
      () => new BatchNorm(1, { dataLayout: 'NCL' as 'NCHW' }),
      'INVALID_ARGUMENT',
      /dataLayout must be one of 'NCHW', 'NHWC', got "NCL"/,
    ],
    [
      'an option of another name',
      () => new BatchNorm(1, { weightAttr: false } as object),
      'UNKNOWN_OPTION',
      /BatchNorm has no option 'weightAttr'/,
    ],
    [
      'a negative epsilon',
      () => new BatchNorm2D(1, { epsilon: -1 }),
      'INVALID_ARGUMENT',
      /epsilon must be a number of at least 0, got -1/,
    ],
    [
      'a misspelt option',
      () => new BatchNorm2D(1, { use_global_stats: true } as object),
      'UNKNOWN_OPTION',
      /BatchNorm2D has no option 'use_global_stats'; did you mean 'useGlobalStats'\?/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(run, { code, message }));
  }
});

describe('dataFormat of batch normalisation', () => {
  it('is one of those of the rank', () => {
    assert.throws(
      () => new BatchNorm2D(1, { dataFormat: 'NCL' }),
      /dataFormat must be one of 'NCHW', 'NHWC', got "NCL"/,
    );
  });
});
