/**
 * Attention.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { checkBoolean, checkNumber, checkOptions } from '../../common/options.js';
import { softmax } from '../../engine/ops/softmax.js';
import { checkAxes } from './arguments.js';
import { dropout } from './common.js';

/** Far below all logits. */
const forbidden = 1e9;

/**
 * A mask that is added to logits: floats as they are; of booleans and integers, 0 forbids and 1 allows.
 */
export function additiveMask(mask: Tensor): Tensor {
  return mask.dtype === 'float32' ? mask : tf.mul(tf.sub(tf.cast(mask, 'float32'), 1), forbidden);
}

/** What {@link attend} gives. */
export interface Attention {
  /** [N, heads, queries, D]. */
  readonly output: Tensor;
  /** Weights of the keys, after dropout, [N, heads, queries, keys]. */
  readonly weights: Tensor;
}

/**
 * `softmax(q k^T scale + mask) v` of each head (Vaswani et al., 2017, equation 1).
 *
 * @param q - [N, heads, queries, D]
 * @param k - [N, heads, keys, D]
 * @param v - [N, heads, keys, D]
 * @param mask - added to the logits, broadcasts to [N, heads, queries, keys]
 */
export function attend(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor | null,
  scale: number,
  p: number,
  training: boolean,
): Attention {
  const logits = tf.matMul(tf.mul(q, scale), k, false, true);
  const probabilities = softmax(mask ? tf.add(logits, mask) : logits, 3);
  const weights = p > 0 ? dropout(probabilities, { p, training }) : probabilities;
  return { output: tf.matMul(weights, v), weights };
}

/** Options of {@link scaledDotProductAttention}. */
export interface ScaledDotProductAttentionOptions {
  /** Floats that are added to the logits, or booleans that allow; broadcasts to [N, heads, queries, keys]. @defaultValue null */
  readonly attnMask?: Tensor | null;
  /** Probability of dropping a weight. @defaultValue 0 */
  readonly dropoutP?: number;
  /** Let queries see keys up to their own place only. @defaultValue false */
  readonly isCausal?: boolean;
  /** Whether to drop at all. @defaultValue true */
  readonly training?: boolean;
  /** Factor on the logits. @defaultValue 1 / sqrt(D) */
  readonly scale?: number | null;
}

/**
 * Attention of several heads.
 *
 * @param query - [N, queries, heads, D]
 * @param key - [N, keys, heads, D]
 * @param value - [N, keys, heads, D]
 * @returns [N, queries, heads, D]
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: ScaledDotProductAttentionOptions = {},
): Tensor {
  checkOptions('scaledDotProductAttention', options, ['attnMask', 'dropoutP', 'isCausal', 'training', 'scale']);
  for (const [name, x] of Object.entries({ query, key, value })) checkAxes('scaledDotProductAttention', name, x, [4]);
  const [batch, queries = 0, heads, depth = 1] = query.shape;
  const [keyBatch, keys = 0, keyHeads, keyDepth] = key.shape;
  if (batch !== keyBatch || heads !== keyHeads || depth !== keyDepth || value.shape[1] !== keys) {
    throw new ShapeMismatchError(
      `attention of queries [${query.shape.join(', ')}] cannot take keys [${key.shape.join(', ')}] and values [${value.shape.join(', ')}]`,
    );
  }
  const { attnMask = null } = options;
  const p = checkNumber('dropoutP', options.dropoutP ?? 0, 0, 1);
  const causal = checkBoolean('isCausal', options.isCausal ?? false);
  const training = checkBoolean('training', options.training ?? true);
  if (causal && attnMask) throw new InvalidArgumentError('isCausal and attnMask exclude each other, got both');
  return tf.tidy(() => {
    const heads2d = (x: Tensor) => tf.transpose(x, [0, 2, 1, 3]);
    const order = causal
      ? tf.lessEqual(tf.range(0, keys, 1, 'int32'), tf.expandDims(tf.range(0, queries, 1, 'int32'), 1))
      : attnMask;
    const scale = options.scale ?? 1 / Math.sqrt(depth);
    const mask = order && additiveMask(order);
    return heads2d(attend(heads2d(query), heads2d(key), heads2d(value), mask, scale, p, training).output);
  });
}
