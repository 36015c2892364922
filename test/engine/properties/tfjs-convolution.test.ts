import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describeEngines } from '../../support/engines.js';
import { assertNear, assertSums, between, numbers, orders, samples, tensorOf } from '../../support/properties.js';
import {
  convolution,
  convolutionShapes,
  matrixProduct,
  matrixShapes,
  type Convolution,
} from '../../support/reference.js';

/** The convolutions of TensorFlow.js's own names, which users may call and other packages do. */
type Pad = 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]];

interface Case {
  readonly conv: Convolution;
  readonly pad: Pad;
}

/** Elements added before and after an axis by the padding 'same': as many results as steps, an odd one at the end. */
function samePadding(length: number, kernel: number, stride: number, dilation: number): [number, number] {
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + dilation * (kernel - 1) + 1 - length, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

const pairs = (min: number, max: number) => fc.tuple(between(min, max), between(min, max));

/** @param groups - one for each channel with 'depthwise', so that `outputs` is a multiple of the channels */
const cases = (depthwise: boolean): fc.Arbitrary<Case> =>
  fc
    .record({
      batch: between(1, 3),
      size: pairs(1, 9),
      channels: between(1, 19),
      outputs: between(1, depthwise ? 3 : 20),
      kernel: pairs(1, 4),
      strides: pairs(1, 3),
      dilation: between(1, 3),
      kind: fc.constantFrom('same', 'valid', 'explicit'),
      around: fc.tuple(pairs(0, 2), pairs(0, 2)),
    })
    .map(({ batch, size, channels, outputs, kernel, strides, dilation, kind, around }): Case => {
      // TensorFlow.js takes either strides or dilations.
      const steps: [number, number] = dilation > 1 ? [1, 1] : strides;
      const sides = [0, 1].map((axis) => {
        if (kind === 'valid') return [0, 0];
        return kind === 'same' ? samePadding(size[axis]!, kernel[axis]!, steps[axis]!, dilation) : around[axis]!;
      }) as [[number, number], [number, number]];
      return {
        conv: {
          x: [batch, ...size, channels],
          kernel,
          outputs: depthwise ? outputs * channels : outputs,
          strides: steps,
          dilations: [dilation, dilation],
          padding: [...sides[0], ...sides[1]],
          groups: depthwise ? channels : 1,
        },
        pad: kind === 'explicit' ? [[0, 0], sides[0], sides[1], [0, 0]] : kind,
      };
    })
    .filter(({ conv }) => convolutionShapes(conv).y.every((length) => length > 0));

/** Shape of the filter as TensorFlow.js has it: [kh, kw, C, multiplier] for depthwise ones. */
function filterShape({ kernel, x, outputs, groups }: Convolution): number[] {
  return groups === 1 ? [...kernel, x[3], outputs] : [...kernel, x[3], outputs / groups];
}

function run(x: Tensor, filter: Tensor, { conv, pad }: Case, depthwise: boolean): Tensor {
  const convolve = depthwise ? tf.depthwiseConv2d : tf.conv2d;
  return convolve(x as Tensor4D, filter as Tensor4D, conv.strides as [number, number], pad, 'NHWC', [
    ...conv.dilations,
  ] as [number, number]);
}

function check(sample: Case, depthwise: boolean, lie: readonly number[]): void {
  tf.tidy(() => {
    const { conv } = sample;
    const shapes = { filter: filterShape(conv), y: convolutionShapes(conv).y };
    const [x, filter, dy] = [numbers('x', conv.x), numbers('filter', shapes.filter), numbers('dy', shapes.y)];
    const expected = convolution(conv, x, filter, dy);
    const inputs = [tensorOf(x, conv.x, lie[0]), tensorOf(filter, shapes.filter, lie[1])] as const;
    assertSums(run(...inputs, sample, depthwise), shapes.y, expected.y, 'result');
    // TensorFlow.js has no gradient with dilations.
    if (conv.dilations[0] > 1) return;
    const f = (image: Tensor, weights: Tensor) => run(image, weights, sample, depthwise);
    const [dx, dfilter] = tf.grads(f)([...inputs], tensorOf(dy, shapes.y, lie[2]));
    assertSums(dx!, conv.x, expected.dx, 'input gradient');
    assertSums(dfilter!, shapes.filter, expected.dfilter, 'filter gradient');
  });
}

const activations: Record<string, (x: number, alpha: number) => number> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  elu: (x) => (x > 0 ? x : Math.exp(x) - 1),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  leakyrelu: (x) => (x > 0 ? x : 0.3 * x),
  prelu: (x, alpha) => (x > 0 ? x : alpha * x),
};
type Activation = 'linear' | 'relu' | 'relu6' | 'elu' | 'sigmoid' | 'leakyrelu' | 'prelu';
const activationNames = fc.constantFrom(...(Object.keys(activations) as Activation[]));

/** What a bias and an activation of the last axis make of sums. */
function activated(sums: ArrayLike<number>, bias: Float32Array | undefined, alpha: Float32Array, name: Activation) {
  return Array.from(sums, (sum, place) => {
    const column = place % alpha.length;
    return activations[name]!(sum + (bias?.[column] ?? 0), alpha[column]!);
  });
}

/** The options of a fused operation that its bias and its activation take. */
function fusedOptions(bias: Float32Array | undefined, alpha: Float32Array, activation: Activation) {
  return {
    activation,
    leakyreluAlpha: 0.3,
    ...(bias && { bias: tf.tensor1d(bias) }),
    ...(activation === 'prelu' && { preluActivationWeights: tf.tensor1d(alpha) }),
  };
}

function checkFused(sample: Case, depthwise: boolean, activation: Activation, withBias: boolean): void {
  tf.tidy(() => {
    const { conv, pad } = sample;
    const shapes = { filter: filterShape(conv), y: convolutionShapes(conv).y };
    const [x, filter] = [numbers('x', conv.x), numbers('filter', shapes.filter)];
    const [bias, alpha] = [numbers('bias', [conv.outputs]), numbers('alpha', [conv.outputs])];
    const sums = convolution(conv, x, filter, numbers('dy', shapes.y)).y.values;
    const convolve = depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
    const y = convolve({
      x: tensorOf(x, conv.x) as Tensor4D,
      filter: tensorOf(filter, shapes.filter) as Tensor4D,
      strides: conv.strides as [number, number],
      pad: pad as 'same',
      dilations: [...conv.dilations] as [number, number],
      ...fusedOptions(withBias ? bias : undefined, alpha, activation),
    });
    assertNear(y, shapes.y, activated(sums, withBias ? bias : undefined, alpha, activation), activation, 1e-5);
  });
}

describeEngines("TensorFlow.js's convolutions", (engine) => {
  // Only ours differ from TensorFlow.js's own; libtensorflow takes no explicit padding.
  if (engine === 'tensorflow') return;

  for (const depthwise of [false, true]) {
    const kind = depthwise ? 'depthwise' : 'plain';

    it(`are the sums of products that define them, with their gradients: ${kind}`, () => {
      fc.assert(
        fc.property(cases(depthwise), orders, (sample, lie) => check(sample, depthwise, lie)),
        samples(40),
      );
    });

    it(`end with a bias and an activation: ${kind}`, () => {
      fc.assert(
        fc.property(cases(depthwise), activationNames, fc.boolean(), (sample, activation, withBias) =>
          checkFused(sample, depthwise, activation, withBias),
        ),
        samples(40),
      );
    });
  }

  it('are, transposed, the input gradients of the plain ones', () => {
    const symmetric = cases(false).filter(({ conv, pad }) => conv.dilations[0] === 1 && typeof pad === 'string');
    fc.assert(
      fc.property(symmetric, ({ conv, pad }) => {
        tf.tidy(() => {
          const shapes = convolutionShapes(conv);
          const [filter, dy] = [numbers('filter', shapes.filter), numbers('dy', shapes.y)];
          const expected = convolution(conv, new Float32Array(conv.x.reduce((a, b) => a * b)), filter, dy);
          const image = tensorOf(dy, shapes.y) as Tensor4D;
          const weights = tensorOf(filter, shapes.filter) as Tensor4D;
          const y = tf.conv2dTranspose(image, weights, [...conv.x], conv.strides as [number, number], pad);
          assertSums(y, conv.x, expected.dx, 'result');
        });
      }),
      samples(40),
    );
  });
});

describeEngines("TensorFlow.js's fused matrix product", () => {
  it('ends with a bias and an activation', () => {
    const sizes = fc.record({ m: between(1, 20), n: between(1, 20), k: between(0, 20) });
    const batches = between(1, 3);
    fc.assert(
      fc.property(
        sizes,
        batches,
        fc.boolean(),
        fc.boolean(),
        activationNames,
        fc.boolean(),
        ({ m, n, k }, batch, transposeA, transposeB, activation, withBias) => {
          tf.tidy(() => {
            const product = { aBatch: [batch], bBatch: [batch], m, n, k, transposeA, transposeB };
            const shapes = matrixShapes(product);
            const [a, b] = [numbers('a', shapes.a), numbers('b', shapes.b)];
            const [bias, alpha] = [numbers('bias', [n]), numbers('alpha', [n])];
            const sums = matrixProduct(product, a, b, numbers('dy', shapes.y)).y.values;
            const y = tf.fused.matMul({
              a: tensorOf(a, shapes.a),
              b: tensorOf(b, shapes.b),
              transposeA,
              transposeB,
              ...fusedOptions(withBias ? bias : undefined, alpha, activation),
            });
            assertNear(y, shapes.y, activated(sums, withBias ? bias : undefined, alpha, activation), activation, 1e-5);
          });
        },
      ),
      samples(40),
    );
  });
});
