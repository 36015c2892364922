/**
 * Distances and similarities, and losses of them.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { checkBoolean, checkFunction, checkNumber, checkOptions, describeValue } from '../../common/options.js';
import { activation } from '../../engine/ops/activation.js';
import { logSoftmax } from '../../engine/ops/softmax.js';
import { checkAxis } from '../../tensor/manipulation.js';
import { checkAxes, checkSameShape } from './arguments.js';
import { magnitude, reduceLoss, reductionOf, type ReductionOptions } from './reduction.js';

/** The exponent of a norm: any number, or infinities. */
export function checkNorm(p: unknown): number {
  if (typeof p === 'number' && !Number.isNaN(p)) return p;
  throw new InvalidArgumentError(`p must be a number, got ${describeValue(p)}`);
}

/** Numbers below this are no divisors. */
const tiny = 1e-30;

/** `sum(|x|^p)^(1 / p)` along an axis; the largest or smallest magnitude for infinite p, the count of non-zeros for 0. */
function vectorNorm(x: Tensor, p: number, axis: number, keepdim: boolean): Tensor {
  if (p === 0) return tf.sum(tf.cast(tf.notEqual(x, 0), 'float32'), axis, keepdim);
  if (p === 1) return tf.sum(magnitude(x), axis, keepdim);
  if (p === Infinity) return tf.max(magnitude(x), axis, keepdim);
  if (p === -Infinity) return tf.min(magnitude(x), axis, keepdim);
  const powers = p === 2 ? tf.square(x) : tf.pow(magnitude(x), p);
  const total = tf.sum(powers, axis, keepdim);
  // At 0 the root has no slope that a float could hold.
  const positive = tf.cast(tf.greater(total, 0), 'float32');
  const safe = tf.add(total, tf.mul(tf.sub(1, positive), tiny));
  return tf.mul(p === 2 ? tf.sqrt(safe) : tf.pow(safe, 1 / p), positive);
}

/** Options of {@link pairwiseDistance}. */
export interface PairwiseDistanceOptions {
  /** Exponent of the norm; infinities are allowed. @defaultValue 2 */
  readonly p?: number;
  /** Added to each difference. @defaultValue 1e-6 */
  readonly epsilon?: number;
  /** Keep the last axis with length one. @defaultValue false */
  readonly keepdim?: boolean;
}

/** Names of {@link PairwiseDistanceOptions}. */
export const pairwiseDistanceOptionNames = ['p', 'epsilon', 'keepdim'];

/**
 * Norm of the difference of the rows of two tensors, `|x - y + epsilon|_p`.
 *
 * @param x - [N, D] or [D]
 * @param y - as x
 * @returns [N] or a scalar
 */
export function pairwiseDistance(x: Tensor, y: Tensor, options: PairwiseDistanceOptions = {}): Tensor {
  checkOptions('pairwiseDistance', options, pairwiseDistanceOptionNames);
  const p = checkNorm(options.p ?? 2);
  const epsilon = checkNumber('epsilon', options.epsilon ?? 1e-6);
  const keepdim = checkBoolean('keepdim', options.keepdim ?? false);
  return tf.tidy(() => vectorNorm(tf.add(tf.sub(x, y), epsilon), p, -1, keepdim));
}

/** Options of {@link cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** Axis of the vectors. @defaultValue 1 */
  readonly axis?: number;
  /** Least product of the norms. @defaultValue 1e-8 */
  readonly eps?: number;
}

/** Names of {@link CosineSimilarityOptions}. */
export const cosineSimilarityOptionNames = ['axis', 'eps'];

/** `x1 · x2 / max(|x1| |x2|, eps)` along an axis. */
export function cosineSimilarity(x1: Tensor, x2: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  checkOptions('cosineSimilarity', options, cosineSimilarityOptionNames);
  const axis = checkAxis('axis', options.axis ?? 1, x1.rank);
  const eps = checkNumber('eps', options.eps ?? 1e-8, 0);
  return tf.tidy(() => {
    const product = (a: Tensor, b: Tensor) => tf.sum(tf.mul(a, b), axis);
    const norms = tf.maximum(tf.mul(product(x1, x1), product(x2, x2)), eps * eps);
    return tf.div(product(x1, x2), tf.sqrt(norms));
  });
}

/** Options of {@link normalize}. */
export interface NormalizeOptions {
  /** Exponent of the norm. @defaultValue 2 */
  readonly p?: number;
  /** Axis of the vectors. @defaultValue 1 */
  readonly axis?: number;
  /** Least divisor. @defaultValue 1e-12 */
  readonly epsilon?: number;
}

/** `x / max(|x|_p, epsilon)` along an axis. */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  checkOptions('normalize', options, ['p', 'axis', 'epsilon']);
  const p = checkNorm(options.p ?? 2);
  const axis = checkAxis('axis', options.axis ?? (x.rank === 1 ? 0 : 1), x.rank);
  const epsilon = checkNumber('epsilon', options.epsilon ?? 1e-12);
  return tf.tidy(() => tf.div(x, tf.maximum(vectorNorm(x, p, axis, true), epsilon)));
}

/** Options of losses with a margin. */
export interface MarginOptions extends ReductionOptions {
  /** By how much the right order should hold. */
  readonly margin?: number;
}

/**
 * `max(0, label (other - input) + margin)`: which of two should be greater.
 *
 * @param label - 1 where the input should be greater, -1 where the other
 * @param options - `margin`: @defaultValue 0
 */
export function marginRankingLoss(input: Tensor, other: Tensor, label: Tensor, options: MarginOptions = {}): Tensor {
  const reduction = reductionOf('marginRankingLoss', options, ['margin']);
  const margin = checkNumber('margin', options.margin ?? 0);
  return tf.tidy(() => {
    const order = tf.mul(tf.sub(other, input), tf.cast(label, 'float32'));
    return reduceLoss(activation('relu', margin === 0 ? order : tf.add(order, margin)), reduction);
  });
}

/** 1 where a label has a value, else 0. */
const where = (label: Tensor, value: number) => tf.cast(tf.equal(tf.cast(label, 'float32'), value), 'float32');

/**
 * `input` for labels 1, `max(0, margin - input)` for labels -1.
 *
 * @param options - `margin`: @defaultValue 1
 */
export function hingeEmbeddingLoss(input: Tensor, label: Tensor, options: MarginOptions = {}): Tensor {
  const reduction = reductionOf('hingeEmbeddingLoss', options, ['margin']);
  const margin = checkNumber('margin', options.margin ?? 1);
  checkSameShape('hingeEmbeddingLoss', input, label, ['input', 'label']);
  return tf.tidy(() => {
    const near = tf.mul(where(label, 1), input);
    return reduceLoss(tf.add(near, tf.mul(where(label, -1), activation('relu', tf.sub(margin, input)))), reduction);
  });
}

/**
 * `1 - cos` for labels 1, `max(0, cos - margin)` for labels -1, of pairs of vectors.
 *
 * @param input1 - [N, D] or [D]
 * @param input2 - as `input1`
 * @param label - [N] or [1]
 * @param options - `margin`: in [-1, 1]. @defaultValue 0
 */
export function cosineEmbeddingLoss(
  input1: Tensor,
  input2: Tensor,
  label: Tensor,
  options: MarginOptions = {},
): Tensor {
  const reduction = reductionOf('cosineEmbeddingLoss', options, ['margin']);
  const margin = checkNumber('margin', options.margin ?? 0, -1, 1);
  checkAxes('cosineEmbeddingLoss', 'labels', label, [1]);
  checkAxes('cosineEmbeddingLoss', 'vectors', input1, [1, 2]);
  checkSameShape('cosineEmbeddingLoss', input1, input2, ['input1', 'input2']);
  return tf.tidy(() => {
    const norm = (x: Tensor) => tf.add(tf.sum(tf.square(x), -1), 1e-11);
    const cosine = tf.div(tf.sum(tf.mul(input1, input2), -1), tf.sqrt(tf.mul(norm(input1), norm(input2))));
    const near = tf.mul(where(label, 1), tf.sub(1, cosine));
    return reduceLoss(tf.add(near, tf.mul(where(label, -1), activation('relu', tf.sub(cosine, margin)))), reduction);
  });
}

/** A distance of the rows of two tensors. */
export type DistanceFunction = (x: Tensor, y: Tensor) => Tensor;

/** Options of {@link tripletMarginWithDistanceLoss}. */
export interface TripletMarginWithDistanceLossOptions extends MarginOptions {
  /** Distance of the rows of two tensors. @defaultValue the one of Euclid, see {@link pairwiseDistance} */
  readonly distanceFunction?: DistanceFunction | null;
  /** Take the distance of positive and negative in the place of a greater one. @defaultValue false */
  readonly swap?: boolean;
}

/** Options of {@link tripletMarginLoss}. */
export interface TripletMarginLossOptions extends MarginOptions {
  /** Exponent of the norm. @defaultValue 2 */
  readonly p?: number;
  /** Added to each difference. @defaultValue 1e-6 */
  readonly epsilon?: number;
  /** Take the distance of positive and negative in the place of a greater one. @defaultValue false */
  readonly swap?: boolean;
}

/** Names of {@link TripletMarginLossOptions}. */
export const tripletMarginLossOptionNames = ['margin', 'p', 'epsilon', 'swap', 'reduction'];

/** Names of {@link TripletMarginWithDistanceLossOptions}. */
export const tripletDistanceOptionNames = ['distanceFunction', 'margin', 'swap', 'reduction'];

/**
 * `max(0, d(input, positive) - d(input, negative) + margin)` of triplets of rows.
 *
 * @param options - `margin`: @defaultValue 1
 */
export function tripletMarginWithDistanceLoss(
  input: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginWithDistanceLossOptions = {},
): Tensor {
  const reduction = reductionOf('tripletMarginWithDistanceLoss', options, tripletDistanceOptionNames);
  const margin = checkNumber('margin', options.margin ?? 1, 0);
  const distance = checkFunction('distanceFunction', options.distanceFunction ?? ((x, y) => pairwiseDistance(x, y)));
  const swap = checkBoolean('swap', options.swap ?? false);
  checkSameShape('a triplet loss', input, positive, ['input', 'positive']);
  checkSameShape('a triplet loss', input, negative, ['input', 'negative']);
  return tf.tidy(() => {
    const near = distance(input, positive);
    const far = distance(input, negative);
    const other = swap ? tf.minimum(far, distance(positive, negative)) : far;
    return reduceLoss(activation('relu', tf.add(tf.sub(near, other), margin)), reduction);
  });
}

/** {@link tripletMarginWithDistanceLoss} with the distance by a norm (Balntas et al., 2016). */
export function tripletMarginLoss(
  input: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginLossOptions = {},
): Tensor {
  checkOptions('tripletMarginLoss', options, tripletMarginLossOptionNames);
  const { p = 2, epsilon = 1e-6, ...rest } = options;
  const distanceFunction = (x: Tensor, y: Tensor) => pairwiseDistance(x, y, { p, epsilon });
  return tripletMarginWithDistanceLoss(input, positive, negative, { ...rest, distanceFunction });
}

/** Options of {@link npairLoss}. */
export interface NpairLossOptions {
  /** Factor on the squared norms. @defaultValue 0.002 */
  readonly l2Reg?: number;
}

/**
 * Cross entropy between similarities of pairs and equality of their labels, with a quarter of `l2Reg` times the squared
 * norms (Sohn, 2016).
 *
 * @param anchor - [N, D]
 * @param positive - [N, D]
 * @param labels - [N]
 * @returns a scalar
 */
export function npairLoss(anchor: Tensor, positive: Tensor, labels: Tensor, options: NpairLossOptions = {}): Tensor {
  checkOptions('npairLoss', options, ['l2Reg']);
  const l2Reg = checkNumber('l2Reg', options.l2Reg ?? 0.002);
  checkAxes('npairLoss', 'anchors', anchor, [2]);
  checkSameShape('npairLoss', anchor, positive, ['anchor', 'positive']);
  const batch = anchor.shape[0] ?? 0;
  if (labels.size !== batch) {
    throw new ShapeMismatchError(`npairLoss of ${batch} pairs needs a label each, got [${labels.shape.join(', ')}]`);
  }
  return tf.tidy(() => {
    const same = tf.cast(tf.equal(tf.reshape(labels, [batch, 1]), tf.reshape(labels, [1, batch])), 'float32');
    const target = tf.div(same, tf.sum(same, 1, true));
    const norm = (x: Tensor) => tf.mean(tf.sum(tf.square(x), 1));
    const penalty = tf.mul(tf.add(norm(anchor), norm(positive)), 0.25 * l2Reg);
    const similarities = tf.matMul(anchor, positive, false, true);
    const entropies = tf.neg(tf.sum(tf.mul(target, logSoftmax(similarities, 1)), 1, true));
    return tf.add(penalty, tf.mean(tf.sum(tf.mul(target, entropies), 0)));
  });
}
