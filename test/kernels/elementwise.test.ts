import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../src/common/ndarray.js';
import { assertValues, errorFunction, indicesOf, input, placeOf } from './reference.js';

const specials = [
  ...[0, -0, NaN, Infinity, -Infinity, 1, -1, 0.5, -0.5, 6, 6.5, 0.625, -0.625],
  ...[1e-45, -1e-45, 1e-40, -1e-40, 1.1754944e-38, -1.1754944e-38, 1e-30, -1e-30],
  ...[3.4028235e38, -3.4028235e38, 1e20, -1e20, 1e10, -1e10, 16777216, -16777217],
  ...[1.5, 2.5, -1.5, -2.5, 0.49999997, 8388607.5, -4194303.5, 2.9, -2.9, 0.9, -0.9],
  ...[88.72, 88.73, 89, -87.3, -87.4, -90, -95, -100, -103, -103.9, -104, -110, 20, -20, 9.1, -9.1],
];

/** Numbers of every magnitude, and a count that is no multiple of a vector's length. */
const numbers = Float32Array.from([
  ...specials,
  ...input('plain', [400], -12, 12).values,
  ...input('wide', [401]).values.map((value, index) => value * 10 ** ((index % 70) - 35)),
]);

interface UnaryCase {
  readonly run: (x: Tensor) => Tensor;
  readonly reference: (x: number) => number;
  /** Error relative to the value; 2^-23 is one unit in the last place or two. */
  readonly relative: number;
  /** Error where the value is too small to be told from zero. */
  readonly absolute?: number;
}

/** To the nearest integer, halves to the even one. */
function roundToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

const unaryCases: Record<string, UnaryCase> = {
  relu: { run: tf.relu, reference: (x) => Math.max(0, x), relative: 0 },
  relu6: { run: tf.relu6, reference: (x) => Math.min(Math.max(0, x), 6), relative: 0 },
  sigmoid: { run: tf.sigmoid, reference: (x) => 1 / (1 + Math.exp(-x)), relative: 5e-7, absolute: 1e-37 },
  tanh: { run: tf.tanh, reference: Math.tanh, relative: 4e-7 },
  exp: { run: tf.exp, reference: Math.exp, relative: 2.4e-7, absolute: 1.5e-45 },
  sqrt: { run: tf.sqrt, reference: Math.sqrt, relative: 0 },
  rsqrt: { run: tf.rsqrt, reference: (x) => 1 / Math.sqrt(x), relative: 1.2e-7 },
  square: { run: tf.square, reference: (x) => x * x, relative: 0 },
  neg: { run: tf.neg, reference: (x) => -x, relative: 0 },
  abs: { run: tf.abs, reference: Math.abs, relative: 0 },
  reciprocal: { run: tf.reciprocal, reference: (x) => 1 / x, relative: 0 },
  ceil: { run: tf.ceil, reference: Math.ceil, relative: 0 },
  floor: { run: tf.floor, reference: Math.floor, relative: 0 },
  round: { run: tf.round, reference: roundToEven, relative: 0 },
  sign: { run: tf.sign, reference: (x) => Math.sign(x) || 0, relative: 0 },
  log: { run: tf.log, reference: Math.log, relative: 2e-7 },
  log1p: { run: tf.log1p, reference: Math.log1p, relative: 3e-7 },
  expm1: { run: tf.expm1, reference: Math.expm1, relative: 3e-7 },
  erf: { run: tf.erf, reference: errorFunction, relative: 4e-7 },
  softplus: { run: tf.softplus, reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), relative: 4e-7 },
  elu: { run: tf.elu, reference: (x) => (x > 0 ? x : Math.expm1(x)), relative: 3e-7 },
  selu: {
    run: tf.selu,
    reference: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
    relative: 5e-7,
  },
  leakyRelu: {
    run: (x) => tf.leakyRelu(x, 0.3),
    reference: (x) => (x < 0 ? 0.3 * x : x),
    relative: 2e-7,
    absolute: 1e-45,
  },
  clipByValue: {
    run: (x) => tf.clipByValue(x, -1.5, 3),
    reference: (x) => (x > 3 ? 3 : x < -1.5 ? -1.5 : x),
    relative: 0,
  },
  step: { run: (x) => tf.step(x, 0.25), reference: (x) => (x > 0 ? 1 : x <= 0 ? 0.25 : x), relative: 0 },
};

describe('functions of one number', () => {
  for (const [name, { run, reference, relative, absolute = 0 }] of Object.entries(unaryCases)) {
    it(`${name} agrees with Math on numbers of every magnitude`, () => {
      const results = tf.tidy(() => run(tf.tensor1d(numbers)).dataSync());
      numbers.forEach((x, index) => {
        const [got, wanted] = [results[index]!, Math.fround(reference(x))];
        const close =
          got === wanted ||
          (Number.isNaN(got) && Number.isNaN(wanted)) ||
          Math.abs(got - wanted) <= relative * Math.abs(wanted) + absolute;
        assert.ok(close, `${name}(${x}) is ${got}, expected ${wanted}`);
      });
    });
  }

  it('handle every length', () => {
    for (let length = 0; length < 20; length++) {
      const x = input('lengths', [length]);
      assertValues(
        tf.square(x.tensor),
        [length],
        Float64Array.from(x.values, (value) => value * value),
        'square',
        1e-7,
      );
    }
  });

  it('exp never falls where its argument rises', () => {
    const rising = Float32Array.from({ length: 20000 }, (_, index) => -110 + index / 100);
    const results = tf.exp(tf.tensor1d(rising)).dataSync();
    for (let i = 1; i < results.length; i++) {
      assert.ok(results[i]! >= results[i - 1]! * (1 - 2e-7), `exp(${rising[i]})`);
    }
  });
});

type Binary = (a: Tensor, b: Tensor) => Tensor;

/** Each operation, its reference and an error for what may be rounded once or twice. */
const binaryCases: Record<string, [run: Binary, reference: (a: number, b: number) => number, tolerance?: number]> = {
  add: [tf.add, (a, b) => a + b],
  sub: [tf.sub, (a, b) => a - b],
  mul: [tf.mul, (a, b) => a * b],
  div: [tf.div, (a, b) => a / b],
  maximum: [tf.maximum, Math.max],
  minimum: [tf.minimum, Math.min],
  squaredDifference: [tf.squaredDifference, (a, b) => (a - b) ** 2, 2e-7],
  prelu: [tf.prelu, (x, slope) => (x < 0 ? slope * x : x)],
};

/** Two shapes that broadcast, and the shape of the result. */
const shapePairs = fc
  .array(
    fc.record({ length: fc.integer({ min: 0, max: 9 }), single: fc.constantFrom('none', 'none', 'a', 'b', 'both') }),
    { maxLength: 5 },
  )
  .chain((axes) => {
    const shapeOf = (name: string) =>
      axes.map(({ length, single }) => (single === name || single === 'both' ? 1 : length));
    const withoutOnes = (shape: number[], count: number) =>
      shape.slice(Math.min(count, shape.findIndex((length) => length !== 1) >>> 0));
    return fc.tuple(fc.nat(5), fc.nat(5)).map(([dropA, dropB]) => {
      const out = axes.map(({ length, single }) => (single === 'both' ? 1 : length));
      const [a, b] = [withoutOnes(shapeOf('a'), dropA), withoutOnes(shapeOf('b'), dropB)];
      return { a, b, out: out.slice(out.length - Math.max(a.length, b.length)) };
    });
  })
  .filter(({ out }) => sizeOf(out) < 5000);

function checkBinary(name: string, aShape: number[], bShape: number[], out: number[]): void {
  const [run, reference, tolerance = 0] = binaryCases[name]!;
  tf.tidy(() => {
    const [a, b] = [input('a', aShape, -4, 4), input('b', bShape, 1, 4)];
    const elementOf = (shape: number[], index: number[]) =>
      placeOf(
        index.slice(index.length - shape.length).map((position, axis) => (shape[axis] === 1 ? 0 : position)),
        shape,
      );
    const expected = [...indicesOf(out)].map((index) =>
      Math.fround(reference(a.values[elementOf(aShape, index)]!, b.values[elementOf(bShape, index)]!)),
    );
    assertValues(
      run(a.tensor, b.tensor),
      out,
      expected,
      `${name} of [${aShape.join()}] and [${bShape.join()}]`,
      tolerance,
    );
  });
}

describe('functions of two numbers', () => {
  for (const name of Object.keys(binaryCases)) {
    it(`${name} repeats axes of length one`, () => {
      fc.assert(
        fc.property(shapePairs, ({ a, b, out }) => checkBinary(name, a, b, out)),
        { numRuns: 60 },
      );
    });
  }

  it('handle NaN, infinities, signs of zero and denormals as JavaScript does', () => {
    const pairs = specials.flatMap((p) => specials.map((q) => [Math.fround(p), Math.fround(q)] as const));
    const [a, b] = [tf.tensor1d(pairs.map(([p]) => p)), tf.tensor1d(pairs.map(([, q]) => q))];
    for (const [name, [run, reference, tolerance = 0]] of Object.entries(binaryCases)) {
      const results = run(a, b).dataSync();
      pairs.forEach(([p, q], index) => {
        const [got, wanted] = [results[index]!, Math.fround(reference(p, q))];
        const close = Object.is(got, wanted) || Math.abs(got - wanted) <= tolerance * Math.abs(wanted);
        assert.ok(close, `${name}(${p}, ${q}) is ${got}, expected ${wanted}`);
      });
    }
  });
});
