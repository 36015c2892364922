import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { makeQuickly } from '../support/networks.js';
import { assertDigest, fill, image, type Digest } from '../support/oracle.js';
import { hashText } from '../../src/common/random.js';
import type { AnyLayer } from '../../src/nn/index.js';
import * as models from '../../src/vision/models/index.js';

/** What model_variants.py wrote. */
interface Variant {
  readonly make: string;
  readonly options: Record<string, unknown>;
  readonly input: number[];
  readonly keys: number;
  readonly keysHash: number;
  readonly textHash: number;
  readonly params: number;
  readonly outputs: (Digest & { readonly shape: number[] })[];
  readonly gradients: Record<string, Digest>;
}

const { salt, cases } = JSON.parse(readFileSync(new URL('./model-variants.json', import.meta.url), 'utf8')) as {
  salt: string;
  cases: Variant[];
};

const camelCase = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

const builders: Record<string, (options: object) => AnyLayer> = {
  ...(models as unknown as Record<string, (options: object) => AnyLayer>),
  LeNet: (options) => new models.LeNet(options),
};

const tolerance = (digest: Digest, least: number) => Math.max(least, 10 * (digest.noise ?? 0));

describe('oracle: variants of the models', () => {
  for (const { make, options, input, ...expected } of cases) {
    const given = Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));
    // Plain JavaScript needs minutes for a large network.
    const test = process.env.PADDLEWHEEL_ENGINE === 'js' && make !== 'LeNet' ? it.skip : it;
    test(`${make} ${JSON.stringify(given)}`, () => {
      const network = makeQuickly(() => builders[make]!(given)).eval();
      fill(network, salt);
      assert.equal(hashText(String(network)), expected.textHash, String(network));
      const state = Object.entries(network.stateDict());
      assert.equal(state.length, expected.keys);
      assert.equal(
        hashText(state.map(([key, { shape }]) => `${key}:[${shape.join(', ')}]`).join('\n')),
        expected.keysHash,
      );
      assert.equal(
        network.parameters().reduce((sum, { size }) => sum + size, 0),
        expected.params,
      );

      tf.tidy(() => {
        const outputs = [network.forward(image('input', input, salt))].flat() as Tensor[];
        assert.deepEqual(
          outputs.map(({ shape }) => shape),
          expected.outputs.map(({ shape }) => shape),
        );
        outputs.forEach((y, i) =>
          assertDigest(y, expected.outputs[i]!, tolerance(expected.outputs[i]!, 1e-5), `output ${i}`),
        );
        const weighted = outputs.map((y, i) => tf.sum(tf.mul(y, image(`dy${i}`, y.shape, salt))));
        tf.addN(weighted).backward();
      });
      const parameters = Object.fromEntries(network.namedParameters());
      for (const [key, digest] of Object.entries(expected.gradients)) {
        // Rounding alone can take an element near 0 through a ReLU, or another one through a pool.
        assertDigest(parameters[key]!.grad!, digest, tolerance(digest, 0.03), `gradient of ${key}`);
      }
      network.clearGradients();
      network.dispose();
    }).timeout(120_000);
  }
});
