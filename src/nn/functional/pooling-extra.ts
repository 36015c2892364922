/**
 * Pooling by norms, and the way back from maxima.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, OutOfRangeError, ShapeMismatchError } from '../../common/errors.js';
import { sameShape } from '../../common/ndarray.js';
import { checkChoice, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { checkAxes } from './arguments.js';
import { avgPool2d, maxPool2d, type PoolingOptions } from './pooling.js';
import { lengthOf, rowWindows, type DataFormat1D, type Pooling1DOptions, type Size1D } from './sequence.js';
import { pair, type DataFormat, type Size2D } from './spatial.js';

/** Options of {@link lpPool2d}. */
export type LpPool2DOptions = PoolingOptions;

/**
 * `(sum(x^p))^(1 / p)` of each window.
 *
 * @param x - images [N, C, H, W]
 * @param normType - p, not 0; infinite for the maximum
 * @param kernelSize - height and width of a window
 */
export function lpPool2d(x: Tensor, normType: number, kernelSize: Size2D, options: LpPool2DOptions = {}): Tensor {
  checkOptions('lpPool2d', options, ['stride', 'padding', 'ceilMode', 'dataFormat']);
  if (normType === Infinity) return maxPool2d(x, kernelSize, options);
  if (checkNumber('normType', normType) === 0) throw new InvalidArgumentError('normType must not be 0');
  return tf.tidy(() => {
    const powers = normType === 1 ? x : normType === 2 ? tf.square(x) : tf.pow(x, normType);
    const sums = avgPool2d(powers, kernelSize, { ...options, divisorOverride: 1 });
    if (normType === 1) return sums;
    // At 0 the root has no slope that a float could hold.
    const present = tf.cast(tf.notEqual(sums, 0), 'float32');
    const safe = tf.add(sums, tf.mul(tf.sub(1, present), 1e-30));
    return tf.mul(normType === 2 ? tf.sqrt(safe) : tf.pow(safe, 1 / normType), present);
  });
}

/** Options of {@link lpPool1d}. */
export interface LpPool1DOptions extends Pooling1DOptions {
  /** Order of the axes of input and output. @defaultValue 'NCL' */
  readonly dataFormat?: DataFormat1D;
}

/** `(sum(x^p))^(1 / p)` of each window of [N, C, L], see {@link lpPool2d}. */
export function lpPool1d(x: Tensor, normType: number, kernelSize: Size1D, options: LpPool1DOptions = {}): Tensor {
  checkOptions('lpPool1d', options, ['stride', 'padding', 'ceilMode', 'dataFormat']);
  const format = checkChoice('dataFormat', options.dataFormat ?? 'NCL', ['NCL', 'NLC']);
  checkAxes('lpPool1d', 'a sequence', x, [3]);
  const { kernel, options: windows } = rowWindows(kernelSize, options);
  const axis = format === 'NCL' ? 2 : 1;
  const dataFormat = format === 'NCL' ? 'NCHW' : 'NHWC';
  return tf.tidy(() =>
    tf.squeeze(lpPool2d(tf.expandDims(x, axis), normType, kernel, { ...windows, dataFormat }), [axis]),
  );
}

/** Options of {@link maxUnpool2d}. */
export interface MaxUnpool2DOptions {
  /** Steps of the pooling. @defaultValue the kernel size */
  readonly stride?: Size2D | null;
  /** Padding of the pooling. @defaultValue 0 */
  readonly padding?: Size2D;
  /** The only order of axes. @defaultValue 'NCHW' */
  readonly dataFormat?: 'NCHW';
  /** Height and width of the output, perhaps with the lengths of the other axes before. @defaultValue what the pooling takes at least */
  readonly outputSize?: readonly number[] | null;
}

/** Places each plane of values into a plane of zeros, by index. */
function scatterPlanes(x: Tensor, indices: Tensor, height: number, width: number): Tensor {
  const [batch = 0, channels = 0, ...places] = x.shape;
  const count = places.reduce((product, length) => product * length, 1);
  const places32 = Int32Array.from(indices.dataSync(), (index, position) => {
    if (index >= 0 && index < height * width) {
      return index + Math.floor(position / count) * height * width;
    }
    throw new OutOfRangeError(`index ${index} at position ${position} lies outside the output of ${height} x ${width}`);
  });
  const shape = x.shape;
  const compute = tf.customGrad((...given) => {
    const [values] = given as unknown as [Tensor];
    const target = new Float32Array(batch * channels * height * width);
    values.dataSync().forEach((value, position) => (target[places32[position] ?? 0] = value));
    return {
      value: tf.tensor(target, [batch, channels, height, width]),
      gradFunc: (dy: Tensor) => {
        const gradients = dy.dataSync();
        return tf.tensor(
          Float32Array.from(places32, (place) => gradients[place] ?? 0),
          shape,
        );
      },
    };
  });
  return compute(x);
}

/**
 * Puts maxima back to where `maxPool2d` with `returnMask` found them; all else is 0.
 *
 * @param x - maxima [N, C, H, W]
 * @param indices - their places in the planes of the output, int32 of the shape of x
 * @param kernelSize - height and width of the windows of the pooling
 * @returns [N, C, H', W'] with `H' = (H - 1) stride - 2 padding + kernel`
 * @throws `OutOfRangeError` for an index outside the output
 */
export function maxUnpool2d(x: Tensor, indices: Tensor, kernelSize: Size2D, options: MaxUnpool2DOptions = {}): Tensor {
  checkOptions('maxUnpool2d', options, ['stride', 'padding', 'dataFormat', 'outputSize']);
  checkChoice('dataFormat', options.dataFormat ?? 'NCHW', ['NCHW'] satisfies DataFormat[]);
  checkAxes('maxUnpool2d', 'maxima', x, [4]);
  if (!sameShape(x.shape, indices.shape)) {
    throw new ShapeMismatchError(
      `maxUnpool2d needs an index for each element of [${x.shape.join(', ')}], got shape [${indices.shape.join(', ')}]`,
    );
  }
  const kernel = pair('kernelSize', kernelSize);
  const strides = pair('stride', options.stride ?? kernelSize);
  const padding = pair('padding', options.padding ?? 0, 0);
  const plain = [0, 1].map((axis) => (x.shape[2 + axis]! - 1) * strides[axis]! - 2 * padding[axis]! + kernel[axis]!);
  const wanted = options.outputSize?.slice(-2) ?? plain;
  const [height, width] = wanted.map((length, axis) => {
    const least = plain[axis]! - strides[axis]!;
    if (length > least && length < plain[axis]! + strides[axis]!) return checkInteger('outputSize', length, 1);
    throw new InvalidArgumentError(
      `outputSize must lie between ${least} and ${plain[axis]! + strides[axis]!}, got ${length}`,
    );
  }) as [number, number];
  return scatterPlanes(x, indices, height, width);
}

/** Options of {@link maxUnpool1d}. */
export interface MaxUnpool1DOptions {
  /** Step of the pooling. @defaultValue the kernel size */
  readonly stride?: Size1D | null;
  /** Padding of the pooling. @defaultValue 0 */
  readonly padding?: Size1D;
  /** The only order of axes. @defaultValue 'NCL' */
  readonly dataFormat?: 'NCL';
  /** Length of the output, perhaps with those of the other axes before. @defaultValue what the pooling takes at least */
  readonly outputSize?: readonly number[] | null;
}

/** Puts maxima of [N, C, L] back to where `maxPool1d` with `returnMask` found them, see {@link maxUnpool2d}. */
export function maxUnpool1d(x: Tensor, indices: Tensor, kernelSize: Size1D, options: MaxUnpool1DOptions = {}): Tensor {
  checkOptions('maxUnpool1d', options, ['stride', 'padding', 'dataFormat', 'outputSize']);
  checkChoice('dataFormat', options.dataFormat ?? 'NCL', ['NCL']);
  checkAxes('maxUnpool1d', 'maxima', x, [3]);
  const kernel = lengthOf('kernelSize', kernelSize);
  const stride = lengthOf('stride', options.stride ?? kernel);
  const padding = lengthOf('padding', options.padding ?? 0, 0);
  const outputSize = options.outputSize ? [1, options.outputSize.at(-1) ?? 0] : null;
  return tf.tidy(() => {
    const rows = tf.expandDims(x, 2);
    const places = tf.expandDims(indices, 2);
    return tf.squeeze(
      maxUnpool2d(rows, places, [1, kernel], { stride: [1, stride], padding: [0, padding], outputSize }),
      [2],
    );
  });
}
