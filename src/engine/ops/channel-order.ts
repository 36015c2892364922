/**
 * Where the channels of images are: second or last among the axes. In memory they are last in both cases.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Layout } from '../layout.js';

/** How an operation on images reads its operands. */
export interface ChannelOrder {
  /**
   * Images are [N, C, ...] and filters [out, C / groups, kh, kw] instead of [N, ..., C] and [kh, kw, C / groups, out].
   * @defaultValue false
   */
  readonly channelsFirst?: boolean;
}

/** The axes of [N, C, ...] in the order [N, ..., C]. */
const lastOf = (rank: number): Layout => [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];
/** The axes of [N, ..., C] in the order [N, C, ...]. */
const firstOf = (rank: number): Layout => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)];

const layout4D = lastOf(4);
const filterLayout4D: Layout = [2, 3, 1, 0];

/** The layout that the kernels read images in. */
export function imageLayout({ channelsFirst = false }: ChannelOrder, rank = 4): Layout | undefined {
  if (!channelsFirst || rank < 3) return undefined;
  return rank === 4 ? layout4D : lastOf(rank);
}

/** The layout that the kernels read filters in. */
export function filterLayout({ channelsFirst = false }: ChannelOrder): Layout | undefined {
  return channelsFirst ? filterLayout4D : undefined;
}

/** Computes on images with their channels last, and gives the result in the caller's order. */
export function overChannelsLast<T extends Tensor = Tensor4D>(x: T, order: ChannelOrder, fn: (x: T) => T): T {
  const layout = imageLayout(order, x.rank);
  if (layout === undefined) return fn(x);
  return tf.transpose(fn(tf.transpose(x, [...layout])), [...firstOf(x.rank)]);
}
