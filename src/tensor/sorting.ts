/**
 * Functions that order elements.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkBoolean, checkInteger, checkOptions } from '../common/options.js';
import { sorted } from '../engine/index.js';
import { takeAlongAxis } from './indexing.js';
import { checkAxis } from './manipulation.js';

/** Options of {@link sort} and {@link argsort}. */
export interface SortOptions {
  /** The axis to sort along. @defaultValue -1 */
  readonly axis?: number;
  /** Largest first. @defaultValue false */
  readonly descending?: boolean;
  /** Accepted for compatibility: equal elements always keep their order. @defaultValue false */
  readonly stable?: boolean;
}

function sortedAlong(name: string, x: Tensor, options: SortOptions): [values: Tensor, places: Tensor] {
  checkOptions(name, options, ['axis', 'descending', 'stable']);
  const axis = checkAxis('axis', options.axis ?? -1, x.rank);
  return sorted(x, { axis, descending: checkBoolean('descending', options.descending ?? false) });
}

/** The places of the elements along an axis in ascending order, int32; NaN counts as the largest. */
export function argsort(x: Tensor, options: SortOptions = {}): Tensor {
  return tf.tidy(() => sortedAlong('argsort', x, options)[1]);
}

/** The elements along an axis in ascending order; NaN counts as the largest. */
export function sort(x: Tensor, options: SortOptions = {}): Tensor {
  return tf.tidy(() => (x.rank === 0 ? tf.clone(x) : sortedAlong('sort', x, options)[0]));
}

/** Options of {@link topk}. */
export interface TopkOptions {
  /** The axis. @defaultValue -1 */
  readonly axis?: number | null;
  /** The largest elements, or the smallest. @defaultValue true */
  readonly largest?: boolean;
  /** Accepted for compatibility: they are always sorted. @defaultValue true */
  readonly sorted?: boolean;
}

/**
 * The k largest elements along an axis, the largest first.
 *
 * @returns the elements, and their places, int32
 */
export function topk(x: Tensor, k: number, options: TopkOptions = {}): [values: Tensor, indices: Tensor] {
  checkOptions('topk', options, ['axis', 'largest', 'sorted']);
  const axis = checkAxis('axis', options.axis ?? -1, x.rank);
  const length = x.shape[axis] ?? 1;
  if (checkInteger('k', k, 1) > length) {
    throw new InvalidArgumentError(`k must be at most the length ${length} of the axis, got ${k}`);
  }
  return tf.tidy(() => {
    const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
    const last = tf.transpose(x, [...order, axis]);
    const largest = checkBoolean('largest', options.largest ?? true);
    const { indices } = tf.topk(largest ? last : tf.neg(last), k, true);
    const back = x.shape.map((_, i) => (i === axis ? order.length : order.indexOf(i)));
    const places = tf.transpose(indices, back);
    return [takeAlongAxis(x, places, axis), places] as [Tensor, Tensor];
  });
}
