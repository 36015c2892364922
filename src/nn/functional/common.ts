/**
 * Linear maps and dropout.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { sizeOf } from '../../common/ndarray.js';
import { checkChoice, checkNumber, checkOptions } from '../../common/options.js';
import { nextStream } from '../../common/random.js';
import { dropout as dropElements } from '../../engine/ops/dropout.js';
import { linearMap } from '../../engine/ops/linear.js';
import { checkAxis } from '../../tensor/manipulation.js';

/**
 * `x W + b` along the last axis.
 *
 * @param x - [..., in]
 * @param weight - [in, out]
 * @param options - `bias`: [out], or null. @defaultValue null
 * @returns [..., out]
 */
export function linear(x: Tensor, weight: Tensor, options: { readonly bias?: Tensor | null } = {}): Tensor {
  checkOptions('linear', options, ['bias']);
  const [inputs = 0, outputs = 0] = weight.shape;
  if (x.rank < 1 || x.shape.at(-1) !== inputs) {
    throw new ShapeMismatchError(
      `linear with a weight [${weight.shape.join(', ')}] takes ${inputs} features in the last axis, got an input [${x.shape.join(', ')}]`,
    );
  }
  const { bias = null } = options;
  const map = (rows: Tensor) => linearMap(rows as Tensor2D, weight as Tensor2D, (bias as Tensor1D | null) ?? undefined);
  if (x.rank === 2) return map(x);
  return tf.tidy(() => tf.reshape(map(tf.reshape(x, [-1, inputs])), [...x.shape.slice(0, -1), outputs]));
}

/** Whether dropout scales up in training or down in evaluation. */
export type DropoutMode = 'upscale_in_train' | 'downscale_in_infer';

/** Options of {@link dropout}. */
export interface DropoutFunctionOptions {
  /** Probability of setting an element to zero, in [0, 1]. @defaultValue 0.5 */
  readonly p?: number;
  /** Axes along which the mask varies; all when null. @defaultValue null */
  readonly axis?: number | readonly number[] | null;
  /** Whether to drop at all. @defaultValue true */
  readonly training?: boolean;
  /** Where the expectation is kept. @defaultValue 'upscale_in_train' */
  readonly mode?: DropoutMode;
}

/**
 * Sets random elements to zero (Srivastava et al., 2014).
 *
 * With 'upscale_in_train' the others are divided by `1 - p` and evaluation is the identity; with 'downscale_in_infer'
 * they stay, and evaluation multiplies by `1 - p`.
 */
export function dropout(x: Tensor, options: DropoutFunctionOptions = {}): Tensor {
  checkOptions('dropout', options, ['p', 'axis', 'training', 'mode']);
  const { axis = null, training = true } = options;
  const p = checkNumber('p', options.p ?? 0.5, 0, 1);
  const mode = checkChoice('mode', options.mode ?? 'upscale_in_train', ['upscale_in_train', 'downscale_in_infer']);
  const upscale = mode === 'upscale_in_train';
  if (!training) return upscale || p === 0 ? tf.clone(x) : tf.tidy(() => tf.mul(x, 1 - p));
  if (p === 0) return tf.clone(x);
  const axes = axis === null ? undefined : [axis].flat().map((one) => checkAxis('axis', one, x.rank));
  const shape = x.shape.map((length, index) => (axes === undefined || axes.includes(index) ? length : 1));
  const kept = upscale && p < 1 ? 1 / (1 - p) : 1;
  const stream = nextStream('dropout');
  if (sizeOf(shape) === x.size) return dropElements(x, p, kept, stream);
  return tf.tidy(() => tf.mul(x, dropElements(tf.ones(shape), p, kept, stream)));
}
