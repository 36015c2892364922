import assert from 'node:assert/strict';
import '../support/setup.js';
import { describeOracle } from '../support/oracle.js';
import { seed } from '../../src/common/random.js';
import * as nn from '../../src/nn/index.js';

interface Statistics {
  readonly shape: number[];
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

const layers: Record<string, () => nn.AnyLayer> = {
  Conv2D_64_128_3: () => new nn.Conv2D(64, 128, 3),
  Conv2D_groups: () => new nn.Conv2D(64, 128, 3, { groups: 32 }),
  Linear_512_256: () => new nn.Linear(512, 256),
  BatchNorm2D: () => new nn.BatchNorm2D(64),
  Embedding: () => new nn.Embedding(1000, 64),
  LayerNorm: () => new nn.LayerNorm(64),
  Conv2DTranspose: () => new nn.Conv2DTranspose(64, 32, 3),
  LSTM: () => new nn.LSTM(32, 64),
  PReLU: () => new nn.PReLU({ numParameters: 8 }),
};

describeOracle<Record<string, Statistics>>('init', (name, expected) => {
  seed(1);
  const make = layers[name];
  assert.ok(make, `no layer for the case ${name}`);
  const parameters = Object.fromEntries(make().namedParameters());
  assert.deepEqual(Object.keys(parameters), Object.keys(expected));
  for (const [key, { shape, mean, std, min, max }] of Object.entries(expected)) {
    const parameter = parameters[key]!;
    assert.deepEqual(parameter.shape, shape);
    const values = Array.from(parameter.dataSync());
    const own = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - own) ** 2, 0) / values.length);
    // Two samples of one distribution: their means lie within six standard errors, their spreads within 5 %.
    assert.ok(Math.abs(own - mean) <= (6 * std) / Math.sqrt(values.length) + 1e-7, `${key}: mean ${own}, not ${mean}`);
    assert.ok(Math.abs(spread - std) <= 0.05 * std, `${key}: spread ${spread}, not ${std}`);
    const low = values.reduce((least, value) => Math.min(least, value));
    const high = values.reduce((most, value) => Math.max(most, value));
    assert.ok(Math.abs(low - min) <= 0.2 * Math.abs(min) + 1e-7, `${key}: minimum ${low}, not ${min}`);
    assert.ok(Math.abs(high - max) <= 0.2 * Math.abs(max) + 1e-7, `${key}: maximum ${high}, not ${max}`);
  }
});
