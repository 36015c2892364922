/**
 * Padding.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import {
  checkBoolean,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  describeValue,
} from '../../common/options.js';
import type { DataFormat } from './spatial.js';

/** Where padded elements come from: mirrored without the edge, the edge, or the other end. */
export type PadMode = 'reflect' | 'replicate' | 'circular';

/** Extends one axis by `before` and `after` elements taken from itself. */
export function padAxis(x: Tensor, axis: number, before: number, after: number, mode: PadMode): Tensor {
  const length = x.shape[axis] ?? 0;
  const limit = mode === 'reflect' ? length - 1 : mode === 'circular' ? length : Infinity;
  if (Math.max(before, after) > limit) {
    throw new ShapeMismatchError(
      `'${mode}' padding of an axis of ${length} elements must be at most ${limit}, got ${before} and ${after}`,
    );
  }
  if (before === 0 && after === 0) return x;
  const part = (first: number, count: number) =>
    tf.slice(
      x,
      x.shape.map((_, index) => (index === axis ? first : 0)),
      x.shape.map((size, index) => (index === axis ? count : size)),
    );
  const repeated = (element: Tensor, count: number) =>
    tf.tile(
      element,
      x.shape.map((_, index) => (index === axis ? count : 1)),
    );
  return tf.tidy(() => {
    const parts: Tensor[] = [x];
    if (mode === 'replicate') {
      if (before > 0) parts.unshift(repeated(part(0, 1), before));
      if (after > 0) parts.push(repeated(part(length - 1, 1), after));
    } else if (mode === 'circular') {
      if (before > 0) parts.unshift(part(length - before, before));
      if (after > 0) parts.push(part(0, after));
    } else {
      if (before > 0) parts.unshift(tf.reverse(part(1, before), axis));
      if (after > 0) parts.push(tf.reverse(part(length - 1 - after, after), axis));
    }
    return tf.concat(parts, axis);
  });
}

/** Options of {@link pad}. */
export interface PadFunctionOptions {
  /** What the padding holds. @defaultValue 'constant' */
  readonly mode?: 'constant' | PadMode;
  /** Value of the padding of mode 'constant'. @defaultValue 0 */
  readonly value?: number;
  /** Order of the axes, such as 'NCHW' or 'NHWC'. @defaultValue channels second */
  readonly dataFormat?: 'NCL' | 'NLC' | DataFormat | null;
  /** Whether a pair for each axis begins with the first axis; false: with the last. @defaultValue true */
  readonly padFromLeftAxis?: boolean;
}

/** Names of {@link PadFunctionOptions}. */
const padOptionNames = ['mode', 'value', 'dataFormat', 'padFromLeftAxis'];

type Pair = [before: number, after: number];

/** What is added before and after each axis. */
function sidesOf(x: Tensor, padding: readonly number[], options: PadFunctionOptions): Pair[] {
  const { mode = 'constant', dataFormat, padFromLeftAxis = true } = options;
  const sides = x.shape.map((): Pair => [0, 0]);
  const spatial = x.rank - 2;
  if (padding.length % 2 !== 0 || padding.length > 2 * x.rank) {
    throw new InvalidArgumentError(
      `pad of a tensor of ${x.rank} axes must hold a pair for each axis or the last ones, got ${describeValue([...padding])}`,
    );
  }
  const count = padding.length / 2;
  if (count === x.rank && padFromLeftAxis && mode === 'constant') {
    return sides.map((_, axis): Pair => [padding[2 * axis] ?? 0, padding[2 * axis + 1] ?? 0]);
  }
  if (mode !== 'constant' && count !== spatial) {
    throw new InvalidArgumentError(
      `pad of mode '${mode}' must hold a pair for each of the ${spatial} axes of space, got ${describeValue([...padding])}`,
    );
  }
  // The last axis of space comes first.
  const last = count === spatial && dataFormat?.endsWith('C') ? x.rank - 2 : x.rank - 1;
  for (let index = 0; index < count; index++) {
    sides[last - index] = [padding[2 * index] ?? 0, padding[2 * index + 1] ?? 0];
  }
  return sides;
}

/**
 * Extends axes of a tensor.
 *
 * @param x - such as [N, C, L] or [N, C, H, W]
 * @param padding - `[left, right]` for sequences, `[left, right, top, bottom]` for images, or with mode 'constant' a pair
 * for every axis from the first, or for some of the last from the last
 */
export function pad(x: Tensor, padding: readonly number[], options: PadFunctionOptions = {}): Tensor {
  checkOptions('pad', options, padOptionNames);
  const mode = checkChoice('mode', options.mode ?? 'constant', ['constant', 'reflect', 'replicate', 'circular']);
  const value = checkNumber('value', options.value ?? 0);
  checkBoolean('padFromLeftAxis', options.padFromLeftAxis ?? true);
  padding.forEach((length, side) => checkInteger(`pad[${side}]`, length, 0));
  const sides = sidesOf(x, padding, options);
  if (mode === 'constant') return tf.pad(x, sides, value);
  return tf.tidy(() => {
    const padded = sides.reduce((result, [before, after], axis) => padAxis(result, axis, before, after, mode), x);
    return padded === x ? tf.clone(x) : padded;
  });
}

/**
 * Zeros around images.
 *
 * @param x - images [N, C, H, W]
 * @param padding - for all sides, or [left, right, top, bottom]
 */
export function zeropad2d(
  x: Tensor,
  padding: number | readonly number[],
  options: { readonly dataFormat?: DataFormat } = {},
): Tensor {
  checkOptions('zeropad2d', options, ['dataFormat']);
  const sides = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
  if (x.rank !== 4 || sides.length !== 4) {
    throw new ShapeMismatchError(
      `zeropad2d takes images of 4 axes and 4 sides, got shape [${x.shape.join(', ')}] and ${describeValue(sides)}`,
    );
  }
  return pad(x, sides, options);
}
