/**
 * Pooling.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { checkBoolean, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import {
  adaptiveAvgPool2d as adaptiveAverage,
  adaptiveMaxPool2d as adaptiveMaximum,
  adaptiveMaxPool2dWithIndices as adaptiveMaximumWithIndices,
  avgPool2d as average,
  maxPool2d as maximum,
  maxPool2dWithIndices as maximumWithIndices,
  type PoolingAttributes,
} from '../../engine/ops/pooling.js';
import {
  channelsFirst,
  channelsLast,
  pair,
  sidesOf,
  toChannelsFirst,
  type DataFormat,
  type Padding2D,
  type Sides,
  type Size2D,
} from './spatial.js';

/** Options of {@link maxPool2d} without `returnMask`. */
export interface PoolingOptions {
  /** Steps in height and width. @defaultValue the kernel size */
  readonly stride?: Size2D | null;
  /** Rows and columns around the image. @defaultValue 0 */
  readonly padding?: Padding2D;
  /** Round the output size up instead of down. @defaultValue false */
  readonly ceilMode?: boolean;
  /** Order of the axes of input and output. @defaultValue 'NCHW' */
  readonly dataFormat?: DataFormat;
}

/** Options of {@link maxPool2d}. */
export interface MaxPool2DFunctionOptions extends PoolingOptions {
  /** Return the indices of the maxima, too. @defaultValue false */
  readonly returnMask?: boolean;
}

/** Options of {@link avgPool2d}. */
export interface AvgPool2DFunctionOptions extends PoolingOptions {
  /** Divide by the number of elements inside the image, not by the window's size. @defaultValue true */
  readonly exclusive?: boolean;
  /** Divide by this number instead. @defaultValue null */
  readonly divisorOverride?: number | null;
}

const poolingNames = ['stride', 'padding', 'ceilMode', 'dataFormat'];

/** The windows for an image, and the sides without what rounding up adds. */
function windowsOf(
  kernelSize: Size2D,
  { stride, padding = 0, ceilMode = false, dataFormat = 'NCHW' }: PoolingOptions,
  [, , height, width]: readonly number[],
): { windows: PoolingAttributes; sides: Sides } {
  checkBoolean('ceilMode', ceilMode);
  const kernel = pair('kernelSize', kernelSize);
  const strides = pair('stride', stride ?? kernelSize);
  const size = [height ?? 0, width ?? 0] as const;
  const sides = sidesOf(padding, dataFormat, size, kernel, strides);
  const [top, bottom, left, right] = sides;
  // Rounding up means that the last window may reach past the padding.
  const reach = (length: number, axis: 0 | 1, before: number, after: number) => {
    if (!ceilMode) return after;
    const windows = Math.ceil((length + before + after - kernel[axis]) / strides[axis]);
    return Math.max(after, windows * strides[axis] + kernel[axis] - length - before);
  };
  const reached: Sides = [top, reach(size[0], 0, top, bottom), left, reach(size[1], 1, left, right)];
  return { windows: { kernel, strides, padding: reached, channelsFirst: true }, sides };
}

/**
 * Maximum of each window.
 *
 * @param x - images [N, C, H, W]
 * @param kernelSize - height and width of a window
 * @returns [N, C, H', W']; with `returnMask` also the index of each maximum in its H x W plane, int32
 */
export function maxPool2d(
  x: Tensor,
  kernelSize: Size2D,
  options: MaxPool2DFunctionOptions & { readonly returnMask: true },
): [Tensor, Tensor];
export function maxPool2d(
  x: Tensor,
  kernelSize: Size2D,
  options?: MaxPool2DFunctionOptions & { readonly returnMask?: false },
): Tensor;
export function maxPool2d(x: Tensor, kernelSize: Size2D, options?: MaxPool2DFunctionOptions): Tensor | [Tensor, Tensor];
export function maxPool2d(
  x: Tensor,
  kernelSize: Size2D,
  options: MaxPool2DFunctionOptions = {},
): Tensor | [Tensor, Tensor] {
  checkOptions('maxPool2d', options, [...poolingNames, 'returnMask']);
  const { returnMask = false, dataFormat = 'NCHW' } = options;
  const windows = (images: Tensor4D) => windowsOf(kernelSize, options, images.shape).windows;
  if (!returnMask) return channelsFirst('maxPool2d', x, dataFormat, (images) => maximum(images, windows(images)));
  return channelsFirst('maxPool2d', x, dataFormat, (images) => maximumWithIndices(images, windows(images)));
}

/**
 * Mean of each window.
 *
 * @param x - images [N, C, H, W]
 * @param kernelSize - height and width of a window
 * @returns [N, C, H', W']
 */
export function avgPool2d(x: Tensor, kernelSize: Size2D, options: AvgPool2DFunctionOptions = {}): Tensor {
  checkOptions('avgPool2d', options, [...poolingNames, 'exclusive', 'divisorOverride']);
  const { exclusive = true, divisorOverride, dataFormat = 'NCHW' } = options;
  checkBoolean('exclusive', exclusive);
  const divisor = divisorOverride ?? undefined;
  if (divisor !== undefined) checkNumber('divisorOverride', divisor, Number.MIN_VALUE);
  return channelsFirst('avgPool2d', x, dataFormat, (images) => {
    const { windows, sides } = windowsOf(kernelSize, options, images.shape);
    const rounded = windows.padding.some((length, side) => length !== sides[side]);
    if (exclusive || divisor !== undefined || !rounded) return average(images, { ...windows, exclusive, divisor });
    // What rounding up adds is outside the padding and not counted: padded here, it counts as part of the image.
    const rest = windows.padding.map((length, side) => length - (sides[side] ?? 0)) as Sides;
    return tf.tidy(() => {
      const padded = tf.pad(images, [
        [0, 0],
        [0, 0],
        [sides[0], sides[1]],
        [sides[2], sides[3]],
      ]);
      return average(padded, { ...windows, padding: rest, exclusive: true });
    });
  });
}

/** Height and width of an adaptive pooling's output; null keeps the input's. */
export type AdaptiveSize2D = number | readonly [height: number | null, width: number | null];

function adaptiveSize(size: AdaptiveSize2D, [height = 0, width = 0]: readonly number[]): [number, number] {
  const [outHeight, outWidth] = typeof size === 'number' ? [size, size] : size;
  return [checkInteger('outputSize[0]', outHeight ?? height, 1), checkInteger('outputSize[1]', outWidth ?? width, 1)];
}

/**
 * Means of windows that cover the image as evenly as possible: rows floor(i H / H') to ceil((i + 1) H / H').
 *
 * @param x - images [N, C, H, W]
 * @param outputSize - height and width of the output
 * @returns [N, C, H', W']
 */
export function adaptiveAvgPool2d(
  x: Tensor,
  outputSize: AdaptiveSize2D,
  options: { readonly dataFormat?: DataFormat } = {},
): Tensor {
  checkOptions('adaptiveAvgPool2d', options, ['dataFormat']);
  return channelsFirst('adaptiveAvgPool2d', x, options.dataFormat ?? 'NCHW', (images) => {
    const [, , ...size] = images.shape;
    return adaptiveAverage(images, adaptiveSize(outputSize, size), { channelsFirst: true });
  });
}

/**
 * Maxima of the windows of {@link adaptiveAvgPool2d}.
 *
 * @param x - images [N, C, H, W]
 * @param outputSize - height and width of the output
 * @returns [N, C, H', W']; with `returnMask` also the index of each maximum in its H x W plane, int32
 */
export function adaptiveMaxPool2d(
  x: Tensor,
  outputSize: AdaptiveSize2D,
  options: { readonly returnMask: true },
): [Tensor, Tensor];
export function adaptiveMaxPool2d(
  x: Tensor,
  outputSize: AdaptiveSize2D,
  options?: { readonly returnMask?: false },
): Tensor;
export function adaptiveMaxPool2d(
  x: Tensor,
  outputSize: AdaptiveSize2D,
  options?: { readonly returnMask?: boolean },
): Tensor | [Tensor, Tensor];
export function adaptiveMaxPool2d(
  x: Tensor,
  outputSize: AdaptiveSize2D,
  options: { readonly returnMask?: boolean } = {},
): Tensor | [Tensor, Tensor] {
  checkOptions('adaptiveMaxPool2d', options, ['returnMask']);
  if (!(options.returnMask ?? false)) {
    return tf.tidy(() =>
      channelsLast('adaptiveMaxPool2d', x, 'NCHW', (image) =>
        adaptiveMaximum(image, adaptiveSize(outputSize, image.shape.slice(1))),
      ),
    );
  }
  return tf.tidy(() => {
    let indices: Tensor4D | undefined;
    const values = channelsLast('adaptiveMaxPool2d', x, 'NCHW', (image) => {
      const [maxima, places] = adaptiveMaximumWithIndices(image, adaptiveSize(outputSize, image.shape.slice(1)));
      indices = toChannelsFirst(places);
      return maxima;
    });
    return [values, indices ?? values];
  });
}
