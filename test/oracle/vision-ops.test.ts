/** Operations of `vision.ops` and their gradients against real Paddle: vision-ops.json, made by vision_ops.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { toTensor } from '../../src/tensor/index.js';
import { boxCoder, deformConv2d, nms, roiAlign, RoIAlign, roiPool, RoIPool } from '../../src/vision/ops/index.js';

interface Case {
  readonly shape: number[];
  readonly values: number[];
  readonly gradients?: Readonly<Record<string, number[]>>;
}

const expected = JSON.parse(readFileSync(new URL('./vision-ops.json', import.meta.url), 'utf8')) as Record<
  string,
  Case
>;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

function wave(shape: number[], shift: number, step = 1.3): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(shift + step * i));
}

function leaf(values: Float32Array, shape: number[]): Tensor {
  return toTensor(tf.tensor(values, shape), { stopGradient: false });
}

/** Corners with the lower one first, between about 0 and 9. */
function boxes(count: number, shift: number): Tensor {
  const low = wave([count, 2], shift).map((value) => 2.3 + 2.2 * value);
  const size = wave([count, 2], shift + 2, 0.9).map((value) => 3.5 + 2 * value);
  const corners = Float32Array.from({ length: 4 * count }, (_, i) => {
    const at = 2 * Math.floor(i / 4) + (i % 2);
    return i % 4 < 2 ? low[at]! : low[at]! + size[at]!;
  });
  return tf.tensor2d(corners, [count, 4]);
}

function makeInputs() {
  const made = (shape: number[], shift: number, change = (value: number) => value) =>
    leaf(wave(shape, shift).map(change), shape);
  return {
    x: made([2, 4, 6, 7], 0),
    regions: boxes(5, 1),
    many: boxes(12, 4),
    scores: made([12], 3),
    target: boxes(3, 7),
    variances: made([5, 4], 6, (value) => 0.2 + 0.1 * value),
    codes: made([3, 5, 4], 2),
    codesAxis1: made([5, 3, 4], 2),
    offset: made([2, 36, 3, 4], 5, (value) => 1.5 * value),
    mask: made([2, 18, 3, 4], 8),
    offset1: made([2, 18, 6, 7], 9, (value) => 0.7 * value),
    weight: made([6, 2, 3, 3], 3),
    weight1: made([3, 4, 3, 3], 1),
    bias: made([6], 2),
  };
}

type Inputs = ReturnType<typeof makeInputs>;

const counts = tf.tensor1d([2, 3], 'int32');
const categoryIdxs = tf.tensor1d(
  Array.from({ length: 12 }, (_, i) => i % 3),
  'int32',
);
const categories = [0, 1, 2];
const four = [0.1, 0.1, 0.2, 0.2];

const cases: Record<string, (inputs: Inputs) => Tensor> = {
  nms: ({ many }) => nms(many, { iouThreshold: 0.2 }),
  nmsDefault: ({ many }) => nms(many),
  nmsScores: ({ many, scores }) => nms(many, { iouThreshold: 0.2, scores }),
  nmsTop: ({ many, scores }) => nms(many, { iouThreshold: 0.2, scores, topK: 3 }),
  nmsClasses: ({ many, scores }) => nms(many, { iouThreshold: 0.1, scores, categoryIdxs, categories }),
  nmsClassesTop: ({ many, scores }) => nms(many, { iouThreshold: 0.1, scores, categoryIdxs, categories, topK: 4 }),
  encode: ({ regions, variances, target }) => boxCoder(regions, variances, target),
  encodePixels: ({ regions, target }) => boxCoder(regions, four, target, { boxNormalized: false }),
  decode: ({ regions, variances, codes }) => boxCoder(regions, variances, codes, { codeType: 'decode_center_size' }),
  decodeAxis: ({ regions, codesAxis1 }) =>
    boxCoder(regions, four, codesAxis1, { codeType: 'decode_center_size', boxNormalized: false, axis: 1 }),
  roiAlign: ({ x, regions }) => roiAlign(x, regions, counts, 3),
  roiAlignOptions: ({ x, regions }) =>
    roiAlign(x, regions, counts, [2, 3], { spatialScale: 0.5, samplingRatio: 2, aligned: false }),
  roiPool: ({ x, regions }) => roiPool(x, regions, counts, 3),
  roiPoolScale: ({ x, regions }) => roiPool(x, regions, counts, [2, 4], { spatialScale: 1.7 }),
  RoIAlign: ({ x, regions }) => new RoIAlign([2, 2], { spatialScale: 0.8 }).forward(x, regions, counts),
  RoIPool: ({ x, regions }) => new RoIPool(2, { spatialScale: 0.8 }).forward(x, regions, counts),
  deform: ({ x, offset1, weight1 }) => deformConv2d(x, offset1, weight1, { padding: 1 }),
  deformAll: ({ x, offset, weight, bias, mask }) =>
    deformConv2d(x, offset, weight, { bias, stride: 2, padding: 1, deformableGroups: 2, groups: 2, mask }),
};

function assertNumbers(actual: ArrayLike<number>, wanted: readonly number[], what: string): void {
  assert.equal(actual.length, wanted.length, what);
  const scale = Math.max(1, ...wanted.map(Math.abs));
  wanted.forEach((value, i) => {
    assert.ok(Math.abs(actual[i]! - value) <= 1e-5 * scale, `${what}[${i}]: got ${actual[i]}, expected ${value}`);
  });
}

describe('vision.ops as in Paddle', () => {
  for (const [name, { shape, values, gradients }] of Object.entries(expected)) {
    it(name, () => {
      const run = cases[name];
      assert.ok(run, `no operation for the case ${name}`);
      const inputs = makeInputs();
      const result = run(inputs);
      assert.deepEqual(result.shape, shape);
      assertNumbers(result.dataSync(), values, 'result');
      if (!gradients) return;
      tf.sum(tf.mul(result, result)).backward();
      for (const [key, wanted] of Object.entries(gradients)) {
        assertNumbers(inputs[key as keyof Inputs].grad!.dataSync(), wanted, `gradient of ${key}`);
      }
    });
  }

  it('covers every case', () => assert.deepEqual(Object.keys(cases).sort(), Object.keys(expected).sort()));
});
