import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { grad } from '../../src/autograd/index.js';
import { activation, selectDefaultBackend, selectEngine, type ActivationName } from '../../src/engine/index.js';
import { activationNames } from '../../src/engine/ops/activation.js';
import { errorFunction, input } from './reference.js';

interface Reference {
  /** Parameters of the activation. */
  readonly parameters?: readonly [number, number?];
  readonly value: (x: number) => number;
  readonly derivative: (x: number) => number;
  /** Numbers at which the derivative jumps. */
  readonly kinks?: readonly number[];
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const normal = (x: number) => (1 + errorFunction(x / Math.SQRT2)) / 2;
const clip = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
const geluInner = (x: number) => Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));
const scale = 1.0507009873554805;
const alpha = 1.6732632423543772;

/** The formulas of PaddlePaddle in double precision; at kinks they give what it gives there. */
const references: Record<ActivationName, Reference> = {
  relu: { value: (x) => Math.max(x, 0), derivative: (x) => Number(x > 0), kinks: [0] },
  relu6: { value: (x) => clip(x, 0, 6), derivative: (x) => Number(x > 0 && x < 6), kinks: [0, 6] },
  sigmoid: { value: logistic, derivative: (x) => logistic(x) * (1 - logistic(x)) },
  tanh: { value: Math.tanh, derivative: (x) => 1 - Math.tanh(x) ** 2 },
  clip: {
    parameters: [-1.5, 2],
    value: (x) => clip(x, -1.5, 2),
    derivative: (x) => Number(x > -1.5 && x < 2),
    kinks: [-1.5, 2],
  },
  elu: {
    parameters: [1.5],
    value: (x) => (x > 0 ? x : 1.5 * Math.expm1(x)),
    derivative: (x) => (x > 0 ? 1 : 1.5 * Math.exp(x)),
    kinks: [0],
  },
  celu: {
    parameters: [1.5],
    value: (x) => (x > 0 ? x : 1.5 * Math.expm1(x / 1.5)),
    derivative: (x) => (x > 0 ? 1 : Math.exp(x / 1.5)),
  },
  selu: {
    parameters: [scale, alpha],
    value: (x) => scale * (x > 0 ? x : alpha * Math.expm1(x)),
    derivative: (x) => scale * (x > 0 ? 1 : alpha * Math.exp(x)),
    kinks: [0],
  },
  gelu: {
    value: (x) => x * normal(x),
    derivative: (x) => normal(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
  },
  geluTanh: {
    value: (x) => (x / 2) * (1 + geluInner(x)),
    derivative: (x) => {
      const rate = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
      return (1 + geluInner(x)) / 2 + (x / 2) * (1 - geluInner(x) ** 2) * rate;
    },
  },
  hardShrink: {
    parameters: [0.5],
    value: (x) => (Math.abs(x) >= 0.5 ? x : 0),
    derivative: (x) => Number(Math.abs(x) >= 0.5),
    kinks: [-0.5, 0.5],
  },
  hardSigmoid: {
    parameters: [0.25, 0.5],
    value: (x) => clip(0.25 * x + 0.5, 0, 1),
    derivative: (x) => (x > -2 && x < 2 ? 0.25 : 0),
    kinks: [-2, 2],
  },
  hardSwish: {
    value: (x) => (x * clip(x + 3, 0, 6)) / 6,
    derivative: (x) => (x >= 3 ? 1 : x > -3 ? (2 * x + 3) / 6 : 0),
    kinks: [-3, 3],
  },
  leakyRelu: {
    parameters: [0.1],
    value: (x) => (x < 0 ? 0.1 * x : x),
    derivative: (x) => (x < 0 ? 0.1 : 1),
    kinks: [0],
  },
  logSigmoid: { value: (x) => -softplus(-x), derivative: (x) => logistic(-x) },
  mish: {
    value: (x) => x * Math.tanh(softplus(x)),
    derivative: (x) => Math.tanh(softplus(x)) + x * (1 - Math.tanh(softplus(x)) ** 2) * logistic(x),
  },
  softplus: {
    parameters: [2, 12],
    value: (x) => (2 * x > 12 ? x : softplus(2 * x) / 2),
    derivative: (x) => (2 * x > 12 ? 1 : logistic(2 * x)),
  },
  softShrink: {
    parameters: [0.5],
    value: (x) => Math.sign(x) * Math.max(Math.abs(x) - 0.5, 0),
    derivative: (x) => Number(Math.abs(x) > 0.5),
    kinks: [-0.5, 0.5],
  },
  softsign: { value: (x) => x / (1 + Math.abs(x)), derivative: (x) => 1 / (1 + Math.abs(x)) ** 2 },
  swish: { value: (x) => x * logistic(x), derivative: (x) => logistic(x) * (1 + x * (1 - logistic(x))) },
  tanhShrink: { value: (x) => x - Math.tanh(x), derivative: (x) => Math.tanh(x) ** 2 },
  thresholdedRelu: {
    parameters: [1, -0.25],
    value: (x) => (x > 1 ? x : -0.25),
    derivative: (x) => Number(x > 1),
    kinks: [1],
  },
};

/** Asserts closeness relative to the number, or to 1 for small ones. */
function assertClose(
  actual: Tensor,
  expected: readonly number[],
  xs: ArrayLike<number>,
  what: string,
  tolerance: number,
) {
  const values = actual.dataSync();
  assert.equal(values.length, expected.length, what);
  expected.forEach((wanted, place) => {
    const error = Math.abs(values[place]! - wanted);
    assert.ok(
      error <= tolerance * Math.max(1, Math.abs(wanted)) || (Number.isNaN(wanted) && Number.isNaN(values[place]!)),
      `${what}(${xs[place]}) is ${values[place]}, expected ${wanted}`,
    );
  });
}

const spread = input('activation', [1003], -12, 12).values;
const twice = [0.3, -0.7, 1.9, -2.6, 4.1, 7.3, -5.2];

for (const engine of ['kernels', 'compositions'] as const) {
  describe(`activations by ${engine}`, () => {
    before(() => (engine === 'compositions' ? selectEngine('js') : undefined));
    after(() => selectDefaultBackend());

    for (const name of activationNames) {
      const { parameters = [], value, derivative, kinks = [] } = references[name];
      const run = (x: Tensor) => activation(name, x, ...parameters.map((one) => one ?? 0));
      // TensorFlow.js has other gradients at some kinks.
      const xs = Float32Array.from([...spread, -60, 60, -1e5, 1e5, ...(engine === 'kernels' ? kinks : [])]);

      it(`${name} has the values and the gradient of its definition`, () => {
        tf.tidy(() => {
          const dy = input('dy', [xs.length]);
          const { value: y, grad: dx } = tf.valueAndGrad(run)(tf.tensor1d(xs), dy.tensor);
          assertClose(y, Array.from(xs, value), xs, name, 1e-6);
          assertClose(
            dx,
            Array.from(xs, (x, place) => dy.values[place]! * derivative(x)),
            xs,
            `${name}'`,
            4e-6,
          );
        });
      });
    }
  });
}

describe('activations', () => {
  for (const name of activationNames) {
    const { parameters = [], derivative } = references[name];

    it(`${name} has a gradient of its gradient`, () => {
      tf.tidy(() => {
        const step = 1e-4;
        const weights = twice.map((_, place) => place - 2.5);
        const expected = twice.map(
          (x, place) => (weights[place]! * (derivative(x + step) - derivative(x - step))) / (2 * step),
        );
        const x = tf.tensor1d(twice);
        const dy = tf.tensor1d(weights);
        for (const tensor of [x, dy]) tensor.stopGradient = false;
        const y = activation(name, x, ...parameters.map((one) => one ?? 0));
        const [first] = grad([y], [x], { gradOutputs: [dy], createGraph: true });
        const [byX, byDy] = grad([first!], [x, dy]);
        assertClose(byX!, expected, twice, `${name}''`, 2e-4);
        assertClose(byDy!, twice.map(derivative), twice, `${name}'`, 4e-6);
      });
    });
  }

  it('let NaN through', () => {
    for (const name of activationNames) {
      const { parameters = [] } = references[name];
      const result = activation(name, tf.tensor1d([NaN, 1]), ...parameters.map((one) => one ?? 0)).dataSync();
      assert.ok(Number.isNaN(result[0]), name);
      assert.ok(!Number.isNaN(result[1]), name);
    }
  });

  it('do not turn an infinite gradient into NaN where the derivative is 0', () => {
    const dx = tf.grad((x) => activation('relu', x))(tf.tensor1d([-1, 2]), tf.tensor1d([Infinity, -Infinity]));
    assert.deepEqual([...dx.dataSync()], [0, -Infinity]);
  });

  it('take integers as TensorFlow.js does', () => {
    const result = activation('relu', tf.tensor1d([-2, 3], 'int32'));
    assert.equal(result.dtype, 'int32');
    assert.deepEqual([...result.dataSync()], [0, 3]);
  });
});
