import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { noGrad } from '../../src/autograd/index.js';
import { sizeOf } from '../../src/common/ndarray.js';
import { RandomStream, seed } from '../../src/common/random.js';
import { functional, GRU, LSTM, Parameter, SimpleRNN, SpectralNorm } from '../../src/nn/index.js';
import { extra, inputsOf } from '../support/nn-extra.js';
import { fill } from '../support/oracle.js';
import { calls } from './functional-calls.js';

/** Functions with a check of their own below or elsewhere, and where. */
const checkedElsewhere: Readonly<Record<string, string>> = {
  batchNorm: 'below',
  alphaDropout: 'below',
  featureAlphaDropout: 'below',
  dropout1d: 'below',
  dropout2d: 'below',
  gumbelSoftmax: 'below',
  logsigmoid: 'another name of logSigmoid',
};

const step = 2 ** -10;

/** Rounding of the results (2^-24 of about 1 to 10, divided by the step), and the third derivative times step² / 6. */
const bound = 2e-3;

const draw = (stream: RandomStream, length: number) => Float32Array.from({ length }, () => stream.uniform(-1, 1));

/**
 * Compares the gradients of a function with central differences along random directions.
 *
 * @param compute - must give the same for the same inputs
 */
function checkGradients(name: string, inputs: readonly Tensor[], compute: (...inputs: Tensor[]) => Tensor): void {
  const stream = new RandomStream(7, name);
  const wanted = inputs.map((input) => !input.stopGradient);
  const y = compute(...inputs);
  const weights = draw(stream, y.size);
  tf.sum(tf.mul(tf.reshape(y, [-1]), tf.tensor1d(weights))).backward();
  inputs.forEach((input, index) => {
    if (wanted[index] !== true || input.grad === null) return;
    const gradient = Float32Array.from(input.grad.dataSync());
    for (let trial = 0; trial < 3; trial++) {
      const direction = draw(stream, input.size);
      /** The weighted sum at a distance along the direction, in double precision. */
      const at = (distance: number) =>
        noGrad(() => {
          const moved = Float32Array.from(input.dataSync(), (value, i) => value + distance * (direction[i] ?? 0));
          const changed = inputs.map((one, i) => (i === index ? tf.tensor(moved, one.shape) : one));
          const result = Float32Array.from(compute(...changed).dataSync());
          return result.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0);
        });
      const difference = (at(step) - at(-step)) / (2 * step);
      const slope = gradient.reduce((sum, value, i) => sum + value * (direction[i] ?? 0), 0);
      const size = Math.hypot(...gradient, 1);
      assert.ok(
        Math.abs(slope - difference) <= bound * size,
        `input ${index}: the gradient gives ${slope}, differences give ${difference}`,
      );
    }
  });
}

describe('gradients of nn.functional', () => {
  it('are checked for every function', () => {
    const named = new Set([...Object.keys(calls).map((name) => name.split('/')[0]), ...Object.keys(checkedElsewhere)]);
    assert.deepEqual(
      Object.keys(functional).filter((name) => !named.has(name)),
      [],
    );
    assert.deepEqual(Object.keys(calls).sort(), Object.keys(extra.functions).sort());
  });

  for (const [name, call] of Object.entries(calls)) {
    // What counts or chooses is flat, and jumps.
    if (/pool.*\/mask$/i.test(name)) continue;
    it(`${name} are those of small differences`, () => {
      checkGradients(name, inputsOf(extra.functions[name]!), call);
    });
  }
});

describe('gradients of random functions and of layers', () => {
  const input = (...shape: number[]) => {
    const x = tf.tensor(draw(new RandomStream(3, 'x'), sizeOf(shape)), shape);
    x.stopGradient = false;
    return x;
  };
  const cases: Record<string, () => [Tensor, (x: Tensor) => Tensor]> = {
    dropout: () => [input(4, 5), (x) => functional.dropout(x, { p: 0.4 })],
    dropout1d: () => [input(4, 5, 2), (x) => functional.dropout1d(x, { p: 0.4 })],
    dropout2d: () => [input(4, 5, 2, 2), (x) => functional.dropout2d(x, { p: 0.4 })],
    alphaDropout: () => [input(4, 5), (x) => functional.alphaDropout(x, { p: 0.4 })],
    featureAlphaDropout: () => [input(4, 5, 2), (x) => functional.featureAlphaDropout(x, { p: 0.4 })],
    rrelu: () => [input(4, 5), (x) => functional.rrelu(x)],
    gumbelSoftmax: () => [input(4, 5), (x) => functional.gumbelSoftmax(x, { temperature: 0.8 })],
  };
  for (const [name, make] of Object.entries(cases)) {
    it(`${name} are those of small differences`, () => {
      const [x, compute] = make();
      checkGradients(name, [x], (...inputs) => {
        seed(5);
        return compute(inputs[0]!);
      });
    });
  }

  it('batchNorm are those of small differences', () => {
    const statistic = () => new Parameter(tf.ones([3]), { name: 'statistic', trainable: false });
    const [mean, variance] = [statistic(), statistic()];
    const vector = () => input(3);
    for (const training of [true, false]) {
      checkGradients('batchNorm', [input(4, 3, 2), vector(), vector()], (x, weight, bias) =>
        functional.batchNorm(x, mean, variance, { weight: weight, bias: bias, training }),
      );
    }
  });

  it('SpectralNorm are those of small differences', () => {
    const layer = new SpectralNorm([4, 3, 2], { dim: 1, powerIters: 0 });
    fill(layer, 'nn');
    checkGradients('SpectralNorm', [input(4, 3, 2)], (weight) => layer.forward(weight));
  });

  for (const layer of [new SimpleRNN(3, 2), new GRU(3, 2), new LSTM(3, 2), new LSTM(3, 4, { projSize: 2 })]) {
    it(`${layer.constructor.name} are those of small differences`, () => {
      fill(layer, 'nn');
      const features = layer instanceof LSTM && layer.projSize > 0 ? [2, 4] : [2, 2];
      const states = features.slice(layer instanceof LSTM ? 0 : 1).map((length) => input(1, 2, length));
      const lengths = tf.tensor1d([4, 2], 'int32');
      checkGradients(layer.constructor.name, [input(2, 4, 3), ...states], (x, ...given) => {
        const results = layer.forward(x, (given.length === 2 ? given : given[0]) as never, lengths);
        return tf.concat(results.flat().map((result) => tf.reshape(result, [-1])));
      });
    });
  }

  it('gumbelSoftmax with hard choices are those of the soft ones', () => {
    const gradientOf = (hard: boolean) => {
      const x = input(3, 4);
      seed(5);
      const y = functional.gumbelSoftmax(x, { hard, axis: 0 });
      if (hard) assert.deepEqual([...tf.sum(y, 0).dataSync()].map(Math.round), [1, 1, 1, 1]);
      tf.sum(tf.mul(y, input(3, 4).detach())).backward();
      return [...x.grad!.dataSync()];
    };
    const soft = gradientOf(false);
    gradientOf(true).forEach((value, i) => assert.ok(Math.abs(value - soft[i]!) < 1e-6));
  });
});
