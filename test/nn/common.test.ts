import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { seed } from '../../src/common/random.js';
import {
  Dropout,
  Flatten,
  functional,
  Hardsigmoid,
  Hardswish,
  Identity,
  Linear,
  LogSoftmax,
  ReLU,
  ReLU6,
  Sigmoid,
  Softmax,
  Swish,
  Tanh,
  type AnyLayer,
} from '../../src/nn/index.js';
import { assertTensor, elements, inputs, weights } from './support.js';

const x = () =>
  tf.tensor2d([
    [1, 2, 3],
    [0, -1, 2],
  ]);

describe('Linear', () => {
  it('multiplies along the last axis of any input', () => {
    const linear = new Linear(3, 2);
    linear.weight.setValue(weights(3, 2));
    linear.bias!.setValue(tf.tensor1d([0.5, -1]));
    // Weights [[-3, -2], [-1, 0], [1, 2]].
    assertTensor(linear.forward(x()), [2, 2], [-1.5, 3, 3.5, 3]);
    assertTensor(linear.forward(tf.reshape(x(), [2, 1, 1, 3])), [2, 1, 1, 2], [-1.5, 3, 3.5, 3]);
    assertTensor(linear.forward(tf.tensor1d([1, 2, 3])), [2], [-1.5, 3]);
  });

  it('has a bias, or none', () => {
    const linear = new Linear(3, 2, { biasAttr: false });
    assert.equal(linear.bias, null);
    linear.weight.setValue(weights(3, 2));
    assertTensor(linear.forward(x()), [2, 2], [-2, 4, 3, 4]);
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'other features',
      () => new Linear(3, 2).forward(tf.zeros([2, 4])),
      'SHAPE_MISMATCH',
      /linear with a weight \[3, 2\] takes 3 features in the last axis, got an input \[2, 4\]/,
    ],
    ['half a feature', () => new Linear(0.5, 2), 'INVALID_ARGUMENT', /inFeatures must be .*integer, got 0.5/],
    ['no weight', () => new Linear(1, 1, { weightAttr: false }), 'INVALID_ARGUMENT', /weightAttr of Linear/],
    [
      'a misspelt option',
      () => new Linear(1, 1, { biasAtr: false } as object),
      'UNKNOWN_OPTION',
      /Linear has no option 'biasAtr'; did you mean 'biasAttr'\?/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(run, { code, message }));
  }
});

describe('Flatten and Identity', () => {
  it('joins axes', () => {
    const image = inputs(2, 3, 4, 5);
    assert.deepEqual(new Flatten().forward(image).shape, [2, 60]);
    assert.deepEqual(new Flatten({ startAxis: 0 }).forward(image).shape, [120]);
    assert.deepEqual(new Flatten({ startAxis: -3, stopAxis: 2 }).forward(image).shape, [2, 12, 5]);
    assert.deepEqual(elements(new Flatten().forward(image)), elements(image));
  });

  it('refuses unknown options', () => {
    assert.throws(() => new Flatten({ start_axis: 0 } as object), { code: 'UNKNOWN_OPTION', message: /'startAxis'/ });
  });

  it('gives its input', () => assertTensor(new Identity().forward(x()), [2, 3], [1, 2, 3, 0, -1, 2]));
});

// Expected values: Paddle 3.3.1.
const activations: [string, () => { forward(x: tf.Tensor): tf.Tensor }, number[]][] = [
  ['ReLU', () => new ReLU(), [1, 2, 3, 0, 0, 2]],
  ['ReLU6', () => new ReLU6(), [1, 2, 3, 0, 0, 2]],
  ['Hardsigmoid', () => new Hardsigmoid(), [0.666667, 0.833333, 1, 0.5, 0.333333, 0.833333]],
  ['Hardswish', () => new Hardswish(), [0.666667, 1.666667, 3, 0, -0.333333, 1.666667]],
  ['Swish', () => new Swish(), [0.731059, 1.761594, 2.857723, 0, -0.268941, 1.761594]],
  ['Sigmoid', () => new Sigmoid(), [0.731059, 0.880797, 0.952574, 0.5, 0.268941, 0.880797]],
  ['Tanh', () => new Tanh(), [0.761594, 0.964028, 0.995055, 0, -0.761594, 0.964028]],
  ['Softmax', () => new Softmax(), [0.090031, 0.244728, 0.665241, 0.114195, 0.04201, 0.843795]],
  ['Softmax along axis 0', () => new Softmax(0), [0.731059, 0.952574, 0.731059, 0.268941, 0.047426, 0.268941]],
  ['LogSoftmax', () => new LogSoftmax(), [-2.407606, -1.407606, -0.407606, -2.169846, -3.169846, -0.169846]],
  [
    'LogSoftmax along axis 0',
    () => new LogSoftmax({ axis: 0 }),
    [-0.313262, -0.048587, -0.313262, -1.313262, -3.048587, -1.313262],
  ],
];

describe('activations', () => {
  for (const [name, make, expected] of activations) {
    it(`computes ${name}`, () => assertTensor(make().forward(x()), [2, 3], expected));
  }

  it('bends at the bounds', () => {
    const wide = tf.tensor1d([-6, 1.5, 9, 0, 7.5, -1.5]);
    assertTensor(functional.relu6(wide), [6], [0, 1.5, 6, 0, 6, 0]);
    assertTensor(functional.hardsigmoid(wide), [6], [0, 0.75, 1, 0.5, 1, 0.25]);
    assertTensor(functional.hardswish(wide), [6], [0, 1.125, 9, 0, 7.5, -0.375]);
    assertTensor(functional.swish(wide), [6], [-0.014836, 1.226362, 8.99889, 0, 7.495854, -0.273638]);
    const narrow = tf.tensor1d([-4, 1, 6, 0, 5, -1]);
    assertTensor(functional.hardsigmoid(narrow, { slope: 0.2, offset: 0.3 }), [6], [0, 0.5, 1, 0.3, 1, 0.1]);
    assert.throws(() => functional.hardsigmoid(narrow, { shift: 1 } as object), { code: 'UNKNOWN_OPTION' });
  });

  it('refuses wrong axes and options', () => {
    assert.throws(() => new Softmax(2).forward(x()), {
      code: 'INVALID_ARGUMENT',
      message: /axis must lie between -2 and 1 for a tensor of 2 axes, got 2/,
    });
    assert.throws(() => new Softmax(0.5), { code: 'INVALID_ARGUMENT', message: /axis must be an integer, got 0.5/ });
    assert.throws(() => new LogSoftmax({ axes: 1 } as object), { code: 'UNKNOWN_OPTION', message: /'axis'/ });
  });
});

const ones = (...shape: number[]) => tf.ones(shape);

describe('Dropout', () => {
  it('scales up in training and does nothing in evaluation', () => {
    const dropout = new Dropout(0.25);
    const values = elements(dropout.forward(ones(10000)));
    const kept = values.filter((value) => value !== 0);
    assert.ok(kept.every((value) => value === Math.fround(4 / 3)));
    // Four standard deviations of a binomial distribution.
    assert.ok(Math.abs(kept.length - 7500) < 4 * Math.sqrt(10000 * 0.25 * 0.75));
    assertTensor(dropout.eval().forward(ones(4)), [4], [1, 1, 1, 1]);
  });

  it('keeps values in training and scales down in evaluation', () => {
    const dropout = new Dropout({ p: 0.25, mode: 'downscale_in_infer' });
    const values = elements(dropout.forward(ones(10000)));
    const kept = values.filter((value) => value !== 0);
    assert.ok(kept.every((value) => value === 1));
    assert.ok(Math.abs(kept.length - 7500) < 4 * Math.sqrt(10000 * 0.25 * 0.75));
    assertTensor(dropout.eval().forward(ones(2)), [2], [0.75, 0.75]);
  });

  for (const mode of ['upscale_in_train', 'downscale_in_infer'] as const) {
    it(`drops nothing for 0 and everything for 1, ${mode}`, () => {
      assertTensor(new Dropout({ p: 0, mode }).forward(ones(3)), [3], [1, 1, 1]);
      assertTensor(new Dropout({ p: 1, mode }).forward(ones(3)), [3], [0, 0, 0]);
      assertTensor(new Dropout({ p: 0, mode }).eval().forward(ones(3)), [3], [1, 1, 1]);
      const expected = mode === 'upscale_in_train' ? [1, 1, 1] : [0, 0, 0];
      assertTensor(new Dropout({ p: 1, mode }).eval().forward(ones(3)), [3], expected);
    });
  }

  it('repeats the mask along axes that are not named', () => {
    const rows = elements(new Dropout({ axis: 0 }).forward(ones(50, 4)));
    for (let row = 0; row < 50; row++) assert.equal(new Set(rows.slice(row * 4, row * 4 + 4)).size, 1);
    assert.equal(new Set(rows).size, 2);
    const planes = elements(new Dropout({ axis: [0, -3] }).forward(ones(10, 5, 2, 2)));
    for (let plane = 0; plane < 50; plane++) assert.equal(new Set(planes.slice(plane * 4, plane * 4 + 4)).size, 1);
    assert.equal(new Set(planes).size, 2);
  });

  it('is fixed by the seed and different in each call', () => {
    const run = () => {
      seed(5);
      const dropout = new Dropout();
      return [elements(dropout.forward(ones(64))), elements(dropout.forward(ones(64)))];
    };
    const [first, second] = run();
    assert.deepEqual(run(), [first, second]);
    assert.notDeepEqual(first, second);
    seed(6);
    assert.notDeepEqual(elements(new Dropout().forward(ones(64))), first);
  });

  it('drops the gradient where it drops the value', () => {
    const input = ones(100);
    input.stopGradient = false;
    const y = new Dropout(0.5).forward(input);
    tf.sum(y).backward();
    assert.deepEqual(elements(input.grad!), elements(y));
  });

  it('has a function that trains by default', () => {
    assert.ok(elements(functional.dropout(ones(1000))).includes(0));
    assert.ok(!elements(functional.dropout(ones(1000), { training: false })).includes(0));
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    ['a share above one', () => new Dropout(2), 'INVALID_ARGUMENT', /p must be a number between 0 and 1, got 2/],
    ['a negative share', () => new Dropout({ p: -0.1 }), 'INVALID_ARGUMENT', /p must be a number between 0 and 1/],
    [
      'an unknown mode',
      () => new Dropout({ mode: 'upscale' as 'upscale_in_train' }),
      'INVALID_ARGUMENT',
      /mode must be one of 'upscale_in_train', 'downscale_in_infer', got "upscale"/,
    ],
    [
      'an axis beyond the input',
      () => new Dropout({ axis: 2 }).forward(ones(2, 2)),
      'INVALID_ARGUMENT',
      /axis must lie between -2 and 1 for a tensor of 2 axes, got 2/,
    ],
    [
      'a misspelt option',
      () => new Dropout({ axes: 1 } as object),
      'UNKNOWN_OPTION',
      /Dropout has no option 'axes'; did you mean 'axis'\?/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(run, { code, message }));
  }
});

describe('options of every layer', () => {
  const makers: [string, (options: object) => AnyLayer][] = [
    ['Softmax', (options) => new Softmax(options)],
    ['LogSoftmax', (options) => new LogSoftmax(options)],
    ['Flatten', (options) => new Flatten(options)],
    ['Dropout', (options) => new Dropout(options)],
    ['Linear', (options) => new Linear(1, 1, options)],
  ];
  for (const [name, make] of makers) {
    it(`of ${name} are an object of known names`, () => {
      assert.throws(() => make({ nothingAlike: 1 }), {
        code: 'UNKNOWN_OPTION',
        message: RegExp(`^${name} has no option`),
      });
      assert.throws(() => make([1]), { code: 'INVALID_ARGUMENT', message: RegExp(`^${name} takes an options object`) });
    });
  }
});
