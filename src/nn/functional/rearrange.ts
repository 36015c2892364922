/**
 * Functions that move elements of images between channels and places.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { checkChoice, checkInteger, checkNumber, checkOptions, describeValue } from '../../common/options.js';
import { convolution2d, type ConvolutionAttributes } from '../../engine/ops/convolution.js';
import { convolution2dTranspose } from '../../engine/ops/convolution-transpose.js';
import { checkAxes } from './arguments.js';
import { channelsLast, pair, type DataFormat, type Sides, type Size2D } from './spatial.js';

/** Options of functions that take images in either order of axes. */
export interface DataFormatOptions {
  /** Order of the axes of input and output. @defaultValue 'NCHW' */
  readonly dataFormat?: DataFormat;
}

/** Runs an operation on [N, C, H, W], whatever order the caller has the axes in. */
function channelsFirst(
  where: string,
  x: Tensor,
  options: DataFormatOptions,
  operation: (x: Tensor, shape: readonly [number, number, number, number]) => Tensor,
): Tensor {
  const format = checkChoice('dataFormat', options.dataFormat ?? 'NCHW', ['NCHW', 'NHWC']);
  checkAxes(where, 'images', x, [4]);
  return tf.tidy(() => {
    const image = format === 'NCHW' ? x : tf.transpose(x, [0, 3, 1, 2]);
    const y = operation(image, image.shape as [number, number, number, number]);
    return format === 'NCHW' ? y : tf.transpose(y, [0, 2, 3, 1]);
  });
}

/** Throws unless a length is a multiple. */
function checkMultiple(where: string, what: string, length: number, factor: number): void {
  if (length % factor === 0) return;
  throw new ShapeMismatchError(`${where} needs ${what} that ${factor} divides, got ${length}`);
}

/**
 * Moves channels into space: [N, C r², H, W] becomes [N, C, H r, W r] (Shi et al., 2016).
 *
 * @param upscaleFactor - r
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number, options: DataFormatOptions = {}): Tensor {
  checkOptions('pixelShuffle', options, ['dataFormat']);
  const r = checkInteger('upscaleFactor', upscaleFactor, 1);
  return channelsFirst('pixelShuffle', x, options, (image, [batch, channels, height, width]) => {
    checkMultiple('pixelShuffle', 'channels', channels, r * r);
    const cells = tf.reshape(image, [batch, channels / r ** 2, r, r, height, width]);
    return tf.reshape(tf.transpose(cells, [0, 1, 4, 2, 5, 3]), [batch, channels / r ** 2, height * r, width * r]);
  });
}

/**
 * Moves space into channels: [N, C, H r, W r] becomes [N, C r², H, W].
 *
 * @param downscaleFactor - r
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number, options: DataFormatOptions = {}): Tensor {
  checkOptions('pixelUnshuffle', options, ['dataFormat']);
  const r = checkInteger('downscaleFactor', downscaleFactor, 1);
  return channelsFirst('pixelUnshuffle', x, options, (image, [batch, channels, height, width]) => {
    checkMultiple('pixelUnshuffle', 'a height', height, r);
    checkMultiple('pixelUnshuffle', 'a width', width, r);
    const cells = tf.reshape(image, [batch, channels, height / r, r, width / r, r]);
    return tf.reshape(tf.transpose(cells, [0, 1, 3, 5, 2, 4]), [batch, channels * r ** 2, height / r, width / r]);
  });
}

/**
 * Takes channels of all groups in turn (Zhang et al., 2018).
 *
 * @param groups - number of groups, divides the channels
 */
export function channelShuffle(x: Tensor, groups: number, options: DataFormatOptions = {}): Tensor {
  checkOptions('channelShuffle', options, ['dataFormat']);
  checkInteger('groups', groups, 1);
  return channelsFirst('channelShuffle', x, options, (image, [batch, channels, height, width]) => {
    checkMultiple('channelShuffle', 'channels', channels, groups);
    const split = tf.reshape(image, [batch, groups, channels / groups, height, width]);
    return tf.reshape(tf.transpose(split, [0, 2, 1, 3, 4]), [batch, channels, height, width]);
  });
}

/** Options of {@link temporalShift}. */
export interface TemporalShiftOptions extends DataFormatOptions {
  /** Share of the channels that come from the frame before, and of those from the frame after. @defaultValue 0.25 */
  readonly shiftRatio?: number;
}

/**
 * Shifts a part of the channels along time (Lin et al., 2019).
 *
 * @param x - frames [N T, C, H, W]
 * @param segNum - frames T of a sequence
 */
export function temporalShift(x: Tensor, segNum: number, options: TemporalShiftOptions = {}): Tensor {
  checkOptions('temporalShift', options, ['shiftRatio', 'dataFormat']);
  checkInteger('segNum', segNum, 1);
  const ratio = checkNumber('shiftRatio', options.shiftRatio ?? 0.25, 0, 0.5);
  return channelsFirst('temporalShift', x, options, (image, [frames, channels, height, width]) => {
    checkMultiple('temporalShift', 'a number of frames', frames, segNum);
    const time = tf.reshape(image, [frames / segNum, segNum, channels, height * width]);
    const padded = tf.pad(time, [
      [0, 0],
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
    const before = Math.trunc(channels * ratio);
    const after = Math.trunc(channels * 2 * ratio);
    const part = (source: Tensor, first: number, from: number, to: number) =>
      tf.slice(source, [0, first, from, 0], [frames / segNum, segNum, to - from, height * width]);
    const parts = [part(padded, 0, 0, before), part(padded, 2, before, after), part(time, 0, after, channels)];
    return tf.reshape(tf.concat(parts, 2), [frames, channels, height, width]);
  });
}

/** Options of {@link unfold} and {@link fold}. */
export interface FoldOptions {
  /** Steps in height and width. @defaultValue 1 */
  readonly strides?: Size2D;
  /** Zeros around the image: a number, [height, width], or [top, left, bottom, right]. @defaultValue 0 */
  readonly paddings?: Size2D | readonly [top: number, left: number, bottom: number, right: number];
  /** Distances between taps. @defaultValue 1 */
  readonly dilations?: Size2D;
}

/** Names of {@link FoldOptions}. */
export const foldOptionNames = ['strides', 'paddings', 'dilations'];

function foldSides(paddings: FoldOptions['paddings'] = 0): Sides {
  if (Array.isArray(paddings) && paddings.length === 4) {
    const [top, left, bottom, right] = paddings.map((length, side) => checkInteger(`paddings[${side}]`, length, 0));
    return [top ?? 0, bottom ?? 0, left ?? 0, right ?? 0];
  }
  const [height, width] = pair('paddings', paddings as Size2D, 0);
  return [height, height, width, width];
}

/** The windows as a convolution of each channel, and filters that each pick one element of a window. */
function windowsOf(channels: number, kernelSizes: Size2D, options: FoldOptions) {
  const [height, width] = pair('kernelSizes', kernelSizes);
  const taps = height * width;
  const attributes: ConvolutionAttributes = {
    strides: pair('strides', options.strides ?? 1),
    padding: foldSides(options.paddings),
    dilations: pair('dilations', options.dilations ?? 1),
    groups: channels,
  };
  const picks: Tensor4D = tf.tile(tf.reshape(tf.eye(taps), [height, width, 1, taps]), [1, 1, 1, channels]);
  return { taps, attributes, picks };
}

/**
 * The windows of images as columns.
 *
 * @param x - images [N, C, H, W]
 * @param kernelSizes - height and width of a window
 * @returns [N, C kh kw, L], where L is the number of windows
 */
export function unfold(x: Tensor, kernelSizes: Size2D, options: FoldOptions = {}): Tensor {
  checkOptions('unfold', options, foldOptionNames);
  return tf.tidy(() => {
    const columns = channelsLast('unfold', x, 'NCHW', (image) => {
      const { attributes, picks } = windowsOf(image.shape[3], kernelSizes, options);
      return convolution2d(image, picks, attributes);
    });
    return tf.reshape(columns, [columns.shape[0], columns.shape[1], columns.shape[2] * columns.shape[3]]);
  });
}

/**
 * Adds up windows to images: what {@link unfold} took apart, with elements of several windows summed.
 *
 * @param x - columns [N, C kh kw, L]
 * @param outputSizes - height and width of the images
 * @param kernelSizes - height and width of a window
 * @returns [N, C, H, W]
 */
export function fold(x: Tensor, outputSizes: Size2D, kernelSizes: Size2D, options: FoldOptions = {}): Tensor {
  checkOptions('fold', options, foldOptionNames);
  checkAxes('fold', 'columns', x, [3]);
  const [height, width] = pair('outputSizes', outputSizes);
  const kernel = pair('kernelSizes', kernelSizes);
  const [batch = 0, rows = 0, count = 0] = x.shape;
  checkMultiple('fold', 'rows', rows, kernel[0] * kernel[1]);
  const channels = rows / (kernel[0] * kernel[1]);
  return tf.tidy(() => {
    const { attributes, picks } = windowsOf(channels, kernelSizes, options);
    const { strides, padding, dilations } = attributes;
    const windows = [0, 1].map((axis) => {
      const space = [height, width][axis]! + padding[2 * axis]! + padding[2 * axis + 1]!;
      return Math.floor((space - dilations[axis]! * (kernel[axis]! - 1) - 1) / strides[axis]!) + 1;
    }) as [number, number];
    if (windows[0] * windows[1] !== count) {
      throw new InvalidArgumentError(
        `fold into ${height} x ${width} needs ${windows.join(' x ')} windows, got ${describeValue(x)}`,
      );
    }
    return channelsLast('fold', tf.reshape(x, [batch, rows, ...windows]), 'NCHW', (image) =>
      convolution2dTranspose(image, picks, [batch, height, width, channels], attributes),
    );
  });
}
