import assert from 'node:assert/strict';
import '../support/setup.js';
import { assertDigest, describeOracle, fill, image, type Digest } from '../support/oracle.js';
import { noGrad } from '../../src/autograd/index.js';
import { hashText } from '../../src/common/random.js';
import type { Layer } from '../../src/nn/index.js';
import * as models from '../../src/vision/models/index.js';
import { isUnbuilt } from './unbuilt.js';

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

const builders: Record<string, () => Layer> = {
  LeNet: () => new models.LeNet(),
};

describeOracle<ForwardCase>(
  'forward',
  (name, expected) => {
    const make = builders[name];
    assert.ok(make, `no model for the case ${name}`);
    const network = make().eval();
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
    const outputs = noGrad(() => [network.forward(image('input', expected.input))].flat());
    assert.equal(outputs.length, expected.outputs.length);
    expected.outputs.forEach((digest, i) => {
      assertDigest(outputs[i]!, digest, Math.max(1e-5, 10 * (digest.noise ?? 0)), `output ${i}`);
    });
    network.dispose();
  },
  (name) => isUnbuilt('forward', name),
);
