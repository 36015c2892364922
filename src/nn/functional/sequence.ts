/**
 * One-dimensional convolution and pooling: those of images that are one row high.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../../common/errors.js';
import { checkChoice, checkInteger, checkOptions, describeValue } from '../../common/options.js';
import { checkAxes } from './arguments.js';
import { conv2dTranspose } from './conv-transpose.js';
import { conv2d } from './conv.js';
import { adaptiveAvgPool2d, adaptiveMaxPool2d, avgPool2d, maxPool2d } from './pooling.js';
import type { DataFormat, Padding2D } from './spatial.js';

/** Order of the axes of a batch of sequences. */
export type DataFormat1D = 'NCL' | 'NLC';

/** A length, alone or in an array. */
export type Size1D = number | readonly [number];

/** Elements added at both ends: a number, `[both]`, `[left, right]`, a pair for each axis, 'same' or 'valid'. */
export type Padding1D =
  number | readonly number[] | readonly (readonly [number, number])[] | 'same' | 'valid' | 'SAME' | 'VALID';

/** The length that a {@link Size1D} stands for. */
export function lengthOf(name: string, size: Size1D, minimum = 1): number {
  if (typeof size === 'number') return checkInteger(name, size, minimum);
  if (Array.isArray(size) && size.length === 1) return checkInteger(`${name}[0]`, size[0], minimum);
  throw new InvalidArgumentError(`${name} must be an integer, got ${describeValue(size)}`);
}

/** The padding of an image of one row. */
function rowPadding(padding: Padding1D, dataFormat: DataFormat1D): Padding2D {
  if (typeof padding === 'string') return padding;
  if (typeof padding === 'number') return [0, 0, padding, padding];
  const items = padding as readonly (number | readonly number[])[];
  if (items.every((item) => typeof item === 'number')) {
    if (items.length === 1) return [0, 0, items[0] ?? 0, items[0] ?? 0];
    if (items.length === 2) return [0, 0, items[0] ?? 0, items[1] ?? 0];
  }
  const axis = dataFormat === 'NCL' ? 2 : 1;
  const ends = items[axis];
  const others = items.filter((_, index) => index !== axis).flat();
  if (items.length === 3 && typeof ends === 'object' && others.every((length) => length === 0)) return [0, 0, ...ends];
  throw new InvalidArgumentError(
    `padding must be an integer, [both], [left, right], a pair for each axis of the input with zeros for the batch and the channels, 'same' or 'valid', got ${describeValue(padding)}`,
  );
}

/** Runs an operation of images on sequences. */
function asImages<T extends Tensor | [Tensor, Tensor]>(
  where: string,
  x: Tensor,
  dataFormat: DataFormat1D,
  operation: (image: Tensor, dataFormat: DataFormat) => T,
): T {
  checkChoice('dataFormat', dataFormat, ['NCL', 'NLC']);
  checkAxes(where, 'a sequence', x, [3]);
  const axis = dataFormat === 'NCL' ? 2 : 1;
  return tf.tidy(() => {
    const result = operation(tf.expandDims(x, axis), dataFormat === 'NCL' ? 'NCHW' : 'NHWC');
    if (result instanceof tf.Tensor) return tf.squeeze(result, [axis]) as T;
    return (result as Tensor[]).map((y) => tf.squeeze(y, [axis])) as T;
  });
}

/** Options of {@link conv1d}. */
export interface Conv1DFunctionOptions {
  /** Added to each output channel, [out]. @defaultValue null */
  readonly bias?: Tensor | null;
  /** Step. @defaultValue 1 */
  readonly stride?: Size1D;
  /** Zeros at both ends. @defaultValue 0 */
  readonly padding?: Padding1D;
  /** Distance between taps. @defaultValue 1 */
  readonly dilation?: Size1D;
  /** Number of groups that the channels fall into. @defaultValue 1 */
  readonly groups?: number;
  /** Order of the axes of input and output. @defaultValue 'NCL' */
  readonly dataFormat?: DataFormat1D;
}

/**
 * One-dimensional convolution (cross-correlation).
 *
 * @param x - [N, C, L]
 * @param weight - filters [out, C / groups, k]
 * @returns [N, out, L']
 */
export function conv1d(x: Tensor, weight: Tensor, options: Conv1DFunctionOptions = {}): Tensor {
  checkOptions('conv1d', options, ['bias', 'stride', 'padding', 'dilation', 'groups', 'dataFormat']);
  const { bias = null, padding = 0, groups = 1, dataFormat: format = 'NCL' } = options;
  const stride = lengthOf('stride', options.stride ?? 1);
  const dilation = lengthOf('dilation', options.dilation ?? 1);
  checkAxes('conv1d', 'a weight', weight, [3]);
  return asImages('conv1d', x, format, (image, dataFormat) =>
    conv2d(image, tf.expandDims(weight, 2), {
      bias,
      stride: [1, stride],
      padding: rowPadding(padding, format),
      dilation: [1, dilation],
      groups,
      dataFormat,
    }),
  );
}

/** Options of {@link conv1dTranspose}. */
export interface Conv1DTransposeFunctionOptions extends Conv1DFunctionOptions {
  /** Elements added at the end. @defaultValue 0 */
  readonly outputPadding?: Size1D;
  /** Length of the output, in the place of `outputPadding`. @defaultValue null */
  readonly outputSize?: Size1D | null;
}

/**
 * Transposed one-dimensional convolution, see {@link conv2dTranspose}.
 *
 * @param x - [N, C, L]
 * @param weight - filters [C, out / groups, k]
 * @returns [N, out, L']
 */
export function conv1dTranspose(x: Tensor, weight: Tensor, options: Conv1DTransposeFunctionOptions = {}): Tensor {
  checkOptions('conv1dTranspose', options, [
    'bias',
    'stride',
    'padding',
    'outputPadding',
    'groups',
    'dilation',
    'outputSize',
    'dataFormat',
  ]);
  const { bias = null, padding = 0, groups = 1, outputSize = null, dataFormat: format = 'NCL' } = options;
  const stride = lengthOf('stride', options.stride ?? 1);
  const dilation = lengthOf('dilation', options.dilation ?? 1);
  const outputPadding = lengthOf('outputPadding', options.outputPadding ?? 0, 0);
  checkAxes('conv1dTranspose', 'a weight', weight, [3]);
  return asImages('conv1dTranspose', x, format, (image, dataFormat) =>
    conv2dTranspose(image, tf.expandDims(weight, 2), {
      bias,
      stride: [1, stride],
      padding: rowPadding(padding, format),
      outputPadding: [0, outputPadding],
      dilation: [1, dilation],
      groups,
      outputSize: outputSize === null ? null : [1, lengthOf('outputSize', outputSize)],
      dataFormat,
    }),
  );
}

/** Options of {@link maxPool1d} without `returnMask`. */
export interface Pooling1DOptions {
  /** Step. @defaultValue the kernel size */
  readonly stride?: Size1D | null;
  /** Elements added at both ends. @defaultValue 0 */
  readonly padding?: Padding1D;
  /** Round the output size up instead of down. @defaultValue false */
  readonly ceilMode?: boolean;
}

/** Options of {@link maxPool1d}. */
export interface MaxPool1DFunctionOptions extends Pooling1DOptions {
  /** Return the indices of the maxima, too. @defaultValue false */
  readonly returnMask?: boolean;
}

/** Options of {@link avgPool1d}. */
export interface AvgPool1DFunctionOptions extends Pooling1DOptions {
  /** Divide by the number of elements inside the sequence, not by the window's size. @defaultValue true */
  readonly exclusive?: boolean;
}

/** Kernel, stride and padding of windows in an image of one row. */
export function rowWindows(kernelSize: Size1D, { stride, padding = 0, ceilMode = false }: Pooling1DOptions) {
  const length = lengthOf('kernelSize', kernelSize);
  return {
    kernel: [1, length] as const,
    options: {
      stride: [1, lengthOf('stride', stride ?? length)] as const,
      padding: rowPadding(padding, 'NCL'),
      ceilMode,
    },
  };
}

/**
 * Maximum of each window.
 *
 * @param x - [N, C, L]
 * @returns [N, C, L']; with `returnMask` also the index of each maximum, int32
 */
export function maxPool1d(
  x: Tensor,
  kernelSize: Size1D,
  options: MaxPool1DFunctionOptions & { readonly returnMask: true },
): [Tensor, Tensor];
export function maxPool1d(
  x: Tensor,
  kernelSize: Size1D,
  options?: MaxPool1DFunctionOptions & { readonly returnMask?: false },
): Tensor;
export function maxPool1d(x: Tensor, kernelSize: Size1D, options?: MaxPool1DFunctionOptions): Tensor | [Tensor, Tensor];
export function maxPool1d(
  x: Tensor,
  kernelSize: Size1D,
  options: MaxPool1DFunctionOptions = {},
): Tensor | [Tensor, Tensor] {
  checkOptions('maxPool1d', options, ['stride', 'padding', 'ceilMode', 'returnMask']);
  const { kernel, options: windows } = rowWindows(kernelSize, options);
  const { returnMask = false } = options;
  return asImages<Tensor | [Tensor, Tensor]>('maxPool1d', x, 'NCL', (image) =>
    maxPool2d(image, kernel, { ...windows, returnMask }),
  );
}

/**
 * Mean of each window.
 *
 * @param x - [N, C, L]
 * @returns [N, C, L']
 */
export function avgPool1d(x: Tensor, kernelSize: Size1D, options: AvgPool1DFunctionOptions = {}): Tensor {
  checkOptions('avgPool1d', options, ['stride', 'padding', 'ceilMode', 'exclusive']);
  const { kernel, options: windows } = rowWindows(kernelSize, options);
  const { exclusive = true } = options;
  return asImages('avgPool1d', x, 'NCL', (image) => avgPool2d(image, kernel, { ...windows, exclusive }));
}

/** Means of windows that cover [N, C, L] as evenly as possible, see {@link adaptiveAvgPool2d}. */
export function adaptiveAvgPool1d(x: Tensor, outputSize: Size1D): Tensor {
  const length = lengthOf('outputSize', outputSize);
  return asImages('adaptiveAvgPool1d', x, 'NCL', (image) => adaptiveAvgPool2d(image, [1, length]));
}

/** Maxima of the windows of {@link adaptiveAvgPool1d}; with `returnMask` also their indices, int32. */
export function adaptiveMaxPool1d(
  x: Tensor,
  outputSize: Size1D,
  options: { readonly returnMask: true },
): [Tensor, Tensor];
export function adaptiveMaxPool1d(x: Tensor, outputSize: Size1D, options?: { readonly returnMask?: false }): Tensor;
export function adaptiveMaxPool1d(
  x: Tensor,
  outputSize: Size1D,
  options?: { readonly returnMask?: boolean },
): Tensor | [Tensor, Tensor];
export function adaptiveMaxPool1d(
  x: Tensor,
  outputSize: Size1D,
  options: { readonly returnMask?: boolean } = {},
): Tensor | [Tensor, Tensor] {
  checkOptions('adaptiveMaxPool1d', options, ['returnMask']);
  const length = lengthOf('outputSize', outputSize);
  return asImages<Tensor | [Tensor, Tensor]>('adaptiveMaxPool1d', x, 'NCL', (image) =>
    adaptiveMaxPool2d(image, [1, length], options),
  );
}
