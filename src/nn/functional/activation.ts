/**
 * Activations.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../../common/errors.js';
import { checkNumber, checkOptions, describeValue } from '../../common/options.js';
import { activation } from '../../engine/ops/activation.js';
import { logSoftmax as logSoftmaxAlong, softmax as softmaxAlong } from '../../engine/ops/softmax.js';
import { checkAxis } from '../../tensor/manipulation.js';
import { numbersOf } from './arguments.js';

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

/** Options of {@link elu} and {@link celu}. */
export interface AlphaOptions {
  /** Factor of the exponential part. @defaultValue 1 */
  readonly alpha?: number;
}

/** Defaults of the options of activations. */
export const activationDefaults = {
  elu: { alpha: 1 },
  celu: { alpha: 1 },
  selu: { scale: 1.0507009873554805, alpha: 1.6732632423543772 },
  leakyRelu: { negativeSlope: 0.01 },
  hardtanh: { min: -1, max: 1 },
  hardshrink: { threshold: 0.5 },
  softshrink: { threshold: 0.5 },
  softplus: { beta: 1, threshold: 20 },
  thresholdedRelu: { threshold: 1, value: 0 },
} as const;

/** `x` for positive elements, `alpha (exp(x) - 1)` for the others (Clevert et al., 2016). */
export function elu(x: Tensor, options: AlphaOptions = {}): Tensor {
  const { alpha } = numbersOf('elu', options, activationDefaults.elu);
  return activation('elu', x, alpha);
}

/** `max(x, 0) + min(alpha (exp(x / alpha) - 1), 0)` of each element (Barron, 2017). `alpha` must not be 0. */
export function celu(x: Tensor, options: AlphaOptions = {}): Tensor {
  const { alpha } = numbersOf('celu', options, activationDefaults.celu);
  if (alpha === 0) throw new InvalidArgumentError('alpha of celu must not be 0, got 0');
  return activation('celu', x, alpha);
}

/** Options of {@link selu}. */
export interface SeluOptions {
  /** Factor, greater than 1. @defaultValue 1.0507009873554805 */
  readonly scale?: number;
  /** Factor of the exponential part, at least 0. @defaultValue 1.6732632423543772 */
  readonly alpha?: number;
}

/** `scale x` for positive elements, `scale alpha (exp(x) - 1)` for the others (Klambauer et al., 2017). */
export function selu(x: Tensor, options: SeluOptions = {}): Tensor {
  const { scale, alpha } = numbersOf('selu', options, activationDefaults.selu);
  if (scale <= 1) throw new InvalidArgumentError(`scale of selu must be greater than 1, got ${scale}`);
  checkNumber('alpha', alpha, 0);
  return activation('selu', x, scale, alpha);
}

/** How {@link gelu} computes: by the error function, or by its approximation with the hyperbolic tangent. */
export type GeluApproximation = boolean | 'none' | 'tanh';

/** Options of {@link gelu}. */
export interface GeluOptions {
  /** True or 'tanh' for the approximation. @defaultValue false */
  readonly approximate?: GeluApproximation;
}

/** Whether an `approximate` asks for the approximation. */
export function isApproximate(approximate: GeluApproximation = false): boolean {
  if (typeof approximate === 'boolean') return approximate;
  if (approximate === 'tanh' || approximate === 'none') return approximate === 'tanh';
  throw new InvalidArgumentError(`approximate must be a boolean, 'tanh' or 'none', got ${describeValue(approximate)}`);
}

/** `x (1 + erf(x / sqrt(2))) / 2` of each element (Hendrycks and Gimpel, 2016). */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  checkOptions('gelu', options, ['approximate']);
  return activation(isApproximate(options.approximate) ? 'geluTanh' : 'gelu', x);
}

/** `x / (1 + exp(-x))` of each element, as {@link swish}. */
export function silu(x: Tensor): Tensor {
  return activation('swish', x);
}

/** Options of {@link leakyRelu}. */
export interface LeakyReluOptions {
  /** Slope of negative elements. @defaultValue 0.01 */
  readonly negativeSlope?: number;
}

/** `x` for positive elements, `negativeSlope x` for the others. */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  const { negativeSlope } = numbersOf('leakyRelu', options, activationDefaults.leakyRelu);
  return activation('leakyRelu', x, negativeSlope);
}

/** Options of {@link hardtanh}. */
export interface HardtanhOptions {
  /** Lower bound. @defaultValue -1 */
  readonly min?: number;
  /** Upper bound. @defaultValue 1 */
  readonly max?: number;
}

/** Each element, moved into [min, max]. */
export function hardtanh(x: Tensor, options: HardtanhOptions = {}): Tensor {
  const { min, max } = numbersOf('hardtanh', options, activationDefaults.hardtanh);
  if (max < min) throw new InvalidArgumentError(`max of hardtanh must not be less than min, got ${max} and ${min}`);
  return activation('clip', x, min, max);
}

/** Options of {@link hardshrink} and {@link softshrink}. */
export interface ThresholdOptions {
  /** Magnitude up to which elements become 0. @defaultValue 0.5 */
  readonly threshold?: number;
}

/** Each element, or 0 where its magnitude is at most the threshold. */
export function hardshrink(x: Tensor, options: ThresholdOptions = {}): Tensor {
  const { threshold } = numbersOf('hardshrink', options, activationDefaults.hardshrink);
  return activation('hardShrink', x, threshold);
}

/** Each element moved towards 0 by the threshold, and 0 where its magnitude is at most that; at least 0. */
export function softshrink(x: Tensor, options: ThresholdOptions = {}): Tensor {
  const { threshold } = numbersOf('softshrink', options, activationDefaults.softshrink);
  return activation('softShrink', x, checkNumber('threshold', threshold, 0));
}

/** Options of {@link softplus}. */
export interface SoftplusOptions {
  /** Factor on x. @defaultValue 1 */
  readonly beta?: number;
  /** Where `beta x` is greater, the result is x. @defaultValue 20 */
  readonly threshold?: number;
}

/** `log(1 + exp(beta x)) / beta` of each element. */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  const { beta, threshold } = numbersOf('softplus', options, activationDefaults.softplus);
  return activation('softplus', x, beta, threshold);
}

/** Options of {@link thresholdedRelu}. */
export interface ThresholdedReluOptions {
  /** Up to which elements are replaced. @defaultValue 1 */
  readonly threshold?: number;
  /** What they are replaced with. @defaultValue 0 */
  readonly value?: number;
}

/** Each element that is greater than the threshold; `value` for the others. */
export function thresholdedRelu(x: Tensor, options: ThresholdedReluOptions = {}): Tensor {
  const { threshold, value } = numbersOf('thresholdedRelu', options, activationDefaults.thresholdedRelu);
  return activation('thresholdedRelu', x, threshold, value);
}

/** `x tanh(log(1 + exp(x)))` of each element (Misra, 2020). */
export function mish(x: Tensor): Tensor {
  return activation('mish', x);
}

/** `x / (1 + |x|)` of each element. */
export function softsign(x: Tensor): Tensor {
  return activation('softsign', x);
}

/** `-log(1 + exp(-x))` of each element. */
export function logSigmoid(x: Tensor): Tensor {
  return activation('logSigmoid', x);
}

/** `x - tanh(x)` of each element. */
export function tanhshrink(x: Tensor): Tensor {
  return activation('tanhShrink', x);
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
