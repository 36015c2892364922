/**
 * Dropout of whole channels, and dropout that keeps mean and variance.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { sizeOf } from '../../common/ndarray.js';
import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../../common/options.js';
import { nextStream } from '../../common/random.js';
import { checkAxes } from './arguments.js';
import { dropout } from './common.js';
import type { DataFormat } from './spatial.js';

/** Options of {@link dropout1d}, {@link alphaDropout} and {@link featureAlphaDropout}. */
export interface PlainDropoutOptions {
  /** Probability of dropping, in [0, 1]. @defaultValue 0.5 */
  readonly p?: number;
  /** Whether to drop at all. @defaultValue true */
  readonly training?: boolean;
}

/** Options of {@link dropout2d}. */
export interface Dropout2DFunctionOptions extends PlainDropoutOptions {
  /** Order of the axes of input and output. @defaultValue 'NCHW' */
  readonly dataFormat?: DataFormat;
}

/** Sets random channels of [N, C, L] to zero, see {@link dropout}. */
export function dropout1d(x: Tensor, options: PlainDropoutOptions = {}): Tensor {
  checkOptions('dropout1d', options, ['p', 'training']);
  checkAxes('dropout1d', 'an input', x, [3]);
  return dropout(x, { ...options, axis: [0, 1] });
}

/** Sets random channels of images to zero (Tompson et al., 2015), see {@link dropout}. */
export function dropout2d(x: Tensor, options: Dropout2DFunctionOptions = {}): Tensor {
  checkOptions('dropout2d', options, ['p', 'training', 'dataFormat']);
  const { dataFormat = 'NCHW', ...rest } = options;
  checkChoice('dataFormat', dataFormat, ['NCHW', 'NHWC']);
  checkAxes('dropout2d', 'images', x, [4]);
  return dropout(x, { ...rest, axis: dataFormat === 'NCHW' ? [0, 1] : [0, 3] });
}

/** What SELU tends to for negative numbers of large magnitude. */
const limit = -1.0507009873554805 * 1.6732632423543772;

/** Drops to the limit of SELU, and corrects mean and variance. */
function dropToLimit(where: string, x: Tensor, shape: readonly number[], options: PlainDropoutOptions): Tensor {
  checkOptions(where, options, ['p', 'training']);
  const p = checkNumber('p', options.p ?? 0.5, 0, 1);
  if (!checkBoolean('training', options.training ?? true) || p === 0) return tf.clone(x);
  return tf.tidy(() => {
    if (p === 1) return tf.mul(x, 0);
    const factor = 1 / Math.sqrt((1 - p) * (1 + p * limit ** 2));
    const shift = -factor * limit * p;
    const values = nextStream('dropout').fillUniform(new Float32Array(sizeOf(shape)));
    for (const [index, value] of values.entries()) values[index] = Number(value >= p);
    const kept = tf.tensor(values, [...shape]);
    const dropped = tf.mul(tf.sub(1, kept), factor * limit);
    return tf.add(tf.mul(x, tf.mul(kept, factor)), tf.add(dropped, shift));
  });
}

/** Dropout that keeps the mean and the variance of normalised inputs, for networks of SELU (Klambauer et al., 2017). */
export function alphaDropout(x: Tensor, options: PlainDropoutOptions = {}): Tensor {
  return dropToLimit('alphaDropout', x, x.shape, options);
}

/** As {@link alphaDropout}, for whole channels of [N, C, ...]. */
export function featureAlphaDropout(x: Tensor, options: PlainDropoutOptions = {}): Tensor {
  if (x.rank < 2) {
    throw new ShapeMismatchError(`featureAlphaDropout takes [N, C, ...], got shape [${x.shape.join(', ')}]`);
  }
  const shape = x.shape.map((length, axis) => (axis < 2 ? length : 1));
  return dropToLimit('featureAlphaDropout', x, shape, options);
}
