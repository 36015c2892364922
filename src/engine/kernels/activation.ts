/**
 * Activations.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import {
  activationKernels,
  activationNames,
  type ActivationAttributes,
  type ActivationName,
} from '../ops/activation.js';
import { deferRectifierGradient, rectifyDeferred } from './deferred-normalization.js';
import { defineKernel } from './register.js';
import { mapElements } from './unary.js';

/** Registers an activation under a name; `parametersOf` finds its two parameters in the attributes. */
function defineActivation<Attributes>(
  kernelName: string,
  name: ActivationName,
  parametersOf: (attributes: Attributes) => readonly [first: number, second: number],
): void {
  const kind = activationNames.indexOf(name);
  defineKernel<{ x: TensorInfo }, Attributes>(kernelName, ({ inputs: { x }, attrs, backend }) => {
    if (x.dtype !== 'float32') return undefined;
    const rectified = name === 'relu' || name === 'relu6' ? rectifyDeferred(backend, x, name) : undefined;
    if (rectified) return rectified;
    return mapElements(backend, [x], ([source = 0], target, length) => {
      backend.kernels.activation(kind, source, target, length, ...parametersOf(attrs));
    });
  });
}

for (const name of activationNames) {
  const { forward, gradient } = activationKernels(name);
  const kind = activationNames.indexOf(name);
  defineActivation<ActivationAttributes>(forward, name, ({ first, second }) => [first, second]);
  defineKernel<{ dy: TensorInfo; saved: TensorInfo }, ActivationAttributes>(
    gradient,
    ({ inputs: { dy, saved }, attrs: { first, second }, backend }) =>
      deferRectifierGradient(backend, dy, saved) ??
      mapElements(backend, [dy, saved], ([from = 0, at = 0], target, length) => {
        backend.kernels.activation_gradient(kind, from, at, target, length, first, second);
      }),
  );
}

const none = () => [0, 0] as const;
defineActivation(tf.Relu, 'relu', none);
defineActivation(tf.Relu6, 'relu6', none);
defineActivation(tf.Sigmoid, 'sigmoid', none);
defineActivation(tf.Tanh, 'tanh', none);
defineActivation(tf.Elu, 'elu', () => [1, 0]);
defineActivation(tf.Selu, 'selu', () => [
  tf.backend_util.SELU_SCALE,
  tf.backend_util.SELU_SCALEALPHA / tf.backend_util.SELU_SCALE,
]);
defineActivation(tf.Softplus, 'softplus', () => [1, Infinity]);
defineActivation<{ alpha: number }>(tf.LeakyRelu, 'leakyRelu', ({ alpha }) => [alpha, 0]);
defineActivation<{ clipValueMin: number; clipValueMax: number }>(tf.ClipByValue, 'clip', (attributes) => [
  attributes.clipValueMin,
  attributes.clipValueMax,
]);
