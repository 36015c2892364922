import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { engineBackend } from '../../../src/engine/index.js';
import { methodOf } from '../../../src/engine/kernels/convolution-method.js';
import { place } from '../../../src/engine/kernels/place.js';
import {
  winogradConvolution,
  winogradFilterGradient,
  winogradInputGradient,
} from '../../../src/engine/kernels/winograd.js';
import { describeCompiledEngines } from '../../support/engines.js';
import { assertNear, between, numbers, numbersWithSpecials, samples } from '../../support/properties.js';
import { convolution, convolutionShapes, type Convolution } from '../../support/reference.js';

interface Case {
  readonly conv: Convolution;
  readonly hasBias: boolean;
}

/** Convolutions with filters of 3 x 3 taps that fit into the padded image. */
function cases(
  size: fc.Arbitrary<number>,
  channels: fc.Arbitrary<number>,
  outputs: fc.Arbitrary<number>,
  batch = between(1, 3),
): fc.Arbitrary<Case> {
  const around = between(0, 2);
  return fc
    .record({ batch, height: size, width: size, channels, outputs, sides: fc.tuple(around, around, around, around) })
    .map(({ sides, ...rest }) => ({
      x: [rest.batch, rest.height, rest.width, rest.channels] as const,
      ...{ kernel: [3, 3], strides: [1, 1], dilations: [1, 1], groups: 1, padding: sides, outputs: rest.outputs },
    }))
    .filter(({ x, padding }) => x[1] + padding[0] + padding[1] >= 3 && x[2] + padding[2] + padding[3] >= 3)
    .chain((conv) => fc.boolean().map((hasBias) => ({ conv: conv as unknown as Convolution, hasBias })));
}

/** Around the lengths of vectors and of the tiles of matrix products. */
const fewChannels = fc.oneof(between(1, 9), between(12, 18), between(27, 35));
const families: Record<string, [arbitrary: fc.Arbitrary<Case>, usual: number]> = {
  'small images': [cases(between(1, 9), fewChannels, fewChannels), 60],
  'several blocks of tiles': [cases(between(17, 40), between(1, 20), between(1, 20)), 8],
  'several groups of tiles': [cases(between(70, 80), between(1, 3), between(1, 3), fc.constant(1)), 3],
  'channels beyond a block': [cases(between(1, 4), between(130, 300), between(1, 40), between(1, 2)), 6],
  'outputs beyond a block': [cases(between(1, 4), between(1, 40), between(120, 300), between(1, 2)), 6],
  'the most channels and outputs': [cases(between(2, 3), fc.constant(512), fc.constant(512), fc.constant(1)), 2],
};

/** All three kernels, whether or not they would be chosen for the shape. */
function compute({ conv, hasBias }: Case, [x, filter, dy, bias]: readonly Float32Array[]) {
  const backend = engineBackend()!;
  const shapes = convolutionShapes(conv);
  const placed = (values: Float32Array, shape: readonly number[]) =>
    place(backend, tf.tensor(values, [...shape], 'float32'), undefined);
  const images = placed(x!, conv.x);
  const weights = placed(filter!, shapes.filter);
  const gradient = placed(dy!, shapes.y);
  const added = hasBias ? placed(bias!, [conv.outputs]).pointer : 0;
  // Numbers that must not stay in the results.
  const result = (shape: readonly number[]) => tf.fill<tf.Rank.R4>([...shape] as [number, number, number, number], NaN);
  const [y, dx, dfilter] = [result(shapes.y), result(conv.x), result(shapes.filter)];
  winogradConvolution(backend, images, weights, added, place(backend, y, undefined), conv);
  winogradInputGradient(backend, gradient, weights, place(backend, dx, undefined), conv);
  winogradFilterGradient(backend, images, gradient, place(backend, dfilter, undefined), conv);
  return { y, dx, dfilter };
}

function operands(conv: Convolution): [Float32Array, Float32Array, Float32Array, Float32Array] {
  const shapes = convolutionShapes(conv);
  return [
    numbers('x', conv.x),
    numbers('filter', shapes.filter),
    numbers('dy', shapes.y),
    numbers('bias', [conv.outputs]),
  ];
}

/**
 * Holds the kernels to the sums that define a convolution. The error is measured by the largest element: the transforms
 * mix the pixels of a tile, so that a small element beside large ones is as inexact as they are.
 */
function check(given: Case): void {
  tf.tidy(() => {
    const { conv, hasBias } = given;
    const shapes = convolutionShapes(conv);
    const [x, filter, dy, bias] = operands(conv);
    const expected = convolution(conv, x, filter, dy);
    if (hasBias) dy.forEach((_, index) => expected.y.add(index, bias[index % bias.length]!));
    const { y, dx, dfilter } = compute(given, [x, filter, dy, bias]);
    assertNear(y, shapes.y, expected.y.values, 'result', 3e-6);
    assertNear(dx, conv.x, expected.dx.values, 'input gradient', 3e-6);
    assertNear(dfilter, shapes.filter, expected.dfilter.values, 'filter gradient', 3e-6);
  });
}

const plain = { strides: [1, 1], dilations: [1, 1], groups: 1, padding: [1, 1, 1, 1] } as const;

describeCompiledEngines("convolution by Winograd's algorithm", () => {
  for (const [name, [arbitrary, usual]] of Object.entries(families)) {
    it(`gives the sums of products that define it: ${name}`, () => {
      fc.assert(fc.property(arbitrary, check), samples(usual));
    });
  }

  it('passes NaN on to the results that depend on it, and numbers that are not finite to no other', () => {
    fc.assert(
      fc.property(families['small images']![0], ({ conv }) => {
        tf.tidy(() => {
          const [, filter, dy, bias] = operands(conv);
          const x = numbersWithSpecials('x', conv.x, 0.02);
          const expected = convolution(conv, x, filter, dy).y.values;
          const y = compute({ conv, hasBias: false }, [x, filter, dy, bias]).y.dataSync();
          expected.forEach((wanted, index) => {
            if (Number.isNaN(wanted)) assert.ok(Number.isNaN(y[index]), `element ${index} is ${y[index]}`);
            else assert.equal(Number.isFinite(y[index]), Number.isFinite(wanted), `element ${index} is ${y[index]}`);
          });
        });
      }),
      samples(20),
    );
  });

  it('gives the same bits each time', () => {
    const conv: Convolution = { ...plain, x: [3, 21, 23, 33], kernel: [3, 3], outputs: 35 };
    const runs = Array.from({ length: 5 }, () =>
      tf.tidy(() => Object.values(compute({ conv, hasBias: true }, operands(conv))).map((result) => result.dataSync())),
    );
    for (const run of runs) assert.deepEqual(run, runs[0]);
  });
});

describe('the way to compute a convolution', () => {
  const method = (batch: number, size: number, channels: number, outputs: number, more = {}) =>
    methodOf([batch, size, size, channels], [3, 3, channels, outputs], { ...plain, ...more });

  it("is Winograd's algorithm for 3 x 3 taps, many channels and many pixels", () => {
    const vgg16: [size: number, channels: number, outputs: number][] = [
      [32, 64, 64],
      [16, 64, 128],
      [16, 128, 128],
      [8, 128, 256],
      [8, 256, 256],
    ];
    for (const [size, channels, outputs] of vgg16) assert.equal(method(64, size, channels, outputs), 'winograd');
    assert.equal(method(1, 28, 128, 128), 'winograd');
  });

  it('is another one where the transforms take longer than they save', () => {
    assert.equal(method(64, 4, 512, 512), 'patches');
    assert.equal(method(64, 2, 512, 512), 'patches');
    assert.equal(method(1, 8, 512, 512), 'patches');
    assert.equal(method(64, 32, 3, 64), 'narrow');
    assert.equal(method(64, 32, 64, 10), 'patches');
    assert.equal(method(64, 16, 600, 64), 'patches');
  });

  it('is another one for steps, dilated taps, groups, wide padding and other filters', () => {
    assert.equal(method(64, 32, 64, 64, { strides: [2, 1] }), 'patches');
    assert.equal(method(64, 32, 64, 64, { dilations: [1, 2] }), 'patches');
    assert.equal(method(64, 32, 64, 64, { padding: [3, 1, 1, 1] }), 'patches');
    assert.equal(methodOf([64, 32, 32, 64], [3, 3, 32, 64], { ...plain, groups: 2 }), 'patches');
    assert.equal(methodOf([64, 32, 32, 64], [5, 5, 64, 64], plain), 'patches');
  });
});
