/**
 * Features of regions of interest. A region is a box `[x1, y1, x2, y2]` in the coordinates of the image.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { regionMaxima, regionSums, type Span, type Tap } from '../../engine/index.js';
import { pair } from '../../nn/functional/spatial.js';
import type { Size2D } from '../../nn/functional/index.js';
import { Layer } from '../../nn/layer/layer.js';

/** The image that each region belongs to. */
function imagesOf(x: Tensor, boxes: Tensor, boxesNum: Tensor): number[] {
  if (x.rank !== 4) throw new ShapeMismatchError(`x must have shape [N, C, H, W], got [${x.shape.join(', ')}]`);
  if (boxes.rank !== 2 || boxes.shape[1] !== 4) {
    throw new ShapeMismatchError(`boxes must have shape [M, 4], got [${boxes.shape.join(', ')}]`);
  }
  const images = Array.from(boxesNum.dataSync()).flatMap((count, image) => new Array<number>(count).fill(image));
  if (boxesNum.size !== x.shape[0] || images.length !== boxes.shape[0]) {
    throw new ShapeMismatchError(
      `boxesNum must hold the number of boxes of each of ${x.shape[0]} images, ${boxes.shape[0]} together, got [${Array.from(boxesNum.dataSync()).join(', ')}]`,
    );
  }
  return images;
}

/** An axis of a region on the pixels: where it begins, and the size of its bins. */
interface Side {
  readonly start: number;
  readonly binSize: number;
}

/** The two pixels around a position on an axis with their bilinear weights; a position far outside has none. */
function bilinear(at: number, length: number, weight: number): Tap[] {
  if (!(at >= -1 && at <= length) || length === 0) return [];
  const inside = Math.max(at, 0);
  const low = Math.floor(inside);
  if (low >= length - 1) return [{ source: length - 1, weight }];
  const share = inside - low;
  return [
    { source: low, weight: weight * (1 - share) },
    { source: low + 1, weight: weight * share },
  ];
}

/** What each of some bins along an axis is the sum of, with `samples` in each of them. */
function sampledBins({ start, binSize }: Side, bins: number, samples: number, length: number, weight: number): Tap[][] {
  return Array.from({ length: bins }, (_, bin) => {
    const weights = new Map<number, number>();
    for (let i = 0; i < samples; i++) {
      for (const tap of bilinear(start + (bin + (i + 0.5) / samples) * binSize, length, weight)) {
        weights.set(tap.source, (weights.get(tap.source) ?? 0) + tap.weight);
      }
    }
    return Array.from(weights, ([source, sum]) => ({ source, weight: sum }));
  });
}

/** Runs an operation on images and bins with their channels last. */
function channelsLast(x: Tensor, run: (images: Tensor) => Tensor): Tensor {
  return tf.tidy(() => tf.transpose(run(tf.transpose(x, [0, 2, 3, 1])), [0, 3, 1, 2]));
}

/** Options of {@link roiPool}. */
export interface RoiPoolOptions {
  /** Factor from the coordinates of the boxes to those of `x`. @defaultValue 1 */
  readonly spatialScale?: number;
}

/** Options of {@link roiAlign}. */
export interface RoiAlignOptions extends RoiPoolOptions {
  /** Samples in each direction of a bin; -1 takes one for each pixel. @defaultValue -1 */
  readonly samplingRatio?: number;
  /** Moves regions by half a pixel, so that pixels lie at their centres. @defaultValue true */
  readonly aligned?: boolean;
}

/**
 * Averages of bilinear samples in the bins of each region (He et al., "Mask R-CNN", 2017). Gradients go to `x`.
 *
 * @param x - [N, C, H, W]
 * @param boxes - regions [M, 4], those of the first image first
 * @param boxesNum - the number of regions of each image, int32 [N]
 * @param outputSize - bins of a region in height and width
 * @returns [M, C, height, width]
 */
export function roiAlign(
  x: Tensor,
  boxes: Tensor,
  boxesNum: Tensor,
  outputSize: Size2D,
  options: RoiAlignOptions = {},
): Tensor {
  checkOptions('roiAlign', options, ['spatialScale', 'samplingRatio', 'aligned']);
  const [height, width] = pair('outputSize', outputSize);
  const scale = checkNumber('spatialScale', options.spatialScale ?? 1);
  const ratio = checkInteger('samplingRatio', options.samplingRatio ?? -1);
  const aligned = checkBoolean('aligned', options.aligned ?? true);
  const images = imagesOf(x, boxes, boxesNum);
  const [, , rows = 0, columns = 0] = x.shape;
  const sides = boxes.dataSync();
  const offset = aligned ? 0.5 : 0;
  const side = (from: number, to: number, bins: number): Side => {
    const [start, end] = [sides[from]! * scale - offset, sides[to]! * scale - offset];
    return { start, binSize: Math.max(end - start, aligned ? -Infinity : 1) / bins };
  };
  const regions = images.map((_, region) => {
    const [vertical, horizontal] = [
      side(4 * region + 1, 4 * region + 3, height),
      side(4 * region, 4 * region + 2, width),
    ];
    const down = ratio > 0 ? ratio : Math.ceil(vertical.binSize);
    const across = ratio > 0 ? ratio : Math.ceil(horizontal.binSize);
    return {
      rows: sampledBins(vertical, height, down, rows, 1 / Math.max(down * across, 1)),
      columns: sampledBins(horizontal, width, across, columns, 1),
    };
  });
  const bins = {
    images,
    size: [height, width],
    rows: regions.flatMap((region) => region.rows),
    columns: regions.flatMap((region) => region.columns),
  } as const;
  return channelsLast(x, (last) => regionSums(last, bins));
}

/** The nearest whole number, of two the one further from 0. */
const roundAway = (value: number) => Math.sign(value) * Math.round(Math.abs(value));

/**
 * Largest elements in the bins of each region (Girshick, "Fast R-CNN", 2015); a bin without pixels gives 0. NaN is never
 * the largest. Gradients go to `x`. For the arguments see {@link roiAlign}.
 *
 * @returns [M, C, height, width]
 */
export function roiPool(
  x: Tensor,
  boxes: Tensor,
  boxesNum: Tensor,
  outputSize: Size2D,
  options: RoiPoolOptions = {},
): Tensor {
  checkOptions('roiPool', options, ['spatialScale']);
  const [height, width] = pair('outputSize', outputSize);
  const scale = checkNumber('spatialScale', options.spatialScale ?? 1);
  const images = imagesOf(x, boxes, boxesNum);
  const [, , rows = 0, columns = 0] = x.shape;
  const sides = Array.from(boxes.dataSync(), (side) => roundAway(side * scale));
  const spans = (first: number, last: number, bins: number, limit: number): Span[] => {
    const size = Math.max(last - first + 1, 1) / bins;
    const clip = (value: number) => Math.min(Math.max(value, 0), limit);
    return Array.from({ length: bins }, (_, bin) => [
      clip(Math.floor(bin * size) + first),
      clip(Math.ceil((bin + 1) * size) + first),
    ]);
  };
  const bins = {
    images,
    size: [height, width],
    rows: images.flatMap((_, region) => spans(sides[4 * region + 1]!, sides[4 * region + 3]!, height, rows)),
    columns: images.flatMap((_, region) => spans(sides[4 * region]!, sides[4 * region + 2]!, width, columns)),
  } as const;
  return channelsLast(x, (last) => regionMaxima(last, bins));
}

/** {@link roiAlign} as a layer. */
export class RoIAlign extends Layer<[x: Tensor, boxes: Tensor, boxesNum: Tensor]> {
  readonly #outputSize: Size2D;
  readonly #spatialScale: number;

  /** @param outputSize - bins of a region in height and width */
  constructor(outputSize: Size2D, options: RoiPoolOptions = {}) {
    super();
    checkOptions('RoIAlign', options, ['spatialScale']);
    this.#outputSize = pair('outputSize', outputSize);
    this.#spatialScale = checkNumber('spatialScale', options.spatialScale ?? 1);
  }

  override forward(x: Tensor, boxes: Tensor, boxesNum: Tensor): Tensor {
    return roiAlign(x, boxes, boxesNum, this.#outputSize, { spatialScale: this.#spatialScale });
  }
}

/** {@link roiPool} as a layer. */
export class RoIPool extends Layer<[x: Tensor, boxes: Tensor, boxesNum: Tensor]> {
  readonly #outputSize: Size2D;
  readonly #spatialScale: number;

  /** @param outputSize - bins of a region in height and width */
  constructor(outputSize: Size2D, options: RoiPoolOptions = {}) {
    super();
    checkOptions('RoIPool', options, ['spatialScale']);
    this.#outputSize = pair('outputSize', outputSize);
    this.#spatialScale = checkNumber('spatialScale', options.spatialScale ?? 1);
  }

  override forward(x: Tensor, boxes: Tensor, boxesNum: Tensor): Tensor {
    return roiPool(x, boxes, boxesNum, this.#outputSize, { spatialScale: this.#spatialScale });
  }
}
