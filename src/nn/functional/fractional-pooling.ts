/**
 * Fractional maximum pooling.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../../common/errors.js';
import { checkBoolean, checkOptions } from '../../common/options.js';
import { nextStream } from '../../common/random.js';
import { checkAxes } from './arguments.js';
import { pair, type Size2D } from './spatial.js';

/** Options of {@link fractionalMaxPool2d}. */
export interface FractionalMaxPool2DOptions {
  /** Height and width of a window, which may overlap others. @defaultValue windows that touch each other */
  readonly kernelSize?: Size2D | null;
  /** Where the windows begin, in (0, 1). @defaultValue drawn anew in each call */
  readonly randomU?: number | null;
  /** Return the indices of the maxima, too. @defaultValue false */
  readonly returnMask?: boolean;
}

/** Names of {@link FractionalMaxPool2DOptions}. */
export const fractionalOptionNames = ['kernelSize', 'randomU', 'returnMask'];

/** The windows along an axis (Graham, 2014): ends of whole numbers near multiples of a fraction. */
function spansOf(length: number, outputs: number, kernel: number, u: number): [begin: number, end: number][] {
  const alpha = (length - kernel) / (outputs - (kernel > 0 ? 1 : 0));
  let offset = u;
  if (kernel === 0) {
    const base = Math.floor(length / outputs);
    offset = u * Math.min((base + 2) / alpha - 1, (length + 1 - base) / alpha - (outputs - 1));
  }
  const start = (index: number) => Math.floor((index + offset) * alpha) - Math.floor(offset * alpha);
  return Array.from({ length: outputs }, (_, index) => {
    const begin = start(index);
    return [Math.max(begin, 0), Math.min(kernel > 0 ? begin + kernel : start(index + 1), length)];
  });
}

/**
 * Maximum of windows of two neighbouring sizes in a random order (Graham, 2014).
 *
 * @param x - images [N, C, H, W]
 * @param outputSize - height and width of the output; null keeps the input's
 * @returns [N, C, H', W']; with `returnMask` also the index of each maximum in its H x W plane, int32
 */
export function fractionalMaxPool2d(
  x: Tensor,
  outputSize: number | readonly [number | null, number | null],
  options: FractionalMaxPool2DOptions & { readonly returnMask: true },
): [Tensor, Tensor];
export function fractionalMaxPool2d(
  x: Tensor,
  outputSize: number | readonly [number | null, number | null],
  options?: FractionalMaxPool2DOptions & { readonly returnMask?: false },
): Tensor;
export function fractionalMaxPool2d(
  x: Tensor,
  outputSize: number | readonly [number | null, number | null],
  options?: FractionalMaxPool2DOptions,
): Tensor | [Tensor, Tensor];
export function fractionalMaxPool2d(
  x: Tensor,
  outputSize: number | readonly [number | null, number | null],
  options: FractionalMaxPool2DOptions = {},
): Tensor | [Tensor, Tensor] {
  checkOptions('fractionalMaxPool2d', options, fractionalOptionNames);
  checkAxes('fractionalMaxPool2d', 'images', x, [4]);
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  const wanted = typeof outputSize === 'number' ? [outputSize, outputSize] : outputSize;
  const [outHeight, outWidth] = pair('outputSize', [wanted[0] ?? height, wanted[1] ?? width]);
  const [kernelHeight, kernelWidth] = options.kernelSize == null ? [0, 0] : pair('kernelSize', options.kernelSize);
  const u = options.randomU ?? nextStream('dropout').uniform(2 ** -24, 1);
  if (!(u > 0 && u < 1)) throw new InvalidArgumentError(`randomU must lie between 0 and 1, got ${u}`);
  if (outHeight + kernelHeight > height + 1 || outWidth + kernelWidth > width + 1) {
    throw new InvalidArgumentError(
      `${outHeight} x ${outWidth} windows of ${kernelHeight} x ${kernelWidth} do not fit into ${height} x ${width}`,
    );
  }
  const returnMask = checkBoolean('returnMask', options.returnMask ?? false);
  const rows = spansOf(height, outHeight, kernelHeight, u);
  const columns = spansOf(width, outWidth, kernelWidth, u);
  const values = x.dataSync();
  const shape = [batch, channels, outHeight, outWidth] as [number, number, number, number];
  const indices = new Int32Array(batch * channels * outHeight * outWidth);
  let next = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    const at = (place: number) => values[plane * height * width + place] ?? NaN;
    for (const [top, bottom] of rows) {
      for (const [left, right] of columns) {
        let best = top * width + left;
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) {
            if (at(row * width + column) > at(best)) best = row * width + column;
          }
        }
        indices[next++] = best;
      }
    }
  }
  const count = outHeight * outWidth;
  const places = indices.map((place, position) => place + Math.floor(position / count) * height * width);
  const pick = tf.customGrad((...given) => {
    const [images] = given as unknown as [Tensor];
    const source = images.dataSync();
    return {
      value: tf.tensor(
        Float32Array.from(places, (place) => source[place] ?? 0),
        shape,
      ),
      gradFunc: (dy: Tensor) => {
        const sums = new Float32Array(batch * channels * height * width);
        dy.dataSync().forEach((value, position) => {
          const place = places[position] ?? 0;
          sums[place] = (sums[place] ?? 0) + value;
        });
        return tf.tensor(sums, [batch, channels, height, width]);
      },
    };
  });
  return tf.tidy((): Tensor | [Tensor, Tensor] =>
    returnMask ? [pick(x), tf.tensor(indices, shape, 'int32')] : pick(x),
  );
}
