/**
 * Activations.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkOptions } from '../../common/options.js';
import { activation } from '../../engine/ops/activation.js';
import { logSoftmax as logSoftmaxAlong, softmax as softmaxAlong } from '../../engine/ops/softmax.js';
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

/** The axis that options ask for, at least 0. */
function axisOf(name: string, x: Tensor, options: SoftmaxOptions | number): number {
  if (typeof options !== 'number') checkOptions(name, options, ['axis']);
  return checkAxis('axis', typeof options === 'number' ? options : (options.axis ?? -1), x.rank);
}

/** `exp(x) / sum(exp(x))` along an axis. */
export function softmax(x: Tensor, options: SoftmaxOptions | number = {}): Tensor {
  return softmaxAlong(x, axisOf('softmax', x, options));
}

/** `x - log(sum(exp(x)))` along an axis. */
export function logSoftmax(x: Tensor, options: SoftmaxOptions | number = {}): Tensor {
  return logSoftmaxAlong(x, axisOf('logSoftmax', x, options));
}
