/**
 * Two-dimensional pooling.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { physicalShape } from '../layout.js';
import { imageLayout, overChannelsLast, type ChannelOrder } from './channel-order.js';
import { outputLength } from './convolution.js';
import { defineGradient, defineOperation, hasKernel, runKernel, runKernels } from './dispatch.js';

/** Windows of a pooling. */
export interface PoolingAttributes extends ChannelOrder {
  /** Height and width of a window. */
  readonly kernel: readonly [number, number];
  /** Steps in height and width. */
  readonly strides: readonly [number, number];
  /** Rows and columns added at the top, bottom, left and right; they never win a maximum. */
  readonly padding: readonly [number, number, number, number];
}

/** Windows that cover the image as evenly as possible. */
interface AdaptivePoolingAttributes extends ChannelOrder {
  /** Number of windows in height and width. */
  readonly size: readonly [number, number];
}

/** Windows of any kind. */
export type WindowAttributes = PoolingAttributes | AdaptivePoolingAttributes;

/** Windows and divisor of an average pooling. */
export type AveragePoolingAttributes = WindowAttributes & {
  /** Divide by the number of elements inside the image instead of the window's size. */
  readonly exclusive: boolean;
  /** Divide by this number instead. */
  readonly divisor?: number | undefined;
};

/** Names of the kernels behind the pooling operations. */
export const poolingKernels = {
  max: 'PaddlewheelMaxPool2D',
  maxGradient: 'PaddlewheelMaxPool2DGradient',
  average: 'PaddlewheelAveragePool2D',
  averageGradient: 'PaddlewheelAveragePool2DGradient',
} as const;

/** Shape [N, H', W', C] of the pooling of images [N, H, W, C]. */
export function poolingShape(shape: readonly number[], attributes: WindowAttributes): [number, number, number, number] {
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  if ('size' in attributes) return [batch, ...attributes.size, channels];
  const { kernel, strides, padding } = attributes;
  const outHeight = outputLength(height, kernel[0], strides[0], padding[0] + padding[1]);
  const outWidth = outputLength(width, kernel[1], strides[1], padding[2] + padding[3]);
  if (shape.length !== 4 || outHeight < 1 || outWidth < 1) {
    throw new ShapeMismatchError(
      `pooling windows of ${kernel.join(' x ')} with padding [${padding.join(', ')}] do not fit into an input [${shape.join(', ')}] (N, H, W, C)`,
    );
  }
  return [batch, outHeight, outWidth, channels];
}

/** A window along an axis: its first element, and the one after its last. */
export type Span = readonly [begin: number, end: number];

/** The windows along an axis of `length` elements, without what lies in the padding. */
export function poolingSpans(length: number, attributes: WindowAttributes, axis: 0 | 1): Span[] {
  if ('size' in attributes) return adaptiveSpans(length, attributes.size[axis]);
  const { kernel, strides, padding } = attributes;
  const [before = 0, after = 0] = padding.slice(2 * axis);
  const count = outputLength(length, kernel[axis], strides[axis], before + after);
  const inside = (place: number) => Math.min(Math.max(place, 0), length);
  return Array.from({ length: count }, (_, index) => {
    const start = index * strides[axis] - before;
    return [inside(start), inside(start + kernel[axis])];
  });
}

function pad(x: Tensor4D, [top, bottom, left, right]: PoolingAttributes['padding'], value: number): Tensor4D {
  if (top === 0 && bottom === 0 && left === 0 && right === 0) return x;
  const around: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return tf.pad(x, around, value);
}

// The gradient of a maximum goes to the place that the forward pass found.
tf.registerGradient({
  kernelName: poolingKernels.max,
  inputsToSave: ['x'],
  outputsToSave: [false, true],
  gradFunc: (dys, saved, attributes) => {
    const [dy] = dys as [Tensor];
    const [x, indices] = saved as [Tensor, Tensor];
    return {
      x: () => runKernel(poolingKernels.maxGradient, { dy, indices }, { ...attributes, shape: x.shape }),
    };
  },
});

defineGradient(poolingKernels.average, ['x'], (dy, [x], attributes: AveragePoolingAttributes) => ({
  x: () => runKernel(poolingKernels.averageGradient, { dy }, { ...attributes, shape: x.shape }),
}));

/** Indices of the maxima in the plane of the image, computed by operations that every backend has. */
function compositeMaxIndices(x: Tensor4D, attributes: PoolingAttributes): Tensor4D {
  const { kernel, strides, padding } = attributes;
  const [, height, width] = x.shape;
  const [batch, outHeight, outWidth, channels] = poolingShape(x.shape, attributes);
  const padded = pad(x, padding, -Infinity);
  const taps = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => [
    Math.floor(tap / kernel[1]),
    tap % kernel[1],
  ]);
  const elements = taps.map(([i = 0, j = 0]) => {
    const end = [batch, i + (outHeight - 1) * strides[0] + 1, j + (outWidth - 1) * strides[1] + 1, channels];
    return tf.stridedSlice(padded, [0, i, j, 0], end, [1, ...strides, 1]);
  });
  // The places of the taps of each window; -1 in the padding.
  const places: number[] = [];
  const firsts: number[] = [];
  for (let window = 0; window < outHeight * outWidth; window++) {
    const top = Math.floor(window / outWidth) * strides[0] - padding[0];
    const left = (window % outWidth) * strides[1] - padding[2];
    const own = taps.map(([i = 0, j = 0]) => {
      const [row, column] = [top + i, left + j];
      return row >= 0 && row < height && column >= 0 && column < width ? row * width + column : -1;
    });
    places.push(...own);
    firsts.push(own.find((place) => place >= 0) ?? -1);
  }
  const windowShape = [1, outHeight, outWidth, 1];
  const starts = tf.reshape(tf.range(0, places.length, taps.length, 'int32'), windowShape);
  const found = tf.gather(tf.tensor1d(places, 'int32'), tf.add(tf.argMax(tf.stack(elements, 4), 4), starts));
  // Where all elements are -Infinity the padding may come first.
  const first = tf.tensor(firsts, windowShape, 'int32');
  return tf.cast(tf.where(tf.greaterEqual(found, tf.scalar(0, 'int32')), found, first), 'int32') as Tensor4D;
}

/** The maximum pooling that TensorFlow.js has. */
function compositeMaxPool(x: Tensor4D, attributes: PoolingAttributes): Tensor4D {
  const { kernel, strides, padding } = attributes;
  return overChannelsLast(x, attributes, (image) =>
    tf.maxPool(pad(image, padding, -Infinity), [...kernel], [...strides], 'valid'),
  );
}

function checkWindows(x: Tensor, attributes: WindowAttributes): void {
  poolingShape(physicalShape(x.shape, imageLayout(attributes)), attributes);
}

/** As {@link maxPool2d}, with the index of each maximum in the H x W plane of its image (int32). */
export const maxPool2dWithIndices = defineOperation(
  'maxPool2dWithIndices',
  (x: Tensor4D, attributes: PoolingAttributes): [Tensor4D, Tensor4D] => {
    checkWindows(x, attributes);
    if (!hasKernel(poolingKernels.max)) {
      const indices = overChannelsLast(x, attributes, (image) => compositeMaxIndices(image, attributes));
      return [compositeMaxPool(x, attributes), indices];
    }
    return runKernels(poolingKernels.max, { x }, attributes) as [Tensor4D, Tensor4D];
  },
);

/**
 * Maximum of each window.
 *
 * @param x - images [N, H, W, C], or with `channelsFirst` [N, C, H, W]
 * @returns [N, H', W', C] or [N, C, H', W']
 * @throws `ShapeMismatchError` when a window is larger than the padded image
 */
export const maxPool2d = defineOperation('maxPool2d', (x: Tensor4D, attributes: PoolingAttributes): Tensor4D => {
  if (hasKernel(poolingKernels.max)) return maxPool2dWithIndices(x, attributes)[0];
  checkWindows(x, attributes);
  return compositeMaxPool(x, attributes);
});

/** Number of elements of the image in each window, [1, H', W', 1]. */
function windowCounts(height: number, width: number, attributes: PoolingAttributes): Tensor4D {
  const ones = pad(tf.ones([1, height, width, 1]), attributes.padding, 0);
  const [kernelHeight, kernelWidth] = attributes.kernel;
  const means = tf.avgPool(ones, [...attributes.kernel], [...attributes.strides], 'valid');
  return tf.round(tf.mul(means, kernelHeight * kernelWidth));
}

function compositeAveragePool(x: Tensor4D, attributes: PoolingAttributes & AveragePoolingAttributes): Tensor4D {
  const { kernel, strides, padding, exclusive, divisor } = attributes;
  const means = tf.avgPool(pad(x, padding, 0), [...kernel], [...strides], 'valid');
  const size = kernel[0] * kernel[1];
  if (divisor !== undefined) return tf.mul(means, size / divisor);
  if (!exclusive || padding.every((length) => length === 0)) return means;
  return tf.div(tf.mul(means, size), windowCounts(x.shape[1], x.shape[2], attributes));
}

/**
 * Mean of each window.
 *
 * @param x - images [N, H, W, C], or with `channelsFirst` [N, C, H, W]
 * @returns [N, H', W', C] or [N, C, H', W']
 * @throws `ShapeMismatchError` when a window is larger than the padded image
 */
export const avgPool2d = defineOperation(
  'avgPool2d',
  (x: Tensor4D, attributes: PoolingAttributes & AveragePoolingAttributes): Tensor4D => {
    checkWindows(x, attributes);
    if (hasKernel(poolingKernels.average)) return runKernel(poolingKernels.average, { x }, attributes) as Tensor4D;
    return overChannelsLast(x, attributes, (image) => compositeAveragePool(image, attributes));
  },
);

/** `count` windows that cover `length` elements as evenly as possible. */
function adaptiveSpans(length: number, count: number): Span[] {
  return Array.from({ length: count }, (_, index) => [
    Math.floor((index * length) / count),
    Math.ceil(((index + 1) * length) / count),
  ]);
}

/** A matrix [count, length] whose rows average the adaptive windows. */
function averagingMatrix(length: number, count: number): Tensor {
  const matrix = new Float32Array(count * length);
  adaptiveSpans(length, count).forEach(([start, end], row) => {
    matrix.fill(1 / (end - start), row * length + start, row * length + end);
  });
  return tf.tensor2d(matrix, [count, length]);
}

function evenWindows(
  x: Tensor4D,
  [outHeight, outWidth]: readonly [number, number],
  order: ChannelOrder = {},
): PoolingAttributes | undefined {
  const [, height = 0, width = 0] = physicalShape(x.shape, imageLayout(order));
  if (height % outHeight !== 0 || width % outWidth !== 0) return undefined;
  const kernel = [height / outHeight, width / outWidth] as const;
  return { kernel, strides: kernel, padding: [0, 0, 0, 0], ...order };
}

/** The adaptive mean of images with their channels last, made of operations that every backend has. */
function compositeAdaptiveAverage(x: Tensor4D, size: readonly [number, number]): Tensor4D {
  // The mean over a window is a mean over its rows of means over its columns: two matrix products.
  const [batch, height, width, channels] = x.shape;
  const [outHeight, outWidth] = size;
  const rows = tf.matMul(
    tf.tile(tf.expandDims(averagingMatrix(height, outHeight), 0), [batch, 1, 1]),
    tf.reshape(x, [batch, height, width * channels]),
  );
  const columns = tf.matMul(
    tf.tile(tf.expandDims(averagingMatrix(width, outWidth), 0), [batch * outHeight, 1, 1]),
    tf.reshape(rows, [batch * outHeight, width, channels]),
  );
  return tf.reshape(columns, [batch, outHeight, outWidth, channels]);
}

/**
 * Means of windows that cover the image as evenly as possible: rows floor(i H / H') to ceil((i + 1) H / H').
 *
 * @param x - images [N, H, W, C], or with `channelsFirst` [N, C, H, W]
 * @param size - height and width of the result
 */
export const adaptiveAvgPool2d = defineOperation(
  'adaptiveAvgPool2d',
  (x: Tensor4D, size: readonly [number, number], order: ChannelOrder = {}): Tensor4D => {
    const even = evenWindows(x, size, order);
    if (even) return avgPool2d(x, { ...even, exclusive: false });
    if (hasKernel(poolingKernels.average)) {
      return runKernel(poolingKernels.average, { x }, { size, exclusive: true, ...order }) as Tensor4D;
    }
    return overChannelsLast(x, order, (image) => compositeAdaptiveAverage(image, size));
  },
);

/** Indices of the maxima of adaptive windows in the plane of the image. */
function adaptiveMaxIndices(x: Tensor4D, size: readonly [number, number]): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const values = x.dataSync();
  const indices = new Int32Array(batch * size[0] * size[1] * channels);
  const rows = adaptiveSpans(height, size[0]);
  const columns = adaptiveSpans(width, size[1]);
  let next = 0;
  for (let image = 0; image < batch; image++) {
    for (const [top, bottom] of rows) {
      for (const [left, right] of columns) {
        for (let channel = 0; channel < channels; channel++) {
          let best = top * width + left;
          const at = (place: number) => values[(image * height * width + place) * channels + channel] ?? NaN;
          for (let row = top; row < bottom; row++) {
            for (let column = left; column < right; column++) {
              if (at(row * width + column) > at(best)) best = row * width + column;
            }
          }
          indices[next++] = best;
        }
      }
    }
  }
  return tf.tensor(indices, [batch, ...size, channels], 'int32');
}

/** As {@link adaptiveMaxPool2d}, with the index of each maximum in the H x W plane of its image (int32). */
export const adaptiveMaxPool2dWithIndices = defineOperation(
  'adaptiveMaxPool2dWithIndices',
  (x: Tensor4D, size: readonly [number, number]): [Tensor4D, Tensor4D] => {
    if (hasKernel(poolingKernels.max)) return runKernels(poolingKernels.max, { x }, { size }) as [Tensor4D, Tensor4D];
    return [adaptiveMaxPool2d(x, size), adaptiveMaxIndices(x, size)];
  },
);

/** Maxima of the windows of {@link adaptiveAvgPool2d}. */
export const adaptiveMaxPool2d = defineOperation(
  'adaptiveMaxPool2d',
  (x: Tensor4D, size: readonly [number, number]): Tensor4D => {
    const even = evenWindows(x, size);
    if (even) return maxPool2d(x, even);
    if (hasKernel(poolingKernels.max)) return runKernels(poolingKernels.max, { x }, { size })[0] as Tensor4D;
    const [batch, height, width, channels] = x.shape;
    const columnsOf = adaptiveSpans(width, size[1]);
    const rows = adaptiveSpans(height, size[0]).map(([top, bottom]) =>
      tf.concat(
        columnsOf.map(([left, right]) =>
          tf.max(tf.slice(x, [0, top, left, 0], [batch, bottom - top, right - left, channels]), [1, 2], true),
        ),
        2,
      ),
    );
    return tf.concat(rows, 1) as Tensor4D;
  },
);
