/**
 * Weighted sums and maxima in the bins of regions of images, channels last.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { defineGradient, defineOperation, hasKernel, runKernel, runKernels } from './dispatch.js';
import type { Span } from './pooling.js';

/** A position of an axis, and its weight in a sum. */
export interface Tap {
  readonly source: number;
  readonly weight: number;
}

/** What each position of an axis is the sum of. */
export type Taps = readonly (readonly Tap[])[];

/** Regions with an equal number of bins each. */
export interface Regions<Bins> {
  /** The image that each region belongs to. */
  readonly images: readonly number[];
  /** Number of bins of a region in height and width. */
  readonly size: readonly [height: number, width: number];
  /** The rows of pixels that each row of bins is made of, region after region. */
  readonly rows: readonly Bins[];
  /** The columns of pixels that each column of bins is made of, region after region. */
  readonly columns: readonly Bins[];
}

/** Regions whose bins are weighted sums of pixels. */
export type SummedRegions = Regions<readonly Tap[]>;

/** Regions whose bins are maxima of pixels. */
export type PooledRegions = Regions<Span>;

/** Attributes of the kernels: the regions, and the shape of the images. */
export type RegionAttributes<Kind extends SummedRegions | PooledRegions> = Kind & { readonly shape: readonly number[] };

/** Names of the kernels behind the operations on regions. */
export const regionKernels = {
  sums: 'PaddlewheelRegionSums',
  sumsGradient: 'PaddlewheelRegionSumsGradient',
  maxima: 'PaddlewheelRegionMaxima',
  maximaGradient: 'PaddlewheelRegionMaximaGradient',
} as const;

// Sums are linear in the images, so that the two kernels are each other's gradients.
defineGradient(regionKernels.sums, [], (dy, _, attributes: RegionAttributes<SummedRegions>) => ({
  x: () => runKernel(regionKernels.sumsGradient, { dy }, attributes),
}));
defineGradient(regionKernels.sumsGradient, [], (dx, _, attributes: RegionAttributes<SummedRegions>) => ({
  dy: () => runKernel(regionKernels.sums, { x: dx }, attributes),
}));

// The gradient of a maximum goes to the place that the forward pass found.
tf.registerGradient({
  kernelName: regionKernels.maxima,
  outputsToSave: [false, true],
  gradFunc: (dys, saved, attributes) => {
    const [dy] = dys as [Tensor];
    const [places] = saved as [Tensor];
    return { x: () => runKernel(regionKernels.maximaGradient, { dy, places }, attributes) };
  },
});

/** Shape of the bins of all regions. */
export function binsShape<Bins>({ images, size }: Regions<Bins>, shape: readonly number[]): number[] {
  return [images.length, ...size, shape[3] ?? 0];
}

/** Calls `visit` for each bin with its image, its rows and its columns. */
function eachBin<Bins>(
  { images, size: [height, width], rows, columns }: Regions<Bins>,
  visit: (image: number, rows: Bins, columns: Bins, bin: number) => void,
): void {
  for (let bin = 0; bin < images.length * height * width; bin++) {
    const row = Math.floor(bin / width);
    const region = Math.floor(row / height);
    visit(images[region]!, rows[row]!, columns[region * width + (bin % width)]!, bin);
  }
}

function generalSums(x: Tensor, regions: SummedRegions): Tensor {
  const [, rows = 0, columns = 0, channels = 0] = x.shape;
  const shape = binsShape(regions, x.shape);
  const eachTerm = (visit: (pixel: number, bin: number, weight: number) => void) =>
    eachBin(regions, (image, rowTaps, columnTaps, bin) => {
      for (const row of rowTaps) {
        for (const column of columnTaps) {
          const pixel = ((image * rows + row.source) * columns + column.source) * channels;
          for (let c = 0; c < channels; c++) visit(pixel + c, bin * channels + c, row.weight * column.weight);
        }
      }
    });
  const sums = tf.customGrad((...given) => {
    const values = (given[0] as Tensor).dataSync();
    const result = new Float32Array(sizeOf(shape));
    eachTerm((pixel, bin, weight) => (result[bin]! += weight * values[pixel]!));
    return {
      value: tf.tensor(result, shape),
      gradFunc: (dy: Tensor) => {
        const above = dy.dataSync();
        const gradient = new Float32Array(values.length);
        eachTerm((pixel, bin, weight) => (gradient[pixel]! += weight * above[bin]!));
        return tf.tensor(gradient, x.shape);
      },
    };
  });
  return sums(x);
}

/**
 * Weighted sums of pixels.
 *
 * @param x - images [N, H, W, C]
 * @returns [regions, bins in height, bins in width, C]
 */
export const regionSums = defineOperation('regionSums', (x: Tensor, regions: SummedRegions): Tensor => {
  if (x.dtype !== 'float32' || !hasKernel(regionKernels.sums)) return generalSums(x, regions);
  return runKernel(regionKernels.sums, { x }, { ...regions, shape: x.shape });
});

/** Below every other number. */
const lowest = -(2 - 2 ** -23) * 2 ** 127;

function generalMaxima(x: Tensor, regions: PooledRegions): Tensor {
  const [, rows = 0, columns = 0, channels = 0] = x.shape;
  const values = x.dataSync();
  const shape = binsShape(regions, x.shape);
  // Elements of the flattened x; behind them a zero for bins without pixels, and what is below all others.
  const places = new Int32Array(sizeOf(shape));
  eachBin(regions, (image, [top, bottom], [left, right], bin) => {
    for (let c = 0; c < channels; c++) {
      let [best, place] = [lowest, top < bottom && left < right ? x.size + 1 : x.size];
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          const at = ((image * rows + row) * columns + column) * channels + c;
          if (values[at]! > best) [best, place] = [values[at]!, at];
        }
      }
      places[bin * channels + c] = place;
    }
  });
  const elements = tf.concat([tf.reshape(x, [-1]), tf.tensor1d([0, lowest])], 0);
  return tf.reshape(tf.gather(elements, tf.tensor1d(places, 'int32')), shape);
}

/**
 * The largest pixels; 0 for bins without pixels. NaN is never the largest, and where nothing is above the lowest number
 * that stands for it, as in Paddle.
 *
 * @param x - images [N, H, W, C]
 * @returns [regions, bins in height, bins in width, C]
 */
export const regionMaxima = defineOperation('regionMaxima', (x: Tensor, regions: PooledRegions): Tensor => {
  if (x.dtype !== 'float32' || !hasKernel(regionKernels.maxima)) return generalMaxima(x, regions);
  const [maxima] = runKernels(regionKernels.maxima, { x }, { ...regions, shape: x.shape }) as [Tensor];
  return maxima;
});
