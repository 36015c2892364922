import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { makeQuickly } from '../support/networks.js';
import { assertDigest, describeOracle, fill, image, type Digest } from '../support/oracle.js';
import { noGrad } from '../../src/autograd/index.js';
import { hashText } from '../../src/common/random.js';
import type { AnyLayer } from '../../src/nn/index.js';
import * as models from '../../src/vision/models/index.js';

interface ForwardCase {
  readonly input: number[];
  readonly keys: number;
  readonly firstKeys: string[];
  readonly lastKeys: string[];
  readonly keysHash: number;
  readonly params: number;
  readonly trainable: number;
  readonly outputs: Digest[];
}

const builders: Record<string, () => AnyLayer> = {
  ...(models as unknown as Record<string, () => AnyLayer>),
  LeNet: () => new models.LeNet(),
};

// Plain JavaScript needs minutes for a large network.
const isSlow = process.env.PADDLEWHEEL_ENGINE === 'js';

describeOracle<ForwardCase>(
  'forward',
  (name, expected) => {
    const make = builders[name];
    assert.ok(make, `no model for the case ${name}`);
    const network = makeQuickly(make).eval();
    const state = network.stateDict();
    const keys = Object.keys(state);
    assert.deepEqual(keys.slice(0, 6), expected.firstKeys);
    assert.deepEqual(keys.slice(-3), expected.lastKeys);
    assert.equal(keys.length, expected.keys);
    const text = Object.entries(state).map(([key, { shape }]) => `${key}:[${shape.join(', ')}]`);
    assert.equal(hashText(text.join('\n')), expected.keysHash);
    const count = (trainable: boolean) =>
      network
        .parameters()
        .reduce((sum, parameter) => sum + (parameter.trainable || !trainable ? parameter.size : 0), 0);
    assert.equal(count(false), expected.params);
    assert.equal(count(true), expected.trainable);
    fill(network);
    const outputs = noGrad(() => [network.forward(image('input', expected.input))].flat()) as Tensor[];
    assert.equal(outputs.length, expected.outputs.length);
    expected.outputs.forEach((digest, i) => {
      assertDigest(outputs[i]!, digest, Math.max(1e-5, 10 * (digest.noise ?? 0)), `output ${i}`);
    });
    network.dispose();
  },
  (name) => isSlow && name !== 'LeNet',
);
