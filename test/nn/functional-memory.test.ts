import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { extra, inputsOf } from '../support/nn-extra.js';
import { calls } from './functional-calls.js';

describe('memory of nn.functional', () => {
  for (const [name, call] of Object.entries(calls)) {
    // The maxima beside the mask are part of no loss; what they saved goes when JavaScript drops it.
    if (/pool.*\/mask$/i.test(name)) continue;
    it(`${name} leaves nothing behind but its result and gradients`, () => {
      const inputs = inputsOf(extra.functions[name]!);
      const before = tf.memory().numTensors;
      // What the calls make themselves goes with the scope.
      tf.tidy(() => {
        tf.sum(call(...(inputs as Parameters<typeof call>))).backward();
      });
      for (const input of inputs) input.clearGrad();
      assert.equal(tf.memory().numTensors, before);
      for (const input of inputs) input.dispose();
    });
  }
});
