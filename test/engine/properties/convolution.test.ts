import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { convolution2d } from '../../../src/engine/index.js';
import { describeEngines } from '../../support/engines.js';
import {
  assertSums,
  between,
  numbers,
  numbersWithSpecials,
  orders,
  samples,
  tensorOf,
  throughChannelsFirst,
} from '../../support/properties.js';
import { convolution, convolutionShapes, Sums, type Convolution } from '../../support/reference.js';

const pairOf = (arbitrary: fc.Arbitrary<number>) => fc.tuple(arbitrary, arbitrary);

interface Ranges {
  readonly batch?: fc.Arbitrary<number>;
  readonly size?: fc.Arbitrary<number>;
  readonly kernel?: fc.Arbitrary<number>;
  readonly stride?: fc.Arbitrary<number>;
  readonly dilation?: fc.Arbitrary<number>;
  readonly around?: fc.Arbitrary<number>;
  readonly groups?: fc.Arbitrary<number>;
  readonly groupChannels?: fc.Arbitrary<number>;
  readonly groupOutputs?: fc.Arbitrary<number>;
}

/** Convolutions whose kernel fits into the padded image. */
function convolutions({
  batch = between(0, 3),
  size = between(0, 9),
  kernel = between(1, 4),
  stride = between(1, 3),
  dilation = between(1, 3),
  around = between(0, 3),
  groups = between(1, 3),
  groupChannels = between(1, 5),
  groupOutputs = between(1, 9),
}: Ranges = {}): fc.Arbitrary<Convolution> {
  return fc
    .record({
      batch,
      size: pairOf(size),
      kernel: pairOf(kernel),
      strides: pairOf(stride),
      dilations: pairOf(dilation),
      padding: fc.tuple(around, around, around, around),
      groups,
      groupChannels,
      groupOutputs,
    })
    .map(({ batch: images, size: [height, width], groupChannels: inputs, groupOutputs: outputs, ...rest }) => ({
      ...rest,
      x: [images, height, width, rest.groups * inputs] as const,
      outputs: rest.groups * outputs,
    }))
    .filter((conv) =>
      convolutionShapes(conv)
        .y.slice(1)
        .every((length) => length > 0),
    );
}

const one = fc.constant(1);
const none = fc.constant(0);

const families: Record<string, [arbitrary: fc.Arbitrary<Convolution>, usual: number]> = {
  'any geometry': [convolutions(), 80],
  'one group for each channel': [
    convolutions({ groups: between(1, 21), groupChannels: one, groupOutputs: between(1, 2) }),
    30,
  ],
  'one tap': [
    convolutions({
      kernel: one,
      dilation: one,
      groups: one,
      groupChannels: between(1, 40),
      groupOutputs: between(1, 40),
    }),
    30,
  ],
  'windows of a whole image': [
    convolutions({ size: between(5, 7), kernel: between(5, 7), dilation: one, around: none, groups: one }),
    20,
  ],
  'padding wider than the image': [convolutions({ size: between(1, 2), around: between(2, 6) }), 20],
  'channels beyond a block': [
    convolutions({
      size: between(1, 4),
      groups: one,
      groupChannels: between(250, 530),
      kernel: between(1, 2),
      stride: one,
    }),
    4,
  ],
  'outputs beyond a block': [
    convolutions({
      size: between(1, 4),
      groups: one,
      groupOutputs: between(500, 1050),
      kernel: between(1, 2),
      stride: one,
    }),
    4,
  ],
  'pixels beyond a block': [
    convolutions({ size: between(17, 34), groups: between(1, 2), groupChannels: between(1, 3), stride: between(1, 2) }),
    6,
  ],
};

const attributesOf = ({ strides, padding, dilations, groups }: Convolution) => ({
  strides,
  padding,
  dilations,
  groups,
});

/** The result and the gradients on the active engine. */
function compute(
  conv: Convolution,
  [x, filter, dy]: readonly [Float32Array, Float32Array, Float32Array],
  lie: readonly number[],
  channelsFirst: boolean,
) {
  const shapes = convolutionShapes(conv);
  const attributes = { ...attributesOf(conv), channelsFirst };
  const convolve = (weights: Tensor) => (image: Tensor) =>
    convolution2d(image as Tensor4D, weights as Tensor4D, attributes);
  const run = (image: Tensor, weights: Tensor) =>
    channelsFirst
      ? throughChannelsFirst(convolve(tf.transpose(weights, [3, 2, 0, 1])))(image)
      : convolve(weights)(image);
  const inputs = [tensorOf(x, conv.x, lie[0]), tensorOf(filter, shapes.filter, lie[1])] as const;
  const [dx, dfilter] = tf.grads(run)([...inputs], tensorOf(dy, shapes.y, lie[2]));
  return { y: run(...inputs), dx: dx!, dfilter: dfilter! };
}

type Special = 'x' | 'filter' | 'dy' | undefined;

/** How the operands lie in memory, whether their channels are second or last, and which has special numbers. */
interface Operands {
  readonly lie?: readonly number[];
  readonly channelsFirst?: boolean;
  readonly special?: Special;
}

/** Checks a convolution; `special` is the operand that has zeros, NaN and infinities among its numbers. */
function check(conv: Convolution, composite: boolean, { lie = [], channelsFirst = false, special }: Operands): void {
  tf.tidy(() => {
    const shapes = convolutionShapes(conv);
    const values = (name: Special & string, shape: readonly number[]) =>
      (special === name ? numbersWithSpecials : numbers)(name, shape);
    const [x, filter, dy] = [values('x', conv.x), values('filter', shapes.filter), values('dy', shapes.y)];
    const expected = convolution(conv, x, filter, dy);
    const { y, dx, dfilter } = compute(conv, [x, filter, dy], lie, channelsFirst);
    // An infinite weight times a zero of the padding is NaN on engines that multiply them, 0 on those that do not; so
    // are numbers of an image or a gradient times the zeros that the composite puts between taps.
    const padded = conv.padding.some((length) => length > 0);
    const spread = composite && conv.dilations.some((length) => length > 1);
    assertSums(y, shapes.y, expected.y, 'result', spread || (padded && special === 'filter'));
    assertSums(dx, conv.x, expected.dx, 'input gradient', spread || special === 'filter');
    assertSums(dfilter, shapes.filter, expected.dfilter, 'filter gradient', padded && special === 'dy');
  });
}

/** Checks what a bias adds, and its gradient. */
function checkBias(conv: Convolution): void {
  tf.tidy(() => {
    const shapes = convolutionShapes(conv);
    const [x, filter, dy] = [numbers('x', conv.x), numbers('filter', shapes.filter), numbers('dy', shapes.y)];
    const bias = numbers('bias', [conv.outputs]);
    const expected = convolution(conv, x, filter, dy);
    const dbias = new Sums(bias.length);
    dy.forEach((value, place) => {
      expected.y.add(place, bias[place % bias.length]!);
      dbias.add(place % bias.length, value);
    });
    const run = (image: Tensor, weights: Tensor, summand: Tensor) =>
      convolution2d(image as Tensor4D, weights as Tensor4D, attributesOf(conv), summand as Tensor1D);
    const inputs = [tensorOf(x, conv.x), tensorOf(filter, shapes.filter), tensorOf(bias, [bias.length])] as const;
    assertSums(run(...inputs), shapes.y, expected.y, 'result with a bias');
    const gradients = tf.grads(run)([...inputs], tensorOf(dy, shapes.y));
    assertSums(gradients[2]!, [bias.length], dbias, 'gradient of the bias');
  });
}

describeEngines('convolution and its gradients', (engine) => {
  const composite = engine === 'js' || engine === 'tensorflow';
  // Some of TensorFlow.js's own kernels fail for tensors without elements.
  const handled = (conv: Convolution) => !composite || conv.x.every((length) => length > 0);

  for (const [name, [arbitrary, usual]] of Object.entries(families)) {
    it(`are the sums of products that define them: ${name}`, () => {
      fc.assert(
        fc.property(arbitrary.filter(handled), orders, fc.boolean(), (conv, lie, channelsFirst) =>
          check(conv, composite, { lie, channelsFirst }),
        ),
        samples(usual),
      );
    });
  }

  it('add a bias', () => {
    fc.assert(fc.property(convolutions().filter(handled), checkBias), samples(30));
    fc.assert(fc.property(families['one group for each channel']![0].filter(handled), checkBias), samples(15));
  });

  for (const special of ['x', 'filter', 'dy'] as const) {
    it(`pass NaN and infinities of ${special} on, to nothing else`, () => {
      fc.assert(
        fc.property(convolutions().filter(handled), (conv) => check(conv, composite, { special })),
        samples(40),
      );
    });
  }
});
