/**
 * Sampling of images at places of a grid.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { checkBoolean, checkChoice, checkInteger, checkOptions } from '../../common/options.js';

/** Coordinates of the centres of pixels along an axis, from -1 to 1. */
function centres(length: number, alignCorners: boolean): Tensor {
  const values = Float32Array.from({ length }, (_, index) =>
    alignCorners ? (length > 1 ? (2 * index) / (length - 1) - 1 : -1) : (2 * index + 1) / length - 1,
  );
  return tf.tensor1d(values);
}

/**
 * The places that affine maps take the pixels of an output to (Jaderberg et al., 2015), for {@link gridSample}.
 *
 * @param theta - maps [N, 2, 3]
 * @param outShape - [N, C, H, W] of the output
 * @param options - `alignCorners`: whether -1 and 1 are the centres of the outer pixels, not their edges. @defaultValue true
 * @returns [N, H, W, 2], x before y
 */
export function affineGrid(
  theta: Tensor,
  outShape: readonly number[],
  options: { readonly alignCorners?: boolean } = {},
): Tensor {
  checkOptions('affineGrid', options, ['alignCorners']);
  const align = checkBoolean('alignCorners', options.alignCorners ?? true);
  const [batch, , height = 0, width = 0] = outShape.map((length, axis) => checkInteger(`outShape[${axis}]`, length, 1));
  if (theta.rank !== 3 || theta.shape[0] !== batch || theta.shape[1] !== 2 || outShape.length !== 4) {
    throw new ShapeMismatchError(
      `affineGrid takes maps [N, 2, 3] and a shape [N, C, H, W], got [${theta.shape.join(', ')}] and [${outShape.join(', ')}]`,
    );
  }
  return tf.tidy(() => {
    const x = tf.tile(tf.expandDims(centres(width, align), 0), [height, 1]);
    const y = tf.tile(tf.expandDims(centres(height, align), 1), [1, width]);
    const places = tf.reshape(tf.stack([x, y, tf.ones([height, width])], 2), [1, height * width, 3]);
    return tf.reshape(tf.matMul(places, theta, false, true), [batch, height, width, 2]);
  });
}

/** Options of {@link gridSample}. */
export interface GridSampleOptions {
  /** How values between pixels are found. @defaultValue 'bilinear' */
  readonly mode?: 'bilinear' | 'nearest';
  /** What lies outside the image: zeros, the edge, or the mirror image. @defaultValue 'zeros' */
  readonly paddingMode?: 'zeros' | 'border' | 'reflection';
  /** Whether -1 and 1 are the centres of the outer pixels, not their edges. @defaultValue true */
  readonly alignCorners?: boolean;
}

/** A place along an axis in pixels, and its derivative by the coordinate. */
function placeOf(coordinate: number, length: number, options: Required<GridSampleOptions>): [number, number] {
  const { paddingMode, alignCorners } = options;
  let slope = (alignCorners ? length - 1 : length) / 2;
  let place = alignCorners ? (coordinate + 1) * slope : (coordinate + 1) * slope - 0.5;
  if (paddingMode === 'reflection') {
    const [low, span] = alignCorners ? [0, length - 1] : [-0.5, length];
    if (span === 0) return [0, 0];
    const distance = Math.abs(place - low);
    if (place < low) slope = -slope;
    const turns = Math.floor(distance / span);
    if (turns % 2 === 1) slope = -slope;
    place = low + (turns % 2 === 0 ? distance - turns * span : (turns + 1) * span - distance);
  }
  if (paddingMode !== 'zeros' && (place < 0 || place > length - 1)) {
    return [Math.min(Math.max(place, 0), length - 1), 0];
  }
  return [place, slope];
}

/** A pixel that a sample takes a share of, and the derivatives of the share by the coordinates. */
interface Share {
  readonly pixel: number;
  readonly weight: number;
  readonly byX: number;
  readonly byY: number;
}

function sharesOf(
  x: number,
  y: number,
  [height, width]: readonly [number, number],
  options: Required<GridSampleOptions>,
): Share[] {
  const [column, slopeX] = placeOf(x, width, options);
  const [row, slopeY] = placeOf(y, height, options);
  const inside = (i: number, j: number) => i >= 0 && i < height && j >= 0 && j < width;
  if (options.mode === 'nearest') {
    const [i, j] = [Math.round(row), Math.round(column)];
    return inside(i, j) ? [{ pixel: i * width + j, weight: 1, byX: 0, byY: 0 }] : [];
  }
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [down, right] = [row - top, column - left];
  const corners = [0, 1].flatMap((i) => [0, 1].map((j) => [i, j] as const));
  return corners.flatMap(([i, j]) => {
    if (!inside(top + i, left + j)) return [];
    const [vertical, horizontal] = [i === 1 ? down : 1 - down, j === 1 ? right : 1 - right];
    const byX = (j === 1 ? slopeX : -slopeX) * vertical;
    const byY = (i === 1 ? slopeY : -slopeY) * horizontal;
    return [{ pixel: (top + i) * width + left + j, weight: vertical * horizontal, byX, byY }];
  });
}

/**
 * Values of images at the places of a grid.
 *
 * @param x - images [N, C, H, W]
 * @param grid - places [N, H', W', 2], x before y; -1 to 1 spans the image
 * @returns [N, C, H', W']
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  checkOptions('gridSample', options, ['mode', 'paddingMode', 'alignCorners']);
  const how = {
    mode: checkChoice('mode', options.mode ?? 'bilinear', ['bilinear', 'nearest']),
    paddingMode: checkChoice('paddingMode', options.paddingMode ?? 'zeros', ['zeros', 'border', 'reflection']),
    alignCorners: checkBoolean('alignCorners', options.alignCorners ?? true),
  };
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  const [gridBatch, outHeight = 0, outWidth = 0, pair] = grid.shape;
  if (x.rank !== 4 || grid.rank !== 4 || gridBatch !== batch || pair !== 2) {
    throw new ShapeMismatchError(
      `gridSample takes images [N, C, H, W] and places [N, H', W', 2], got [${x.shape.join(', ')}] and [${grid.shape.join(', ')}]`,
    );
  }
  const count = outHeight * outWidth;
  const pixels = height * width;
  /** Calls a function for each pixel that a sample takes a share of, in each channel. */
  const visit = (places: ArrayLike<number>, see: (share: Share, from: number, to: number, place: number) => void) => {
    for (let place = 0; place < batch * count; place++) {
      const image = Math.floor(place / count);
      for (const share of sharesOf(places[2 * place] ?? 0, places[2 * place + 1] ?? 0, [height, width], how)) {
        for (let channel = 0; channel < channels; channel++) {
          const plane = image * channels + channel;
          see(share, plane * pixels + share.pixel, plane * count + (place % count), place);
        }
      }
    }
  };
  const sample = tf.customGrad((...given) => {
    const [images, places, save] = given as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void];
    save([images, places]);
    const values = images.dataSync();
    const samples = new Float32Array(batch * channels * count);
    visit(places.dataSync(), ({ weight }, from, to) => {
      samples[to] = (samples[to] ?? 0) + weight * (values[from] ?? 0);
    });
    return {
      value: tf.tensor(samples, [batch, channels, outHeight, outWidth]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [source, at] = [saved[0]!.dataSync(), saved[1]!.dataSync()];
        const gradients = dy.dataSync();
        const [byImage, byGrid] = [new Float32Array(source.length), new Float32Array(at.length)];
        visit(at, ({ weight, byX, byY }, from, to, place) => {
          const gradient = gradients[to] ?? 0;
          byImage[from] = (byImage[from] ?? 0) + weight * gradient;
          const share = (source[from] ?? 0) * gradient;
          byGrid[2 * place] = (byGrid[2 * place] ?? 0) + byX * share;
          byGrid[2 * place + 1] = (byGrid[2 * place + 1] ?? 0) + byY * share;
        });
        return [tf.tensor(byImage, x.shape), tf.tensor(byGrid, grid.shape)];
      },
    };
  });
  return tf.tidy(() => sample(x, grid));
}
