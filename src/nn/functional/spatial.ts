/**
 * Sizes, paddings and layouts of two-dimensional operations.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { checkChoice, checkInteger, describeValue } from '../../common/options.js';
import { runKernel } from '../../engine/ops/dispatch.js';

/** Order of the axes of a batch of images. */
export type DataFormat = 'NCHW' | 'NHWC';

/** One number for height and width, or a number for each. */
export type Size2D = number | readonly [height: number, width: number];

/**
 * Rows and columns added around an image: one number, `[height, width]`, `[top, bottom, left, right]`, a pair for each
 * axis of the input, or 'same' or 'valid' in any case.
 */
export type Padding2D =
  number | readonly number[] | readonly (readonly [number, number])[] | 'same' | 'valid' | 'SAME' | 'VALID';

/** Top, bottom, left, right. */
export type Sides = [top: number, bottom: number, left: number, right: number];

/** Height and width of a {@link Size2D}. */
export function pair(name: string, value: Size2D, minimum = 1): [number, number] {
  if (typeof value === 'number') {
    const size = checkInteger(name, value, minimum);
    return [size, size];
  }
  if (!Array.isArray(value) || value.length !== 2) {
    throw new InvalidArgumentError(`${name} must be an integer or a pair of integers, got ${describeValue(value)}`);
  }
  return [checkInteger(`${name}[0]`, value[0], minimum), checkInteger(`${name}[1]`, value[1], minimum)];
}

/** Padding of one axis that gives `ceil(length / stride)` outputs; an odd element goes to the end. */
function samePadding(length: number, kernel: number, stride: number): [number, number] {
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + kernel - length, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** The sides that a {@link Padding2D} stands for, for an image of the given height and width. */
export function sidesOf(
  padding: Padding2D,
  dataFormat: DataFormat,
  [height, width]: readonly [number, number],
  kernel: readonly [number, number],
  stride: readonly [number, number],
): Sides {
  if (typeof padding === 'string') {
    const kind = checkChoice('padding', padding.toLowerCase(), ['same', 'valid']);
    if (kind === 'valid') return [0, 0, 0, 0];
    return [...samePadding(height, kernel[0], stride[0]), ...samePadding(width, kernel[1], stride[1])];
  }
  const flat = flattenPadding(padding, dataFormat);
  return flat.map((length, side) => checkInteger(`padding[${side}]`, length, 0)) as Sides;
}

function flattenPadding(padding: Exclude<Padding2D, string>, dataFormat: DataFormat): number[] {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  const items = padding as readonly (number | readonly number[])[];
  if (items.length === 4 && items.every(Array.isArray)) {
    const spatial = dataFormat === 'NCHW' ? [2, 3] : [1, 2];
    const rest = items.filter((_, axis) => !spatial.includes(axis)).flat();
    if (rest.every((length) => length === 0)) return spatial.flatMap((axis) => items[axis] as number[]);
  }
  if (items.every((item) => typeof item === 'number')) {
    const numbers = items;
    if (numbers.length === 2) return [0, 0, 1, 1].map((axis) => numbers[axis] ?? 0);
    if (numbers.length === 4) return [...numbers];
  }
  throw new InvalidArgumentError(
    `padding must be an integer, [height, width], [top, bottom, left, right], a pair for each axis of the input with zeros for the batch and the channels, 'same' or 'valid', got ${describeValue(padding)}`,
  );
}

/** Runs an operation on images in channels-last order, whatever order the caller has them in. */
export function channelsLast(
  where: string,
  x: Tensor,
  dataFormat: DataFormat,
  operation: (x: Tensor4D) => Tensor4D,
): Tensor4D {
  checkImages(where, x, dataFormat);
  if (dataFormat === 'NHWC') return operation(x as Tensor4D);
  return toChannelsFirst(operation(toChannelsLast(x as Tensor4D)));
}

/** Runs an operation on images in channels-first order, whatever order the caller has them in. */
export function channelsFirst<Result extends Tensor4D | [Tensor4D, Tensor4D]>(
  where: string,
  x: Tensor,
  dataFormat: DataFormat,
  operation: (x: Tensor4D) => Result,
): Result {
  checkImages(where, x, dataFormat);
  if (dataFormat === 'NCHW') return operation(x as Tensor4D);
  return tf.tidy(() => {
    const result = operation(toChannelsFirst(x as Tensor4D));
    return (Array.isArray(result) ? result.map(toChannelsLast) : toChannelsLast(result)) as Result;
  });
}

/** [N, C, H, W] to [N, H, W, C]. */
function toChannelsLast(x: Tensor4D): Tensor4D {
  return transposed(x, [0, 2, 3, 1]);
}

/** [N, H, W, C] to [N, C, H, W]. */
export function toChannelsFirst(x: Tensor4D): Tensor4D {
  return transposed(x, [0, 3, 1, 2]);
}

/** The axes in another order; without the checks and the scope of `tf.transpose`, since every layer calls this twice. */
function transposed(x: Tensor, perm: readonly number[]): Tensor4D {
  return runKernel(tf.Transpose, { x }, { perm }) as Tensor4D;
}

/** Throws unless `x` has the four axes of a batch of images, in an order that there is. */
function checkImages(where: string, x: Tensor, dataFormat: DataFormat): void {
  checkChoice('dataFormat', dataFormat, ['NCHW', 'NHWC']);
  if (x.rank === 4) return;
  throw new ShapeMismatchError(
    `${where} takes an input of 4 axes (${[...dataFormat].join(', ')}), got shape [${x.shape.join(', ')}]`,
  );
}
