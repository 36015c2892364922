import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { grad } from '../../src/autograd/index.js';
import { RandomStream } from '../../src/common/random.js';
import { dropout, selectDefaultBackend, selectEngine } from '../../src/engine/index.js';
import { input } from './reference.js';

/** What each element is multiplied by, drawn number by number. */
function factors(stream: RandomStream, length: number, p: number, scale: number): Float32Array {
  const numbers = stream.fillUniform(new Float32Array(length));
  return numbers.map((number) => (p === 1 || number < p ? 0 : Math.fround(scale)));
}

function checkDropout(length: number, p: number, scale: number, seed: number): void {
  tf.tidy(() => {
    const [x, dy] = [input('x', [length]), input('dy', [length])];
    const wanted = factors(new RandomStream(seed, 'dropout', 3, 7), length, p, scale);
    const run = (a: tf.Tensor) => dropout(a, p, scale, new RandomStream(seed, 'dropout', 3, 7));
    const { value, grad: dx } = tf.valueAndGrad(run)(x.tensor, dy.tensor);
    assert.deepEqual(
      value.dataSync(),
      wanted.map((factor, place) => factor * x.values[place]!),
    );
    assert.deepEqual(
      dx.dataSync(),
      wanted.map((factor, place) => factor * dy.values[place]!),
    );
  });
}

describe('dropout', () => {
  it('keeps the elements that the stream of random numbers keeps, in their order', () => {
    const cases = fc.tuple(
      fc.nat(300),
      fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1e-12, 1 - 1e-12, 1)),
      fc.constantFrom(1, 2, 1 / 0.9),
      fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    );
    fc.assert(
      fc.property(cases, ([length, p, scale, seed]) => checkDropout(length, p, scale, seed)),
      { numRuns: 100 },
    );
    checkDropout(100_003, 0.3, 1 / 0.7, 12345);
  });

  it('keeps the same elements on every engine', () => {
    const run = () => tf.tidy(() => dropout(tf.ones([77]), 0.4, 1, new RandomStream(1, 'dropout')).dataSync());
    const here = run();
    selectEngine('js');
    try {
      assert.deepEqual(run(), here);
    } finally {
      selectDefaultBackend();
    }
  });

  it('makes NaN of infinities that it drops', () => {
    const result = tf.tidy(() => dropout(tf.fill([64], Infinity), 0.5, 2, new RandomStream(1, 'dropout')).dataSync());
    assert.ok(result.every((value) => value === Infinity || Number.isNaN(value)));
    assert.ok(result.includes(NaN) && result.includes(Infinity));
  });

  it('has a gradient of its gradient', () => {
    tf.tidy(() => {
      const [x, dy] = [tf.ones([100]), tf.ones([100])];
      for (const tensor of [x, dy]) tensor.stopGradient = false;
      const y = dropout(x, 0.5, 3, new RandomStream(5, 'dropout'));
      const [first] = grad(y, x, { gradOutputs: dy, createGraph: true });
      const [second] = grad(first!, dy);
      assert.deepEqual(second!.dataSync(), y.dataSync());
    });
  });
});
