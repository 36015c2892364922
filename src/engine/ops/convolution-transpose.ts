/**
 * Transposed two-dimensional convolution, channels last.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { convolution2d, convolutionKernels, convolutionShape, type ConvolutionAttributes } from './convolution.js';
import { defineOperation, hasKernel, runKernel } from './dispatch.js';

/** The images with `strides - 1` zeros after each row and column but the last. */
function spread(x: Tensor4D, [rowStep, columnStep]: readonly [number, number]): Tensor4D {
  if (rowStep === 1 && columnStep === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const cells = tf.pad(tf.reshape(x, [batch, height, 1, width, 1, channels]), [
    [0, 0],
    [0, 0],
    [0, rowStep - 1],
    [0, 0],
    [0, columnStep - 1],
    [0, 0],
  ]);
  const all = tf.reshape(cells, [batch, height * rowStep, width * columnStep, channels]);
  const size = [(height - 1) * rowStep + 1, (width - 1) * columnStep + 1] as const;
  return tf.slice<tf.Rank.R4, Tensor4D>(all as Tensor4D, [0, 0, 0, 0], [batch, ...size, channels]);
}

/** Zeros added before and after an axis; negative numbers cut off. */
function padOrCut(x: Tensor4D, axis: 1 | 2, before: number, after: number): Tensor4D {
  const sides = x.shape.map((_, index) => (index === axis ? [Math.max(before, 0), Math.max(after, 0)] : [0, 0]));
  const padded = tf.pad(x, sides as [number, number][]);
  const begin = padded.shape.map((_, index) => (index === axis ? Math.max(-before, 0) : 0));
  const size = padded.shape.map((length, index) =>
    index === axis ? length - Math.max(-before, 0) - Math.max(-after, 0) : length,
  );
  return tf.slice<tf.Rank.R4, Tensor4D>(padded, begin, size);
}

/** The same by a convolution of spread images with turned filters. */
function composite(
  x: Tensor4D,
  filter: Tensor4D,
  [, height, width]: readonly number[],
  { strides, padding, dilations, groups }: ConvolutionAttributes,
): Tensor4D {
  const [kernelHeight, kernelWidth, outputs, inputs] = filter.shape;
  const reach = [(kernelHeight - 1) * dilations[0], (kernelWidth - 1) * dilations[1]] as const;
  const cells = spread(x, strides);
  const top = reach[0] - padding[0];
  const left = reach[1] - padding[2];
  const rows = padOrCut(cells, 1, top, (height ?? 0) + reach[0] - cells.shape[1] - top);
  const padded = padOrCut(rows, 2, left, (width ?? 0) + reach[1] - cells.shape[2] - left);
  // Filters [kh, kw, out / groups, in] of each group become [kh, kw, in / groups, out].
  const turned = tf.reshape(tf.reverse(filter as tf.Tensor, [0, 1]), [
    kernelHeight,
    kernelWidth,
    outputs,
    groups,
    inputs / groups,
  ]);
  const swapped: Tensor4D = tf.reshape(tf.transpose(turned, [0, 1, 4, 3, 2]), [
    kernelHeight,
    kernelWidth,
    inputs / groups,
    groups * outputs,
  ]);
  return convolution2d(padded, swapped, { strides: [1, 1], padding: [0, 0, 0, 0], dilations, groups });
}

/**
 * The gradient of a convolution by its images: each element of x is spread over a window of the result.
 *
 * @param x - images [N, H, W, in]
 * @param filter - weights [kh, kw, out / groups, in]
 * @param shape - of the result, [N, H', W', out]
 * @param attributes - of the convolution that takes the result to the shape of x
 */
export const convolution2dTranspose = defineOperation(
  'convolution2dTranspose',
  (
    x: Tensor4D,
    filter: Tensor4D,
    shape: readonly [number, number, number, number],
    attributes: ConvolutionAttributes,
  ): Tensor4D => {
    const back = convolutionShape(shape, filter.shape, attributes);
    if (back.some((length, axis) => length !== x.shape[axis])) {
      throw new ShapeMismatchError(
        `a transposed convolution cannot take an input [${x.shape.join(', ')}] (N, H, W, C) to [${shape.join(', ')}]`,
      );
    }
    if (hasKernel(convolutionKernels.inputGradient)) {
      return runKernel(convolutionKernels.inputGradient, { dy: x, filter }, { ...attributes, shape }) as Tensor4D;
    }
    return composite(x, filter, shape, attributes);
  },
);
