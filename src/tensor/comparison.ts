/**
 * Comparisons and logic. Their results are of type bool.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sameShape } from '../common/ndarray.js';
import { checkBoolean, checkNumber, checkOptions } from '../common/options.js';
import { binary } from './operands.js';

/** Where `x` equals `y`, broadcasting. */
export function equal(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.equal, x, y);
}

/** Where `x` differs from `y`, broadcasting. */
export function notEqual(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.notEqual, x, y);
}

/** Where `x` is less than `y`, broadcasting. */
export function lessThan(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.less, x, y);
}

/** Where `x` is at most `y`, broadcasting. */
export function lessEqual(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.lessEqual, x, y);
}

/** Where `x` is greater than `y`, broadcasting. */
export function greaterThan(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.greater, x, y);
}

/** Where `x` is at least `y`, broadcasting. */
export function greaterEqual(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.greaterEqual, x, y);
}

/** Whether two tensors have the same shape and elements, a scalar. */
export function equalAll(x: Tensor, y: Tensor): Tensor {
  if (!sameShape(x.shape, y.shape)) return tf.scalar(false);
  return tf.tidy(() => tf.all(tf.equal(x, y)));
}

/** Options of {@link allclose} and {@link isclose}. */
export interface CloseOptions {
  /** Share of `|y|` that they may differ by. @defaultValue 1e-5 */
  readonly rtol?: number;
  /** What they may differ by in any case. @defaultValue 1e-8 */
  readonly atol?: number;
  /** Whether NaN is close to NaN. @defaultValue false */
  readonly equalNan?: boolean;
}

/** Where `|x - y| <= atol + rtol |y|`. */
export function isclose(x: Tensor, y: Tensor, options: CloseOptions = {}): Tensor {
  checkOptions('isclose', options, ['rtol', 'atol', 'equalNan']);
  const rtol = checkNumber('rtol', options.rtol ?? 1e-5, 0);
  const atol = checkNumber('atol', options.atol ?? 1e-8, 0);
  const equalNan = checkBoolean('equalNan', options.equalNan ?? false);
  return tf.tidy(() => {
    const near = tf.lessEqual(tf.abs(tf.sub(x, y)), tf.add(tf.mul(tf.abs(y), rtol), atol));
    const close = tf.logicalOr(tf.equal(x, y), tf.logicalAnd(near, tf.isFinite(y)));
    return equalNan ? tf.logicalOr(close, tf.logicalAnd(tf.isNaN(x), tf.isNaN(y))) : close;
  });
}

/** Whether {@link isclose} holds everywhere, a scalar. */
export function allclose(x: Tensor, y: Tensor, options: CloseOptions = {}): Tensor {
  return tf.tidy(() => tf.all(isclose(x, y, options)));
}

const toBool = (x: Tensor) => tf.notEqual(x, tf.zerosLike(x));

/** Where both are true. */
export function logicalAnd(x: Tensor, y: Tensor): Tensor {
  return tf.tidy(() => tf.logicalAnd(toBool(x), toBool(y)));
}

/** Where one is true, or both. */
export function logicalOr(x: Tensor, y: Tensor): Tensor {
  return tf.tidy(() => tf.logicalOr(toBool(x), toBool(y)));
}

/** Where exactly one is true. */
export function logicalXor(x: Tensor, y: Tensor): Tensor {
  return tf.tidy(() => tf.logicalXor(toBool(x), toBool(y)));
}

/** Where `x` is false. */
export function logicalNot(x: Tensor): Tensor {
  return tf.tidy(() => tf.logicalNot(toBool(x)));
}

/** Where an element is not a number. */
export function isnan(x: Tensor): Tensor {
  return tf.isNaN(x);
}

/** Where an element is infinite. */
export function isinf(x: Tensor): Tensor {
  return tf.isInf(x);
}

/** Where an element is neither infinite nor NaN. */
export function isfinite(x: Tensor): Tensor {
  return tf.isFinite(x);
}
