/**
 * Activations.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkNumber, checkOptions } from '../../common/options.js';
import { activation } from '../../engine/ops/activation.js';
import { logSoftmax as logSoftmaxAlong, softmax as softmaxAlong } from '../../engine/ops/softmax.js';
import { checkAxis } from '../../tensor/manipulation.js';

/** `max(x, 0)` of each element. */
export function relu(x: Tensor): Tensor {
  return activation('relu', x);
}

/** `min(max(x, 0), 6)` of each element. */
export function relu6(x: Tensor): Tensor {
  return activation('relu6', x);
}

/** Options of {@link hardsigmoid}. */
export interface HardsigmoidOptions {
  /** Factor on x. @defaultValue 0.1666667 */
  readonly slope?: number;
  /** Summand. @defaultValue 0.5 */
  readonly offset?: number;
}

/** `slope x + offset` of each element, but at least 0 and at most 1. */
export function hardsigmoid(x: Tensor, options: HardsigmoidOptions = {}): Tensor {
  checkOptions('hardsigmoid', options, ['slope', 'offset']);
  const slope = checkNumber('slope', options.slope ?? 0.1666667);
  const offset = checkNumber('offset', options.offset ?? 0.5);
  return activation('hardSigmoid', x, slope, offset);
}

/** `x min(max(x + 3, 0), 6) / 6` of each element. */
export function hardswish(x: Tensor): Tensor {
  return activation('hardSwish', x);
}

/** `x / (1 + exp(-x))` of each element. */
export function swish(x: Tensor): Tensor {
  return activation('swish', x);
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
