/**
 * Losses between numbers.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../../autograd/index.js';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { sameShape } from '../../common/ndarray.js';
import { checkBoolean, checkNumber, checkOptions } from '../../common/options.js';
import { checkSameShape } from './arguments.js';
import { magnitude, reduceLoss, reductionOf, type ReductionOptions } from './reduction.js';

const inputAndLabel = ['input', 'label'] as const;

/**
 * `(input - label)^2` of each element.
 *
 * @param label - of the shape of the input
 */
export function squareErrorCost(input: Tensor, label: Tensor): Tensor {
  return tf.tidy(() => tf.square(tf.sub(input, label)));
}

/** Squared error, `(input - label)^2`. */
export function mseLoss(input: Tensor, label: Tensor, options: ReductionOptions = {}): Tensor {
  const reduction = reductionOf('mseLoss', options);
  return tf.tidy(() => reduceLoss(squareErrorCost(input, label), reduction));
}

/** Absolute error, `|input - label|`. */
export function l1Loss(input: Tensor, label: Tensor, options: ReductionOptions = {}): Tensor {
  const reduction = reductionOf('l1Loss', options);
  return tf.tidy(() => reduceLoss(magnitude(tf.sub(input, label)), reduction));
}

/** Options of {@link smoothL1Loss}. */
export interface SmoothL1LossOptions extends ReductionOptions {
  /** Error up to which the loss is quadratic, greater than 0. @defaultValue 1 */
  readonly delta?: number;
  /** True for Huber's loss; false divides it by `delta`. @defaultValue true */
  readonly isHuber?: boolean;
}

/** `d^2 / 2` for errors d up to `delta`, `delta (|d| - delta / 2)` for larger ones (Huber, 1964). */
export function smoothL1Loss(input: Tensor, label: Tensor, options: SmoothL1LossOptions = {}): Tensor {
  const reduction = reductionOf('smoothL1Loss', options, ['delta', 'isHuber']);
  const delta = checkNumber('delta', options.delta ?? 1);
  if (delta <= 0) throw new InvalidArgumentError(`delta must be greater than 0, got ${delta}`);
  const isHuber = checkBoolean('isHuber', options.isHuber ?? true);
  checkSameShape('smoothL1Loss', input, label, inputAndLabel);
  return tf.tidy(() => {
    const error = tf.sub(input, label);
    // With c, the error clipped to [-delta, delta], both branches are c (d - c / 2).
    const clipped = tf.clipByValue(error, -delta, delta);
    const losses = tf.mul(clipped, tf.sub(error, tf.mul(clipped, 0.5)));
    return reduceLoss(isHuber ? losses : tf.div(losses, delta), reduction);
  });
}

/** Options of {@link logLoss}. */
export interface LogLossOptions {
  /** Added to probabilities before their logarithm is taken. @defaultValue 1e-4 */
  readonly epsilon?: number;
}

/** `-label log(input + epsilon) - (1 - label) log(1 - input + epsilon)` of each element. */
export function logLoss(input: Tensor, label: Tensor, options: LogLossOptions = {}): Tensor {
  checkOptions('logLoss', options, ['epsilon']);
  const epsilon = checkNumber('epsilon', options.epsilon ?? 1e-4);
  checkSameShape('logLoss', input, label, inputAndLabel);
  return tf.tidy(() => {
    const hit = tf.mul(label, tf.log(tf.add(input, epsilon)));
    const miss = tf.mul(tf.sub(1, label), tf.log(tf.sub(1 + epsilon, input)));
    return tf.neg(tf.add(hit, miss));
  });
}

/** Options of {@link poissonNllLoss}. */
export interface PoissonNllLossOptions extends ReductionOptions {
  /** The input is the logarithm of the rate, not the rate. @defaultValue true */
  readonly logInput?: boolean;
  /** Add Stirling's approximation of `log(label!)` for labels above 1. @defaultValue false */
  readonly full?: boolean;
  /** Added to rates before their logarithm is taken, greater than 0. @defaultValue 1e-8 */
  readonly epsilon?: number;
}

/** Negative log likelihood of counts under Poisson distributions: `exp(input) - label input`, or `input - label log(input + epsilon)`. */
export function poissonNllLoss(input: Tensor, label: Tensor, options: PoissonNllLossOptions = {}): Tensor {
  const reduction = reductionOf('poissonNllLoss', options, ['logInput', 'full', 'epsilon']);
  const logInput = checkBoolean('logInput', options.logInput ?? true);
  const full = checkBoolean('full', options.full ?? false);
  const epsilon = checkNumber('epsilon', options.epsilon ?? 1e-8);
  if (epsilon <= 0) throw new InvalidArgumentError(`epsilon must be greater than 0, got ${epsilon}`);
  checkSameShape('poissonNllLoss', input, label, inputAndLabel);
  return tf.tidy(() => {
    const losses = logInput
      ? tf.sub(tf.exp(input), tf.mul(label, input))
      : tf.sub(input, tf.mul(label, tf.log(tf.add(input, epsilon))));
    if (!full) return reduceLoss(losses, reduction);
    // Labels up to 1 count nothing; the maximum keeps their logarithm finite.
    const counts = tf.maximum(label, 1);
    const tail = tf.mul(0.5, tf.log(tf.mul(2 * Math.PI, counts)));
    const stirling = tf.add(tf.sub(tf.mul(counts, tf.log(counts)), counts), tail);
    const applies = tf.cast(tf.greater(label, 1), 'float32');
    return reduceLoss(tf.add(losses, tf.mul(stirling, applies)), reduction);
  });
}

/** Options of {@link gaussianNllLoss}. */
export interface GaussianNllLossOptions extends ReductionOptions {
  /** Add `log(2 pi) / 2`. @defaultValue false */
  readonly full?: boolean;
  /** Least variance. @defaultValue 1e-6 */
  readonly epsilon?: number;
}

/**
 * Negative log likelihood under normal distributions: `(log(variance) + (input - label)^2 / variance) / 2`
 * (Nix and Weigend, 1994).
 *
 * @param input - means
 * @param variance - of the shape of the input, or with one element or none along the last axis; not negative
 */
export function gaussianNllLoss(
  input: Tensor,
  label: Tensor,
  variance: Tensor,
  options: GaussianNllLossOptions = {},
): Tensor {
  const reduction = reductionOf('gaussianNllLoss', options, ['full', 'epsilon']);
  const full = checkBoolean('full', options.full ?? false);
  const epsilon = checkNumber('epsilon', options.epsilon ?? 1e-6);
  const rows = input.shape.slice(0, -1);
  if (![input.shape, rows, [...rows, 1]].some((shape) => sameShape(shape, variance.shape))) {
    throw new ShapeMismatchError(
      `variance for an input [${input.shape.join(', ')}] must have its shape, or one value for each row, got [${variance.shape.join(', ')}]`,
    );
  }
  if (variance.dataSync().some((value) => value < 0)) {
    throw new InvalidArgumentError('variance must not hold negative numbers');
  }
  return tf.tidy(() => {
    const spread = sameShape(rows, variance.shape) ? tf.expandDims(variance, -1) : variance;
    // The bound is not part of the gradient.
    const missing = noGrad(() => tf.relu(tf.sub(epsilon, spread)));
    const bounded = tf.add(spread, missing);
    const losses = tf.mul(tf.add(tf.log(bounded), tf.div(squareErrorCost(input, label), bounded)), 0.5);
    return reduceLoss(full ? tf.add(losses, 0.5 * Math.log(2 * Math.PI)) : losses, reduction);
  });
}

/** Options of {@link klDiv}. */
export interface KlDivOptions {
  /** Mean, sum, sum divided by the length of the first axis, or each loss. @defaultValue 'mean' */
  readonly reduction?: 'mean' | 'sum' | 'batchmean' | 'none';
  /** The label is the logarithm of probabilities. @defaultValue false */
  readonly logTarget?: boolean;
}

/** Names of {@link KlDivOptions}. */
export const klDivOptionNames = ['reduction', 'logTarget'];

/**
 * Divergence of Kullback and Leibler: `label (log(label) - input)` of each element, 0 where the label is 0.
 *
 * @param input - logarithms of probabilities
 * @param label - probabilities
 */
export function klDiv(input: Tensor, label: Tensor, options: KlDivOptions = {}): Tensor {
  checkOptions('klDiv', options, klDivOptionNames);
  const { reduction = 'mean' } = options;
  const batch = reduction === 'batchmean';
  const kind = batch ? 'sum' : reductionOf('klDiv', { reduction });
  const logTarget = checkBoolean('logTarget', options.logTarget ?? false);
  checkSameShape('klDiv', input, label, inputAndLabel);
  return tf.tidy(() => {
    let losses: Tensor;
    if (logTarget) losses = tf.mul(tf.exp(label), tf.sub(label, input));
    else {
      const positive = tf.cast(tf.greater(label, 0), 'float32');
      // A one in the place of a zero has a finite logarithm.
      const safe = tf.add(tf.mul(label, positive), tf.sub(1, positive));
      losses = tf.mul(tf.mul(label, positive), tf.sub(tf.log(safe), input));
    }
    const total = reduceLoss(losses, kind);
    return batch ? tf.div(total, input.shape[0] ?? 1) : total;
  });
}
