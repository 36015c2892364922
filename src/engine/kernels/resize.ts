/**
 * Images of another size, and the gradients.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';
import type { Tap, Taps } from '../ops/regions.js';
import { defineKernel } from './register.js';
import { tableOf, withTables } from './tables.js';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters?: boolean;
}

/** Says what each of `length` positions on an axis of the result is made of, on an axis of `from` positions. */
type Sampling = (from: number, length: number, attrs: ResizeAttributes) => Taps;

/** Distance of neighbours of the result on the axis that they are taken from. */
function scaleOf(from: number, length: number, alignCorners: boolean): number {
  const aligned = alignCorners && length > 1 ? 1 : 0;
  return (from - aligned) / (length - aligned);
}

const bilinear: Sampling = (from, length, { alignCorners, halfPixelCenters = false }) => {
  const scale = scaleOf(from, length, alignCorners);
  return Array.from({ length }, (_, index) => {
    const place = halfPixelCenters ? scale * (index + 0.5) - 0.5 : scale * index;
    const low = Math.max(0, Math.floor(place));
    const high = Math.min(from - 1, Math.ceil(place));
    if (low === high) return [{ source: low, weight: 1 }];
    return [
      { source: low, weight: 1 - (place - low) },
      { source: high, weight: place - low },
    ];
  });
};

const nearest: Sampling = (from, length, { alignCorners, halfPixelCenters = false }) => {
  const scale = scaleOf(from, length, alignCorners);
  return Array.from({ length }, (_, index) => {
    const place = scale * (halfPixelCenters ? index + 0.5 : index);
    return [{ source: Math.min(from - 1, alignCorners ? Math.round(place) : Math.floor(place)), weight: 1 }];
  });
};

/** The sums that give back to each of `length` positions what it gave. */
function transposed(taps: Taps, length: number): Taps {
  const result = Array.from({ length }, (): Tap[] => []);
  taps.forEach((ones, index) => {
    for (const { source, weight } of ones) result[source]?.push({ source: index, weight });
  });
  return result;
}

/** An axis of one position that stays as it is. */
const unchanged: Taps = [[{ source: 0, weight: 1 }]];

/** Images whose rows and columns are the given sums of those of `x`. */
function resample(backend: EngineBackend, x: TensorInfo, rows: Taps, columns: Taps): TensorInfo {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const [outHeight, outWidth] = [rows.length, columns.length];
  const source = backend.pointerOf(x);
  const y = backend.allocate([batch, outHeight, outWidth, channels]);
  const sum = (from: Pointer, to: Pointer, shape: readonly number[], rowTaps: Taps, columnTaps: Taps) =>
    withTables(backend, [tableOf(rowTaps), tableOf(columnTaps)], (rowTable = 0, columnTable = 0) => {
      const fields = backend.struct([...shape, rowTaps.length, columnTaps.length]);
      backend.kernels.resize(from, to, fields, rowTable, columnTable);
    });
  const termsPerPixel = (rows.flat().length / outHeight) * (columns.flat().length / outWidth);
  if (channels >= 16 && termsPerPixel <= 16) {
    sum(source, y.pointer, x.shape, rows, columns);
    return y;
  }
  // Rows first, whose pixels then count as channels: that takes whole vectors, and fewer terms where there are many.
  backend.withScratch(batch * outHeight * width * channels, (half) => {
    sum(source, half, [batch, height, 1, width * channels], rows, unchanged);
    sum(half, y.pointer, [batch * outHeight, 1, width, channels], unchanged, columns);
  });
  return y;
}

function defineResize(name: string, gradientName: string, sampling: Sampling): void {
  defineKernel<{ images: TensorInfo }, ResizeAttributes & { size: [number, number] }>(
    name,
    ({ inputs: { images }, attrs, backend }) => {
      if (images.dtype !== 'float32') return undefined;
      const [, height = 0, width = 0] = images.shape;
      const [outHeight, outWidth] = attrs.size;
      return resample(backend, images, sampling(height, outHeight, attrs), sampling(width, outWidth, attrs));
    },
  );

  // The kernels of the plain backend leave out halfPixelCenters; that of the nearest neighbour also reads all images but
  // the first at wrong places.
  defineKernel<{ images: TensorInfo; dy: TensorInfo }, ResizeAttributes>(
    gradientName,
    ({ inputs: { images, dy }, attrs, backend }) => {
      if (dy.dtype !== 'float32') return undefined;
      const [, height = 0, width = 0] = images.shape;
      const [, outHeight = 0, outWidth = 0] = dy.shape;
      const rows = transposed(sampling(height, outHeight, attrs), height);
      const columns = transposed(sampling(width, outWidth, attrs), width);
      return resample(backend, dy, rows, columns);
    },
  );
}

defineResize(tf.ResizeBilinear, tf.ResizeBilinearGrad, bilinear);
defineResize(tf.ResizeNearestNeighbor, tf.ResizeNearestNeighborGrad, nearest);
