/**
 * Two-dimensional convolution.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { physicalShape } from '../layout.js';
import { filterLayout, imageLayout, overChannelsLast, type ChannelOrder } from './channel-order.js';
import { defineGradient, defineOperation, hasKernel, runKernel } from './dispatch.js';

/** Geometry of a convolution. */
export interface ConvolutionAttributes extends ChannelOrder {
  /** Steps in height and width. */
  readonly strides: readonly [number, number];
  /** Zeros added at the top, bottom, left and right. */
  readonly padding: readonly [number, number, number, number];
  /** Distances between taps in height and width. */
  readonly dilations: readonly [number, number];
  /** Number of groups that the channels fall into. */
  readonly groups: number;
}

/** Names of the kernels behind {@link convolution2d}. */
export const convolutionKernels = {
  forward: 'PaddlewheelConvolution2D',
  inputGradient: 'PaddlewheelConvolution2DInputGradient',
  filterGradient: 'PaddlewheelConvolution2DFilterGradient',
} as const;

/** Attributes of the gradient kernels: the geometry and the shape of what they compute. */
export interface ConvolutionGradientAttributes extends ConvolutionAttributes {
  readonly shape: readonly number[];
}

/** Length of an axis after a convolution or pooling. */
export function outputLength(length: number, kernel: number, stride: number, padding: number, dilation = 1): number {
  return Math.floor((length + padding - (kernel - 1) * dilation - 1) / stride) + 1;
}

/** Shape [N, H', W', out] of the convolution of images [N, H, W, C] with filters [kh, kw, C / groups, out]. */
export function convolutionShape(
  x: readonly number[],
  filter: readonly number[],
  { strides, padding, dilations, groups }: ConvolutionAttributes,
): [number, number, number, number] {
  const [batch = 0, height = 0, width = 0, channels = 0] = x;
  const [kernelHeight = 0, kernelWidth = 0, groupChannels = 0, outChannels = 0] = filter;
  if (x.length !== 4 || filter.length !== 4 || channels !== groupChannels * groups || outChannels % groups !== 0) {
    throw new ShapeMismatchError(
      `a convolution of ${groups} groups cannot take an input [${x.join(', ')}] (N, H, W, C) with a filter [${filter.join(', ')}] (kh, kw, C / groups, out)`,
    );
  }
  const outHeight = outputLength(height, kernelHeight, strides[0], padding[0] + padding[1], dilations[0]);
  const outWidth = outputLength(width, kernelWidth, strides[1], padding[2] + padding[3], dilations[1]);
  if (outHeight < 1 || outWidth < 1) {
    throw new ShapeMismatchError(
      `an image of ${height} x ${width} with padding [${padding.join(', ')}] is smaller than the kernel of ${kernelHeight} x ${kernelWidth} with dilation ${dilations.join(' x ')}`,
    );
  }
  return [batch, outHeight, outWidth, outChannels];
}

/** The filter with its taps `dilations` apart and zeros between them. */
function dilateFilter(filter: Tensor4D, [dilationHeight, dilationWidth]: readonly [number, number]): Tensor4D {
  if (dilationHeight === 1 && dilationWidth === 1) return filter;
  const [height, width, inChannels, outChannels] = filter.shape;
  const spread = tf.pad(tf.reshape(filter, [height, 1, width, 1, inChannels * outChannels]), [
    [0, 0],
    [0, dilationHeight - 1],
    [0, 0],
    [0, dilationWidth - 1],
    [0, 0],
  ]);
  const dilated = tf.reshape(spread, [height * dilationHeight, width * dilationWidth, inChannels, outChannels]);
  const size = [(height - 1) * dilationHeight + 1, (width - 1) * dilationWidth + 1] as const;
  return tf.slice(dilated, [0, 0, 0, 0], [...size, inChannels, outChannels]) as Tensor4D;
}

/** The convolution of images with their channels last, made of operations that every backend has. */
function compositeConvolution(x: Tensor4D, filter: Tensor4D, attributes: ConvolutionAttributes): Tensor4D {
  const { strides, padding, dilations, groups } = attributes;
  const [top, bottom, left, right] = padding;
  const padded: Tensor4D = padding.some((length) => length > 0)
    ? tf.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ])
    : x;
  const dilated = dilateFilter(filter, dilations);
  const step: [number, number] = [...strides];
  if (groups === 1) return tf.conv2d(padded, dilated, step, 'valid');
  const images = tf.split<Tensor4D>(padded, groups, 3);
  const filters = tf.split<Tensor4D>(dilated, groups, 3);
  const results = images.map((image, group) => tf.conv2d(image, filters[group] ?? dilated, step, 'valid'));
  return tf.concat(results, 3);
}

// A convolution is linear in the image and in the filter, so that the three kernels are each other's gradients.

function forward(x: Tensor, filter: Tensor, attributes: ConvolutionAttributes, bias?: Tensor): Tensor {
  return runKernel(convolutionKernels.forward, bias ? { x, filter, bias } : { x, filter }, attributes);
}

function inputGradient(
  dy: Tensor,
  filter: Tensor,
  shape: readonly number[],
  attributes: ConvolutionAttributes,
): Tensor {
  return runKernel(convolutionKernels.inputGradient, { dy, filter }, { ...attributes, shape });
}

function filterGradient(x: Tensor, dy: Tensor, shape: readonly number[], attributes: ConvolutionAttributes): Tensor {
  return runKernel(convolutionKernels.filterGradient, { x, dy }, { ...attributes, shape });
}

defineGradient(convolutionKernels.forward, ['x', 'filter'], (dy, [x, filter], attributes: ConvolutionAttributes) => ({
  x: () => inputGradient(dy, filter, x.shape, attributes),
  filter: () => filterGradient(x, dy, filter.shape, attributes),
  // Asked for only where there is a bias.
  bias: () => tf.sum(dy, attributes.channelsFirst ? [0, 2, 3] : [0, 1, 2]),
}));

defineGradient(
  convolutionKernels.inputGradient,
  ['dy', 'filter'],
  (ddx, [dy, filter], attributes: ConvolutionGradientAttributes) => ({
    dy: () => forward(ddx, filter, attributes),
    filter: () => filterGradient(ddx, dy, filter.shape, attributes),
  }),
);

defineGradient(
  convolutionKernels.filterGradient,
  ['x', 'dy'],
  (dfilter, [x, dy], attributes: ConvolutionGradientAttributes) => ({
    x: () => inputGradient(dy, dfilter, x.shape, attributes),
    dy: () => forward(x, dfilter, attributes),
  }),
);

/** The convolution of images in any order, made of operations that every backend has. */
function composite(x: Tensor4D, filter: Tensor4D, attributes: ConvolutionAttributes, bias?: Tensor1D): Tensor4D {
  const layout = filterLayout(attributes);
  const weights: Tensor4D = layout ? tf.transpose(filter, [...layout]) : filter;
  return overChannelsLast(x, attributes, (image) => {
    const y = compositeConvolution(image, weights, attributes);
    return bias ? tf.add(y, bias) : y;
  });
}

/**
 * Cross-correlation of images with filters.
 *
 * @param x - images [N, H, W, C], or with `channelsFirst` [N, C, H, W]
 * @param filter - weights [kh, kw, C / groups, out], or with `channelsFirst` [out, C / groups, kh, kw]
 * @param bias - added to each output channel, [out]
 * @returns [N, H', W', out] or [N, out, H', W']
 * @throws `ShapeMismatchError` when the channels do not fit or the kernel is larger than the padded image
 */
export const convolution2d = defineOperation(
  'convolution2d',
  (x: Tensor4D, filter: Tensor4D, attributes: ConvolutionAttributes, bias?: Tensor1D): Tensor4D => {
    const [, , , outputs] = convolutionShape(
      physicalShape(x.shape, imageLayout(attributes)),
      physicalShape(filter.shape, filterLayout(attributes)),
      attributes,
    );
    if (bias && (bias.rank !== 1 || bias.shape[0] !== outputs)) {
      throw new ShapeMismatchError(
        `a convolution with ${outputs} outputs needs a bias of shape [${outputs}], got [${bias.shape.join(', ')}]`,
      );
    }
    if (hasKernel(convolutionKernels.forward)) return forward(x, filter, attributes, bias) as Tensor4D;
    return composite(x, filter, attributes, bias);
  },
);
