/**
 * Activations.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkOptions } from '../../common/options.js';
import { activation } from '../../engine/ops/activation.js';
import { checkAxis } from '../../tensor/manipulation.js';

/** `max(x, 0)` of each element. */
export function relu(x: Tensor): Tensor {
  return activation('relu', x);
}

/** `1 / (1 + exp(-x))` of each element. */
export function sigmoid(x: Tensor): Tensor {
  return activation('sigmoid', x);
}

/** Hyperbolic tangent of each element. */
export function tanh(x: Tensor): Tensor {
  return activation('tanh', x);
}

/** Options of {@link softmax} and {@link logSoftmax}. */
export interface SoftmaxOptions {
  /** Axis along which the result sums to 1. @defaultValue -1 */
  readonly axis?: number;
}

/** Applies a function of the last axis along another one. */
function alongAxis(name: string, x: Tensor, options: SoftmaxOptions | number, fn: (x: Tensor) => Tensor): Tensor {
  if (typeof options !== 'number') checkOptions(name, options, ['axis']);
  const axis = checkAxis('axis', typeof options === 'number' ? options : (options.axis ?? -1), x.rank);
  const last = x.rank - 1;
  if (axis === last || x.rank === 0) return fn(x);
  const swapped = x.shape.map((_, index) => (index === axis ? last : index === last ? axis : index));
  return tf.tidy(() => tf.transpose(fn(tf.transpose(x, swapped)), swapped));
}

/** `exp(x) / sum(exp(x))` along an axis. */
export function softmax(x: Tensor, options: SoftmaxOptions | number = {}): Tensor {
  return alongAxis('softmax', x, options, (value) => tf.softmax(value));
}

/** `x - log(sum(exp(x)))` along an axis. */
export function logSoftmax(x: Tensor, options: SoftmaxOptions | number = {}): Tensor {
  return alongAxis('logSoftmax', x, options, (value) => tf.logSoftmax(value));
}
