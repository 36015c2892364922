import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { assertDigest, describeOracle, fill, image, type Digest } from '../support/oracle.js';
import * as nn from '../../src/nn/index.js';

interface LayerCase {
  readonly input: number[];
  readonly shape: number[];
  readonly y: Digest;
  readonly dx: Digest;
  readonly grads: Record<string, Digest>;
  readonly buffers: Record<string, Digest>;
}

/** The layer of each case; convolutions are read off their name. */
const layers: Record<string, () => nn.Layer | nn.Conv2DTranspose> = {
  conv_1x7: () => new nn.Conv2D(3, 4, [1, 7], { padding: [0, 3] }),
  conv_same: () => new nn.Conv2D(3, 4, 3, { stride: 2, padding: 'SAME' }),
  conv_pad4: () => new nn.Conv2D(3, 4, 3, { padding: [1, 2, 0, 1] }),
  linear: () => new nn.Linear(7, 5),
  bn2d: () => new nn.BatchNorm2D(5),
  bn2d_eval: () => new nn.BatchNorm2D(5),
  bn1d: () => new nn.BatchNorm1D(5),
  max2: () => new nn.MaxPool2D(2, 2),
  max3s2p1: () => new nn.MaxPool2D(3, { stride: 2, padding: 1 }),
  max3s2ceil: () => new nn.MaxPool2D(3, { stride: 2, ceilMode: true }),
  avg2: () => new nn.AvgPool2D(2, 2),
  avg3s1p1: () => new nn.AvgPool2D(3, { stride: 1, padding: 1 }),
  avg3s1p1inc: () => new nn.AvgPool2D(3, { stride: 1, padding: 1, exclusive: false }),
  aavg1: () => new nn.AdaptiveAvgPool2D(1),
  aavg7: () => new nn.AdaptiveAvgPool2D(7),
  aavg3x2: () => new nn.AdaptiveAvgPool2D([3, 2]),
  amax2: () => new nn.AdaptiveMaxPool2D(2),
  ReLU: () => new nn.ReLU(),
  ReLU6: () => new nn.ReLU6(),
  Hardsigmoid: () => new nn.Hardsigmoid(),
  Hardswish: () => new nn.Hardswish(),
  Swish: () => new nn.Swish(),
  Sigmoid: () => new nn.Sigmoid(),
  Tanh: () => new nn.Tanh(),
  Softmax: () => new nn.Softmax(),
  LogSoftmax: () => new nn.LogSoftmax(),
  GELU: () => new nn.GELU(),
  Silu: () => new nn.Silu(),
  LeakyReLU: () => new nn.LeakyReLU(),
  ELU: () => new nn.ELU(),
  SELU: () => new nn.SELU(),
  Softplus: () => new nn.Softplus(),
  Mish: () => new nn.Mish(),
  Hardtanh: () => new nn.Hardtanh(),
  Softsign: () => new nn.Softsign(),
  LogSigmoid: () => new nn.LogSigmoid(),
  CELU: () => new nn.CELU(),
  Softshrink: () => new nn.Softshrink(),
  Hardshrink: () => new nn.Hardshrink(),
  Tanhshrink: () => new nn.Tanhshrink(),
  ThresholdedReLU: () => new nn.ThresholdedReLU(),
  PReLU: () => new nn.PReLU(),
  convT: () => new nn.Conv2DTranspose(3, 4, 3, { stride: 2, padding: 1, outputPadding: 1 }),
  ln: () => new nn.LayerNorm([6]),
  gn: () => new nn.GroupNorm(2, 6),
  in2d: () => new nn.InstanceNorm2D(4),
  upsample_bilinear: () => new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }),
  upsample_nearest: () => new nn.Upsample({ size: [7, 9], mode: 'nearest' }),
  pad2d: () => new nn.Pad2D([1, 2, 0, 1], { mode: 'reflect' }),
  pixelshuffle: () => new nn.PixelShuffle(2),
};

function makeLayer(name: string): nn.Layer | nn.Conv2DTranspose {
  const geometry = /^conv_k(\d+)s(\d+)p(\d+)d(\d+)g(\d+)_(\d+)_(\d+)_/.exec(name)?.slice(1).map(Number);
  if (geometry) {
    const [kernel = 0, stride = 0, padding = 0, dilation = 0, groups = 0, inChannels = 0, outChannels = 0] = geometry;
    return new nn.Conv2D(inChannels, outChannels, kernel, { stride, padding, dilation, groups });
  }
  const make = layers[name];
  assert.ok(make, `no layer for the case ${name}`);
  return make();
}

describeOracle<LayerCase>('layers', (name, expected) => {
  const layer = makeLayer(name);
  fill(layer);
  if (name.endsWith('_eval')) layer.eval();
  const x = image('input', expected.input);
  x.stopGradient = false;
  const y = layer.forward(x);
  assert.deepEqual(y.shape, expected.shape);
  assertDigest(y, expected.y, 1e-5, 'y');
  tf.sum(tf.mul(y, image('dy', y.shape))).backward();
  assertDigest(x.grad!, expected.dx, 1e-5, 'dx');
  const gradients = Object.fromEntries([...layer.namedParameters()].filter(([, parameter]) => parameter.grad));
  assert.deepEqual(Object.keys(gradients), Object.keys(expected.grads));
  for (const [key, digest] of Object.entries(expected.grads)) {
    assertDigest(gradients[key]!.grad!, digest, 1e-5, `gradient of ${key}`);
  }
  for (const [key, digest] of Object.entries(expected.buffers)) {
    assertDigest(layer.stateDict()[key]!, digest, 1e-5, key);
  }
});
