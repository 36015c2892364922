/**
 * Transposed convolution.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { checkInteger, checkOptions } from '../../common/options.js';
import { convolution2dTranspose } from '../../engine/ops/convolution-transpose.js';
import { channelsLast, pair, sidesOf, type DataFormat, type Padding2D, type Size2D } from './spatial.js';

/** Options of {@link conv2dTranspose}. */
export interface Conv2DTransposeFunctionOptions {
  /** Added to each output channel, [out]. @defaultValue null */
  readonly bias?: Tensor | null;
  /** Distances of the windows in the output. @defaultValue 1 */
  readonly stride?: Size2D;
  /** Rows and columns cut off around the output. @defaultValue 0 */
  readonly padding?: Padding2D;
  /** Rows and columns added at the bottom and at the right. @defaultValue 0 */
  readonly outputPadding?: Size2D;
  /** Distances between taps. @defaultValue 1 */
  readonly dilation?: Size2D;
  /** Number of groups that the channels fall into. @defaultValue 1 */
  readonly groups?: number;
  /** Height and width of the output, in the place of `outputPadding`. @defaultValue null */
  readonly outputSize?: Size2D | null;
  /** Order of the axes of input and output. @defaultValue 'NCHW' */
  readonly dataFormat?: DataFormat;
}

/** Length of an axis of the output, between what the stride makes equal. */
function outputLength(plain: number, stride: number, extra: number, wanted: number | undefined, axis: string): number {
  if (wanted === undefined) return plain + extra;
  if (wanted >= plain && wanted < plain + stride) return wanted;
  throw new InvalidArgumentError(
    `outputSize of the ${axis} must be at least ${plain} and less than ${plain + stride}, got ${wanted}`,
  );
}

/**
 * Transposed two-dimensional convolution: the gradient of a convolution by its input.
 *
 * @param x - images [N, C, H, W]
 * @param weight - filters [C, out / groups, kh, kw]
 * @returns [N, out, H', W'] with `H' = (H - 1) stride - padding + dilation (kh - 1) + 1 + outputPadding`
 * @throws `ShapeMismatchError` when channels do not fit
 */
export function conv2dTranspose(x: Tensor, weight: Tensor, options: Conv2DTransposeFunctionOptions = {}): Tensor {
  checkOptions('conv2dTranspose', options, [
    'bias',
    'stride',
    'padding',
    'outputPadding',
    'dilation',
    'groups',
    'outputSize',
    'dataFormat',
  ]);
  const { bias = null, padding = 0, groups = 1, outputSize = null, dataFormat = 'NCHW' } = options;
  checkInteger('groups', groups, 1);
  const strides = pair('stride', options.stride ?? 1);
  const extra = pair('outputPadding', options.outputPadding ?? 0, 0);
  const same = typeof padding === 'string' && padding.toLowerCase() === 'same';
  const dilations = same ? ([1, 1] as const) : pair('dilation', options.dilation ?? 1);
  const wanted = outputSize === null ? undefined : pair('outputSize', outputSize);
  if (wanted && extra.some((length) => length > 0)) {
    throw new InvalidArgumentError('outputPadding and outputSize exclude each other, got both');
  }
  return tf.tidy(() => {
    const filter: Tensor4D = tf.transpose(weight as Tensor4D, [2, 3, 1, 0]);
    const [kernelHeight, kernelWidth, groupOutputs, inputs] = filter.shape;
    return channelsLast('conv2dTranspose', x, dataFormat, (image) => {
      const [batch, height, width, channels] = image.shape;
      if (channels !== inputs || inputs % groups !== 0) {
        throw new ShapeMismatchError(
          `conv2dTranspose with a weight [${weight.shape.join(', ')}] and ${groups} groups takes ${inputs} channels, got ${channels} in an input [${x.shape.join(', ')}]`,
        );
      }
      const sides = sidesOf(padding, dataFormat, [height, width], [kernelHeight, kernelWidth], strides);
      const plain = (length: number, axis: 0 | 1, kernel: number) =>
        (length - 1) * strides[axis] - sides[2 * axis]! - sides[2 * axis + 1]! + (kernel - 1) * dilations[axis] + 1;
      const shape = [
        batch,
        outputLength(plain(height, 0, kernelHeight), strides[0], extra[0], wanted?.[0], 'height'),
        outputLength(plain(width, 1, kernelWidth), strides[1], extra[1], wanted?.[1], 'width'),
        groupOutputs * groups,
      ] as const;
      const y = convolution2dTranspose(image, filter, shape, { strides, padding: sides, dilations, groups });
      return bias ? tf.add<Tensor4D>(y, bias) : y;
    });
  });
}
