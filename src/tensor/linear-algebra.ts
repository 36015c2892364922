/**
 * Products of vectors and matrices.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../common/errors.js';
import { sameShape } from '../common/ndarray.js';
import { checkNumber, checkOptions } from '../common/options.js';
import { checkAxis } from './manipulation.js';

const show = (x: Tensor) => `[${x.shape.join(', ')}]`;

/** Products of the matrices of two batches: [B, M, K] and [B, K, N] give [B, M, N]. */
export function bmm(x: Tensor, y: Tensor): Tensor {
  if (x.rank !== 3 || y.rank !== 3 || x.shape[0] !== y.shape[0] || x.shape[2] !== y.shape[1]) {
    throw new ShapeMismatchError(`bmm needs [B, M, K] and [B, K, N], got ${show(x)} and ${show(y)}`);
  }
  return tf.matMul(x, y);
}

/** Matrix product of the last two axes, without broadcasting. */
export function mm(input: Tensor, mat2: Tensor): Tensor {
  if (input.rank < 2 || mat2.rank < 2 || input.shape.at(-1) !== mat2.shape.at(-2)) {
    throw new ShapeMismatchError(`mm needs [..., M, K] and [..., K, N], got ${show(input)} and ${show(mat2)}`);
  }
  return tf.matMul(input, mat2);
}

/** Product of a matrix [M, K] and a vector [K]. */
export function mv(x: Tensor, vec: Tensor): Tensor {
  if (x.rank !== 2 || vec.rank !== 1 || x.shape[1] !== vec.shape[0]) {
    throw new ShapeMismatchError(`mv needs [M, K] and [K], got ${show(x)} and ${show(vec)}`);
  }
  return tf.tidy(() => tf.reshape(tf.matMul(x, tf.reshape(vec, [-1, 1])), [x.shape[0]]));
}

/** Scalar product of two vectors, or of the rows of two matrices. */
export function dot(x: Tensor, y: Tensor): Tensor {
  if (x.rank < 1 || x.rank > 2 || !sameShape(x.shape, y.shape)) {
    throw new ShapeMismatchError(`dot needs two vectors [N] or [B, N] of one shape, got ${show(x)} and ${show(y)}`);
  }
  return tf.tidy(() => tf.sum(tf.mul(x, y), -1));
}

/** Products of every element of `x` with every one of `y`, [N, M] for N and M elements. */
export function outer(x: Tensor, y: Tensor): Tensor {
  return tf.tidy(() => tf.mul(tf.reshape(x, [-1, 1]), tf.reshape(y, [1, -1])));
}

/** A matrix with its axes swapped; vectors and scalars as they are. */
export function t(input: Tensor): Tensor {
  if (input.rank > 2) throw new ShapeMismatchError(`t needs at most 2 axes, got ${show(input)}`);
  return input.rank < 2 ? tf.clone(input) : tf.transpose(input);
}

/** Options of {@link cross}. */
export interface CrossOptions {
  /** An axis of length 3. @defaultValue the first one of length 3 */
  readonly axis?: number | null;
}

/** Vector product along an axis of length 3. */
export function cross(x: Tensor, y: Tensor, options: CrossOptions = {}): Tensor {
  checkOptions('cross', options, ['axis']);
  const axis = options.axis == null ? x.shape.indexOf(3) : checkAxis('axis', options.axis, x.rank);
  if (axis < 0 || x.shape[axis] !== 3 || !sameShape(x.shape, y.shape)) {
    throw new ShapeMismatchError(
      `cross needs tensors of one shape with an axis of length 3, got ${show(x)} and ${show(y)}`,
    );
  }
  return tf.tidy(() => {
    const turned = (value: Tensor, by: number) => {
      return tf.gather(
        value,
        tf.tensor1d(
          [by, by + 1, by + 2].map((i) => i % 3),
          'int32',
        ),
        axis,
      );
    };
    return tf.sub(tf.mul(turned(x, 1), turned(y, 2)), tf.mul(turned(x, 2), turned(y, 1)));
  });
}

/** Options of {@link addmm}. */
export interface AddmmOptions {
  /** Factor of `input`. @defaultValue 1 */
  readonly beta?: number;
  /** Factor of the product. @defaultValue 1 */
  readonly alpha?: number;
}

/** `beta input + alpha x y` with the matrix product, where `input` is broadcast. */
export function addmm(input: Tensor, x: Tensor, y: Tensor, options: AddmmOptions = {}): Tensor {
  checkOptions('addmm', options, ['beta', 'alpha']);
  const beta = checkNumber('beta', options.beta ?? 1);
  const alpha = checkNumber('alpha', options.alpha ?? 1);
  return tf.tidy(() => tf.add(tf.mul(input, beta), tf.mul(mm(x, y), alpha)));
}
