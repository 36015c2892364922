import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import type { CrossEntropyOptions } from '../../src/nn/functional/index.js';
import { CrossEntropyLoss, functional } from '../../src/nn/index.js';
import { assertTensor, inputs } from './support.js';

const logits = () =>
  tf.tensor2d([
    [1, 2, 0.5],
    [0, -1, 3],
    [2, 2, 2],
    [-1, 0.5, 0],
  ]);
const soft = () =>
  tf.tensor2d([
    [0.2, 0.3, 0.5],
    [1, 0, 0],
    [0.1, 0.1, 0.8],
    [0.3, 0.4, 0.3],
  ]);
const labels = (...values: number[]) => tf.tensor1d(values, 'int32');
const classWeights = () => tf.tensor1d([0.5, 2, 1]);

interface Case {
  what: string;
  label: () => tf.Tensor;
  options: () => CrossEntropyOptions;
  shape?: number[];
  expected: number[];
}

const usual = () => labels(1, 2, 0, 2);

// Expected values: Paddle 3.3.1.
const cases: Case[] = [
  { what: 'the mean', label: usual, options: () => ({}), expected: [0.683249] },
  { what: 'labels [N, 1]', label: () => tf.reshape(usual(), [4, 1]), options: () => ({}), expected: [0.683249] },
  { what: 'the sum', label: usual, options: () => ({ reduction: 'sum' }), expected: [2.732996] },
  {
    what: 'each sample, labels [N]',
    label: usual,
    options: () => ({ reduction: 'none' }),
    shape: [4],
    expected: [0.464369, 0.065884, 1.098612, 1.104131],
  },
  {
    what: 'each sample, labels [N, 1]',
    label: () => tf.reshape(usual(), [4, 1]),
    options: () => ({ reduction: 'none' }),
    shape: [4, 1],
    expected: [0.464369, 0.065884, 1.098612, 1.104131],
  },
  { what: 'an ignored class', label: usual, options: () => ({ ignoreIndex: 2 }), expected: [0.781491] },
  {
    what: 'a negative ignored label, which counts in the mean',
    label: () => labels(1, -100, 0, -100),
    options: () => ({}),
    expected: [0.390745],
  },
  {
    what: 'a negative ignoreIndex of its own',
    label: () => labels(1, -1, 0, -1),
    options: () => ({ ignoreIndex: -1 }),
    expected: [0.390745],
  },
  {
    what: 'ignored labels only',
    label: () => labels(1, 1, 1, 1),
    options: () => ({ ignoreIndex: 1 }),
    expected: [0],
  },
  {
    what: 'ignored labels only, with weights',
    label: () => labels(1, 1, 1, 1),
    options: () => ({ ignoreIndex: 1, weight: classWeights() }),
    expected: [0],
  },
  { what: 'weights', label: usual, options: () => ({ weight: classWeights() }), expected: [0.588457] },
  {
    what: 'weights, the sum',
    label: usual,
    options: () => ({ weight: classWeights(), reduction: 'sum' }),
    expected: [2.648058],
  },
  {
    what: 'weights, each sample',
    label: usual,
    options: () => ({ weight: classWeights(), reduction: 'none' }),
    shape: [4],
    expected: [0.928738, 0.065884, 0.549306, 1.104131],
  },
  {
    what: 'weights and an ignored class',
    label: usual,
    options: () => ({ weight: classWeights(), ignoreIndex: 2 }),
    expected: [0.591218],
  },
  { what: 'soft labels', label: soft, options: () => ({ softLabel: true }), expected: [1.695749] },
  {
    what: 'soft labels, each sample',
    label: soft,
    options: () => ({ softLabel: true, reduction: 'none' }),
    shape: [4, 1],
    expected: [1.414369, 3.065884, 1.098612, 1.204131],
  },
  {
    what: 'soft labels and weights',
    label: soft,
    options: () => ({ softLabel: true, weight: classWeights() }),
    expected: [1.472223],
  },
  { what: 'smoothing', label: usual, options: () => ({ labelSmoothing: 0.1 }), expected: [0.766582] },
  {
    what: 'smoothing of soft labels',
    label: soft,
    options: () => ({ softLabel: true, labelSmoothing: 0.1 }),
    expected: [1.677832],
  },
  {
    what: 'smoothing and weights',
    label: usual,
    options: () => ({ labelSmoothing: 0.1, weight: classWeights() }),
    expected: [0.689887],
  },
];

describe('crossEntropy', () => {
  for (const { what, label, options, shape = [], expected } of cases) {
    it(`takes ${what}`, () => {
      assertTensor(functional.crossEntropy(logits(), label(), options()), shape, expected);
      assertTensor(new CrossEntropyLoss(options()).forward(logits(), label()), shape, expected);
    });
  }

  it('takes probabilities', () => {
    const probabilities = tf.tensor2d([
      [0.2, 0.3, 0.5],
      [0.7, 0.1, 0.2],
    ]);
    const each = functional.crossEntropy(probabilities, labels(2, 0), { useSoftmax: false, reduction: 'none' });
    assertTensor(each, [2], [0.693147, 0.356675]);
    assertTensor(functional.crossEntropy(probabilities, labels(2, 0), { useSoftmax: false }), [], [0.524911]);
  });

  it('takes classes along another axis', () => {
    const input = tf.div(inputs(2, 3, 2), 2);
    const label = tf.tensor2d(
      [
        [0, 1],
        [2, 2],
      ],
      [2, 2],
      'int32',
    );
    const each = [5.478262, 1.18027, 1.68027, 1.68027];
    assertTensor(functional.crossEntropy(input, label, { axis: 1 }), [], [2.504768]);
    assertTensor(functional.crossEntropy(input, label, { axis: 1, reduction: 'none' }), [2, 2], each);
    const withAxis = tf.reshape(label, [2, 1, 2]);
    assertTensor(functional.crossEntropy(input, withAxis, { axis: -2, reduction: 'none' }), [2, 1, 2], each);
    const weight = classWeights();
    assertTensor(functional.crossEntropy(input, label, { axis: 1, weight, ignoreIndex: 1 }), [], [2.439868]);
  });

  it('stays finite for large logits', () => {
    const input = tf.tensor2d([
      [1000, 0],
      [-1000, 0],
    ]);
    assertTensor(functional.crossEntropy(input, labels(0, 0), { reduction: 'none' }), [2], [0, 64]);
    input.stopGradient = false;
    const soft = tf.tensor2d([1, 0, 1, 0], [2, 2]);
    const losses = functional.crossEntropy(input, soft, { softLabel: true, reduction: 'none' });
    assertTensor(losses, [2, 1], [0, 64]);
    tf.sum(losses).backward();
    assertTensor(input.grad!, [2, 2], [0, 0, -1, 1]);
  });

  it('has the gradient of softmax minus label, none for ignored samples', () => {
    const input = logits();
    input.stopGradient = false;
    functional.crossEntropy(input, labels(1, 2, 0, 2), { ignoreIndex: 2 }).backward();
    const expected = [...logits().dataSync()].map((_, index) => {
      const row = Math.floor(index / 3);
      if (row === 1 || row === 3) return 0;
      const powers = [...logits().dataSync()].slice(row * 3, row * 3 + 3).map(Math.exp);
      const share = (powers[index % 3] ?? 0) / powers.reduce((sum, power) => sum + power, 0);
      return (share - Number(index === 1 || index === 6)) / 2;
    });
    assertTensor(input.grad!, [4, 3], expected);
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'a label beyond the classes',
      () => functional.crossEntropy(logits(), labels(1, 5, 0, 2)),
      'OUT_OF_RANGE',
      /label 5 at position 1 lies outside \[0, 3\)/,
    ],
    [
      'a negative label',
      () => functional.crossEntropy(logits(), labels(1, 0, 0, -1)),
      'OUT_OF_RANGE',
      /label -1 at position 3 lies outside \[0, 3\)/,
    ],
    [
      'a label beyond the classes of probabilities',
      () => functional.crossEntropy(soft(), labels(3, 0, 0, 0), { useSoftmax: false }),
      'OUT_OF_RANGE',
      /label 3 at position 0/,
    ],
    [
      'a label beyond the smoothed classes',
      () => functional.crossEntropy(logits(), labels(0, 0, 9, 0), { labelSmoothing: 0.1 }),
      'OUT_OF_RANGE',
      /label 9 at position 2/,
    ],
    [
      'fewer labels',
      () => functional.crossEntropy(logits(), labels(1, 2, 0)),
      'SHAPE_MISMATCH',
      /labels for an input \[4, 3\] must have shape \[4, 1\] or \[4\], got \[3\]/,
    ],
    [
      'one-hot labels that are not soft',
      () => functional.crossEntropy(logits(), soft()),
      'SHAPE_MISMATCH',
      /must have shape \[4, 1\] or \[4\], got \[4, 3\]/,
    ],
    [
      'soft labels of another shape',
      () => functional.crossEntropy(logits(), tf.zeros([4, 2]), { softLabel: true }),
      'SHAPE_MISMATCH',
      /soft labels must have the shape \[4, 3\] of the input, got \[4, 2\]/,
    ],
    [
      'soft labels with an ignored one',
      () => functional.crossEntropy(logits(), soft(), { softLabel: true, ignoreIndex: 1 }),
      'INVALID_ARGUMENT',
      /ignoreIndex has no meaning for soft labels, got 1/,
    ],
    [
      'weights of another length',
      () => functional.crossEntropy(logits(), usual(), { weight: tf.ones([2]) }),
      'SHAPE_MISMATCH',
      /weight must have one value for each of 3 classes, got shape \[2\]/,
    ],
    [
      'an unknown reduction',
      () => new CrossEntropyLoss({ reduction: 'median' as 'mean' }),
      'INVALID_ARGUMENT',
      /reduction must be one of 'mean', 'sum', 'none', got "median"/,
    ],
    [
      'smoothing above one',
      () => functional.crossEntropy(logits(), usual(), { labelSmoothing: 1.5 }),
      'INVALID_ARGUMENT',
      /labelSmoothing must be a number between .*1, got 1.5/,
    ],
    [
      'an axis beyond the input',
      () => functional.crossEntropy(logits(), usual(), { axis: 2 }),
      'INVALID_ARGUMENT',
      /axis must lie between -2 and 1 for a tensor of 2 axes, got 2/,
    ],
    [
      'a misspelt option',
      () => new CrossEntropyLoss({ ignore_index: 1 } as object),
      'UNKNOWN_OPTION',
      /CrossEntropyLoss has no option 'ignore_index'; did you mean 'ignoreIndex'\?/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(run, { code, message }));
  }
});

describe('labels of a hard cross entropy', () => {
  it('may be floats, but whole ones', () => {
    const logits = tf.zeros([2, 3]);
    assert.ok(functional.crossEntropy(logits, tf.tensor1d([0, 2])).item() > 0);
    assert.throws(() => functional.crossEntropy(logits, tf.tensor1d([0, 0.5])), {
      code: 'INVALID_ARGUMENT',
      message: /labels must be whole numbers/,
    });
  });
});
