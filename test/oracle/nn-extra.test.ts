import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import * as nn from '../../src/nn/index.js';
import { calls } from '../nn/functional-calls.js';
import { extra, inputsOf, type ExtraCase } from '../support/nn-extra.js';
import { assertDigest, fill, image } from '../support/oracle.js';

/** Compares values and gradients. */
function check(expected: ExtraCase, compute: (...inputs: Tensor[]) => Tensor): void {
  const inputs = inputsOf(expected);
  const y = compute(...inputs);
  assert.deepEqual(y.shape, expected.shape);
  assertDigest(y, expected.y, 1e-5, 'y');
  if (y.rank === 0) y.backward();
  else tf.sum(tf.mul(y, image('dy', y.shape, extra.salt))).backward();
  for (const [index, digest] of expected.gradients.entries()) {
    if (digest) assertDigest(inputs[index]!.grad!, digest, 2e-5, `gradient of input ${index}`);
  }
}

describe('functions of nn.functional, as in Paddle', () => {
  for (const [name, expected] of Object.entries(extra.functions)) {
    it(name, () => {
      const call = calls[name];
      assert.ok(call, `no call for the case ${name}`);
      check(expected, call);
    });
  }
});

type SomeLayer = nn.Layer<never[], Tensor>;

const layers: Readonly<Record<string, () => unknown>> = {
  Conv1D: () => new nn.Conv1D(4, 6, 3, { stride: 2, padding: 1, groups: 2, paddingMode: 'circular' }),
  Conv1DTranspose: () => new nn.Conv1DTranspose(4, 6, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
  Conv2DTranspose: () =>
    new nn.Conv2DTranspose(4, 6, [3, 2], { stride: 2, padding: [1, 0], dilation: 2, groups: 2, biasAttr: false }),
  BatchNorm1D: () => new nn.BatchNorm1D(3),
  LayerNorm: () => new nn.LayerNorm([2, 4], { epsilon: 1e-4 }),
  GroupNorm: () => new nn.GroupNorm(3, 6),
  InstanceNorm1D: () => new nn.InstanceNorm1D(3),
  LocalResponseNorm: () => new nn.LocalResponseNorm(3),
  SpectralNorm: () => new nn.SpectralNorm([4, 3, 2], { powerIters: 2 }),
  Embedding: () => new nn.Embedding(6, 4, { paddingIdx: 1 }),
  Bilinear: () => new nn.Bilinear(4, 2, 5),
  PReLU: () => new nn.PReLU({ numParameters: 3 }),
  MaxPool1D: () => new nn.MaxPool1D(3, 2),
  AvgPool1D: () => new nn.AvgPool1D(3, { stride: 2, padding: 1 }),
  AdaptiveAvgPool1D: () => new nn.AdaptiveAvgPool1D(4),
  AdaptiveMaxPool1D: () => new nn.AdaptiveMaxPool1D(4),
  LPPool2D: () => new nn.LPPool2D(2, 2, { stride: 2 }),
  LPPool1D: () => new nn.LPPool1D(3, 2),
  Pad1D: () => new nn.Pad1D([1, 2], { mode: 'reflect' }),
  ZeroPad1D: () => new nn.ZeroPad1D(2),
  ZeroPad2D: () => new nn.ZeroPad2D([1, 0, 1, 2]),
  ConstantPad2D: () => new nn.ConstantPad2D(1, 0.5),
  ReflectionPad2D: () => new nn.ReflectionPad2D(1),
  ReplicationPad2D: () => new nn.ReplicationPad2D([1, 0, 2, 1]),
  CircularPad2D: () => new nn.CircularPad2D([1, 0, 2, 1]),
  Upsample: () => new nn.Upsample({ scaleFactor: 2, mode: 'bicubic' }),
  UpsamplingBilinear2D: () => new nn.UpsamplingBilinear2D({ scaleFactor: 2 }),
  UpsamplingNearest2D: () => new nn.UpsamplingNearest2D({ size: [5, 7] }),
  PixelUnshuffle: () => new nn.PixelUnshuffle(2),
  ChannelShuffle: () => new nn.ChannelShuffle(2),
  Unfold: () => new nn.Unfold(2, { strides: 2 }),
  Fold: () => new nn.Fold([4, 6], 2, { strides: 2 }),
  Maxout: () => new nn.Maxout(2),
  GLU: () => new nn.GLU(),
  Softmax2D: () => new nn.Softmax2D(),
  Unflatten: () => new nn.Unflatten(1, [2, -1]),
  CosineSimilarity: () => new nn.CosineSimilarity(),
  PairwiseDistance: () => new nn.PairwiseDistance(),
  MultiHeadAttention: () => new nn.MultiHeadAttention(6, 2, { kdim: 4, vdim: 5 }),
  TransformerEncoderLayer: () =>
    new nn.TransformerEncoderLayer(6, 2, 8, { dropout: 0, activation: 'gelu', normalizeBefore: true }),
  TransformerEncoder: () =>
    new nn.TransformerEncoder(new nn.TransformerEncoderLayer(6, 2, 8, { dropout: 0 }), 2, {
      norm: new nn.LayerNorm(6),
    }),
  GELU: () => new nn.GELU({ approximate: true }),
  SELU: () => new nn.SELU(),
  LeakyReLU: () => new nn.LeakyReLU({ negativeSlope: 0.2 }),
  Hardtanh: () => new nn.Hardtanh(),
  Softplus: () => new nn.Softplus({ beta: 2, threshold: 10 }),
  ThresholdedReLU: () => new nn.ThresholdedReLU(),
};

describe('layers of nn, as in Paddle', () => {
  for (const [name, expected] of Object.entries(extra.layers)) {
    it(name, () => {
      const make = layers[name];
      assert.ok(make, `no layer for the case ${name}`);
      const layer = make() as SomeLayer;
      assert.deepEqual(
        Object.entries(layer.stateDict()).map(([key, { shape }]) => `${key}:[${shape.join(', ')}]`),
        expected.keys,
      );
      fill(layer, extra.salt);
      check(expected, (...inputs) => layer.forward(...(inputs as never[])));
      const parameters = Object.fromEntries(layer.namedParameters());
      const trained = Object.keys(parameters).filter((key) => parameters[key]?.grad);
      assert.deepEqual(trained, Object.keys(expected.parameters));
      for (const [key, digest] of Object.entries(expected.parameters)) {
        const gradient = parameters[key]!.grad!;
        // The bias of keys moves all logits of a query alike: its gradient is 0 but for rounding.
        if (digest.l2 < 1e-6) assert.ok(tf.norm(gradient).item() < 1e-5);
        else assertDigest(gradient, digest, 2e-5, `gradient of ${key}`);
      }
      assert.equal(String(layer), expected.text);
    });
  }
});
