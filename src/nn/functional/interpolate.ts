/**
 * Resizing of images and sequences.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../../common/errors.js';
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { checkAxes } from './arguments.js';
import type { DataFormat } from './spatial.js';

/** How values between elements are found. */
export type InterpolationMode = 'nearest' | 'linear' | 'bilinear' | 'bicubic' | 'area';

/** Options of {@link interpolate}. */
export interface InterpolateOptions {
  /** Lengths of the axes of space. @defaultValue null: `scaleFactor` gives them */
  readonly size?: number | readonly number[] | null;
  /** Factors on these lengths, in the place of `size`. @defaultValue null */
  readonly scaleFactor?: number | readonly number[] | null;
  /** How values between elements are found. @defaultValue 'nearest' */
  readonly mode?: InterpolationMode;
  /** The centres of the first and last elements stay where they are; else the outer edges. @defaultValue false */
  readonly alignCorners?: boolean;
  /** 1: linear modes measure from the first element instead of its edge. @defaultValue 0 */
  readonly alignMode?: 0 | 1;
  /** Order of the axes. @defaultValue channels second */
  readonly dataFormat?: 'NCL' | 'NCW' | 'NLC' | 'NWC' | DataFormat | null;
}

/** Names of {@link InterpolateOptions}. */
export const interpolateOptionNames = ['size', 'scaleFactor', 'mode', 'alignCorners', 'alignMode', 'dataFormat'];

/** Where along an axis an output element looks, as indices and weights of input elements. */
type Taps = readonly (readonly [index: number, weight: number])[];

/** Weights of four neighbours at a distance t from the second (Keys, 1981, with a = -0.75 as in OpenCV). */
function cubicWeights(t: number): number[] {
  const a = -0.75;
  const near = (x: number) => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)];
}

function tapsOf(place: number, length: number, step: number, outputs: number, options: InterpolateOptions): Taps {
  const { mode = 'nearest', alignCorners = false, alignMode = 0 } = options;
  const inside = (index: number) => Math.min(Math.max(index, 0), length - 1);
  if (mode === 'area') {
    const [start, end] = [Math.floor((place * length) / outputs), Math.ceil(((place + 1) * length) / outputs)];
    return Array.from({ length: end - start }, (_, offset) => [start + offset, 1 / (end - start)] as const);
  }
  if (mode === 'nearest') return [[inside(Math.floor(step * place + (alignCorners ? 0.5 : 0))), 1]];
  const centred = step * (place + 0.5) - 0.5;
  if (mode === 'bicubic') {
    const at = alignCorners ? step * place : centred;
    const first = Math.floor(at);
    return cubicWeights(at - first).map((weight, offset) => [inside(first - 1 + offset), weight] as const);
  }
  const at = alignCorners || alignMode === 1 ? step * place : Math.max(centred, 0);
  const first = inside(Math.floor(at));
  const share = at - first;
  return [
    [first, 1 - share],
    [inside(first + 1), share],
  ];
}

/** The distance of output elements, measured in input elements. */
function stepOf(length: number, outputs: number, factor: number | undefined, alignCorners: boolean): number {
  if (alignCorners) return outputs > 1 ? (length - 1) / (outputs - 1) : 0;
  return factor === undefined ? length / outputs : 1 / factor;
}

/** A matrix [outputs, length] that resizes an axis. */
function resizingMatrix(
  length: number,
  outputs: number,
  factor: number | undefined,
  options: InterpolateOptions,
): Tensor {
  const matrix = new Float32Array(outputs * length);
  const step = Math.fround(stepOf(length, outputs, factor, options.alignCorners ?? false));
  for (let place = 0; place < outputs; place++) {
    for (const [index, weight] of tapsOf(place, length, step, outputs, options)) {
      const position = place * length + index;
      matrix[position] = (matrix[position] ?? 0) + weight;
    }
  }
  return tf.tensor2d(matrix, [outputs, length]);
}

/** One number for each axis of space, or undefined. */
function perAxis(
  name: string,
  value: number | readonly number[] | null | undefined,
  axes: number,
): number[] | undefined {
  if (value === null || value === undefined) return undefined;
  const values = typeof value === 'number' ? Array.from({ length: axes }, () => value) : [...value];
  if (values.length === axes) return values;
  throw new InvalidArgumentError(`${name} must hold a number for each of ${axes} axes, got ${values.length}`);
}

/**
 * Resizes sequences [N, C, L] or images [N, C, H, W]. An axis is resized by a matrix product.
 *
 * 'linear' is for sequences, 'bilinear' and 'bicubic' are for images, 'nearest' and 'area' for both.
 */
export function interpolate(x: Tensor, options: InterpolateOptions = {}): Tensor {
  checkOptions('interpolate', options, interpolateOptionNames);
  checkAxes('interpolate', 'an input', x, [3, 4]);
  const image = x.rank === 4;
  const modes: InterpolationMode[] = image ? ['nearest', 'bilinear', 'bicubic', 'area'] : ['nearest', 'linear', 'area'];
  const mode = checkChoice('mode', options.mode ?? 'nearest', modes);
  const alignCorners = checkBoolean('alignCorners', options.alignCorners ?? false);
  if (options.alignMode !== undefined && options.alignMode !== 0 && options.alignMode !== 1) {
    throw new InvalidArgumentError(`alignMode must be 0 or 1, got ${String(options.alignMode)}`);
  }
  if (alignCorners && mode === 'nearest') {
    throw new InvalidArgumentError("alignCorners must be false with mode 'nearest'");
  }
  const first = options.dataFormat?.endsWith('C') ? 1 : 2;
  const lengths = x.shape.slice(first, first + x.rank - 2);
  const size = perAxis('size', options.size, lengths.length);
  const factors = size ? undefined : perAxis('scaleFactor', options.scaleFactor, lengths.length);
  if (!size && !factors) throw new InvalidArgumentError('interpolate needs a size or a scaleFactor');
  const outputs = lengths.map((length, axis) => {
    const factor = factors?.[axis];
    if (factor !== undefined && checkNumber('scaleFactor', factor) <= 0) {
      throw new InvalidArgumentError(`scaleFactor must be greater than 0, got ${factor}`);
    }
    return checkInteger('size', size?.[axis] ?? Math.trunc(length * (factor ?? 1)), 1);
  });
  return tf.tidy(() => {
    let resized = tf.clone(x);
    for (const [index, length] of lengths.entries()) {
      const axis = first + index;
      const wanted = outputs[index] ?? length;
      const matrix = resizingMatrix(length, wanted, factors?.[index], options);
      const before = resized.shape.slice(0, axis);
      const after = resized.shape.slice(axis + 1);
      const blocks = before.reduce((product, one) => product * one, 1);
      const rest = after.reduce((product, one) => product * one, 1);
      const product = tf.matMul(tf.reshape(matrix, [1, wanted, length]), tf.reshape(resized, [blocks, length, rest]));
      resized = tf.reshape(product, [...before, wanted, ...after]);
    }
    return resized;
  });
}

/** Another name of {@link interpolate}. */
export function upsample(x: Tensor, options: InterpolateOptions = {}): Tensor {
  return interpolate(x, options);
}
