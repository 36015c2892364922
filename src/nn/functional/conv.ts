/**
 * Convolutions.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { checkInteger, checkOptions } from '../../common/options.js';
import { convolution2d } from '../../engine/ops/convolution.js';
import { channelsFirst, pair, sidesOf, type DataFormat, type Padding2D, type Size2D } from './spatial.js';

/** Options of {@link conv2d}. */
export interface Conv2DFunctionOptions {
  /** Added to each output channel, [out]. @defaultValue null */
  readonly bias?: Tensor | null;
  /** Steps in height and width. @defaultValue 1 */
  readonly stride?: Size2D;
  /** Zeros around the image; 'same' gives `ceil(size / stride)` outputs and sets the dilation to 1. @defaultValue 0 */
  readonly padding?: Padding2D;
  /** Distances between taps. @defaultValue 1 */
  readonly dilation?: Size2D;
  /** Number of groups that the channels fall into. @defaultValue 1 */
  readonly groups?: number;
  /** Order of the axes of input and output. @defaultValue 'NCHW' */
  readonly dataFormat?: DataFormat;
}

/**
 * Two-dimensional convolution (cross-correlation).
 *
 * @param x - images [N, C, H, W]
 * @param weight - filters [out, C / groups, kh, kw]
 * @returns [N, out, H', W'] with `H' = floor((H + padding - dilation * (kh - 1) - 1) / stride) + 1`
 * @throws `ShapeMismatchError` when channels do not fit or the kernel is larger than the padded image
 */
export function conv2d(x: Tensor, weight: Tensor, options: Conv2DFunctionOptions = {}): Tensor {
  checkOptions('conv2d', options, ['bias', 'stride', 'padding', 'dilation', 'groups', 'dataFormat']);
  const { bias = null, padding = 0, groups = 1, dataFormat = 'NCHW' } = options;
  checkInteger('groups', groups, 1);
  const strides = pair('stride', options.stride ?? 1);
  const same = typeof padding === 'string' && padding.toLowerCase() === 'same';
  const dilations = same ? ([1, 1] as const) : pair('dilation', options.dilation ?? 1);
  const filters = weight as Tensor4D;
  const [, groupChannels, kernelHeight, kernelWidth] = filters.shape;
  return channelsFirst('conv2d', x, dataFormat, (images) => {
    const [, channels, height, width] = images.shape;
    if (channels !== groupChannels * groups) {
      throw new ShapeMismatchError(
        `conv2d with a weight [${weight.shape.join(', ')}] and ${groups} groups takes ${groupChannels * groups} channels, got ${channels} in an input [${x.shape.join(', ')}]`,
      );
    }
    const sides = sidesOf(padding, dataFormat, [height, width], [kernelHeight, kernelWidth], strides);
    const attributes = { strides, padding: sides, dilations, groups, channelsFirst: true };
    return convolution2d(images, filters, attributes, (bias as Tensor1D | null) ?? undefined);
  });
}
