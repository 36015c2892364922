/**
 * Features of regions of interest. A region is a box `[x1, y1, x2, y2]` in the coordinates of the image.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { pair } from '../../nn/functional/spatial.js';
import type { Size2D } from '../../nn/functional/index.js';
import { Layer } from '../../nn/layer/layer.js';

/** Elements of an image and their weights: what an element of the result is the sum of. */
interface Taps {
  readonly places: number[];
  readonly weights: number[];
}

/** One sum of taps for each element of a region, the same for all channels. */
interface Region {
  readonly image: number;
  readonly bins: readonly Taps[];
}

/** A sum of elements of `x` for each channel of each bin; linear, with its transpose as the gradient. */
function gatherRegions(x: Tensor, regions: readonly Region[], [height, width]: readonly [number, number]): Tensor {
  const [, channels = 0, rows = 0, columns = 0] = x.shape;
  const area = rows * columns;
  const shape = [regions.length, channels, height, width];
  const eachTap = (visit: (from: number, to: number, weight: number) => void) => {
    let to = 0;
    for (const { image, bins } of regions) {
      for (let channel = 0; channel < channels; channel++) {
        const start = (image * channels + channel) * area;
        for (const { places, weights } of bins) {
          for (let tap = 0; tap < places.length; tap++) visit(start + places[tap]!, to, weights[tap]!);
          to++;
        }
      }
    }
  };
  const pooled = tf.customGrad((...given) => {
    const [images] = given as [Tensor];
    const values = images.dataSync();
    const result = new Float32Array(regions.length * channels * height * width);
    eachTap((from, to, weight) => (result[to]! += weight * values[from]!));
    return {
      value: tf.tensor(result, shape),
      gradFunc: (dy: Tensor) => {
        const above = dy.dataSync();
        const gradient = new Float32Array(images.size);
        eachTap((from, to, weight) => (gradient[from]! += weight * above[to]!));
        return tf.tensor(gradient, images.shape);
      },
    };
  });
  return pooled(x);
}

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

/** The four pixels around a point, added to the taps with bilinear weights; a point far outside has none. */
function addBilinear(taps: Taps, y: number, x: number, rows: number, columns: number, weight: number): void {
  if (y < -1 || y > rows || x < -1 || x > columns) return;
  const clamp = (value: number, length: number): [low: number, high: number, share: number] => {
    const at = Math.max(value, 0);
    const low = Math.floor(at);
    return low >= length - 1 ? [length - 1, length - 1, 0] : [low, low + 1, at - low];
  };
  const [top, bottom, down] = clamp(y, rows);
  const [left, right, across] = clamp(x, columns);
  taps.places.push(top * columns + left, top * columns + right, bottom * columns + left, bottom * columns + right);
  taps.weights.push(
    weight * (1 - down) * (1 - across),
    weight * (1 - down) * across,
    weight * down * (1 - across),
    weight * down * across,
  );
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
  const regions = images.map((image, region): Region => {
    const [x1, y1, x2, y2] = [0, 1, 2, 3].map((side) => sides[4 * region + side]! * scale - offset) as [
      number,
      number,
      number,
      number,
    ];
    const least = aligned ? -Infinity : 1;
    const [binHeight, binWidth] = [Math.max(y2 - y1, least) / height, Math.max(x2 - x1, least) / width];
    const down = ratio > 0 ? ratio : Math.ceil(binHeight);
    const across = ratio > 0 ? ratio : Math.ceil(binWidth);
    const weight = 1 / Math.max(down * across, 1);
    const bins = Array.from({ length: height * width }, (_, bin) => {
      const taps: Taps = { places: [], weights: [] };
      const [row, column] = [Math.floor(bin / width), bin % width];
      for (let i = 0; i < down; i++) {
        for (let j = 0; j < across; j++) {
          const y = y1 + (row + (i + 0.5) / down) * binHeight;
          addBilinear(taps, y, x1 + (column + (j + 0.5) / across) * binWidth, rows, columns, weight);
        }
      }
      return taps;
    });
    return { image, bins };
  });
  return gatherRegions(x, regions, [height, width]);
}

/** The nearest whole number, of two the one further from 0. */
const roundAway = (value: number) => Math.sign(value) * Math.round(Math.abs(value));

/**
 * Largest elements in the bins of each region (Girshick, "Fast R-CNN", 2015); a bin without pixels gives 0. Gradients go
 * to `x`. For the arguments see {@link roiAlign}.
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
  const [, channels = 0, rows = 0, columns = 0] = x.shape;
  const sides = boxes.dataSync();
  const values = x.dataSync();
  const range = (start: number, length: number, bins: number, bin: number, limit: number): [number, number] => {
    const size = length / bins;
    const clip = (value: number) => Math.min(Math.max(value, 0), limit);
    return [clip(Math.floor(bin * size) + start), clip(Math.ceil((bin + 1) * size) + start)];
  };
  // Elements of the flattened x, and for bins without pixels the zero behind them.
  const places = new Int32Array(images.length * channels * height * width).fill(x.size);
  let next = 0;
  images.forEach((image, region) => {
    const [x1, y1, x2, y2] = [0, 1, 2, 3].map((side) => roundAway(sides[4 * region + side]! * scale)) as [
      number,
      number,
      number,
      number,
    ];
    for (let channel = 0; channel < channels; channel++) {
      const start = (image * channels + channel) * rows * columns;
      for (let bin = 0; bin < height * width; bin++, next++) {
        const [top, bottom] = range(y1, Math.max(y2 - y1 + 1, 1), height, Math.floor(bin / width), rows);
        const [left, right] = range(x1, Math.max(x2 - x1 + 1, 1), width, bin % width, columns);
        let best = -Infinity;
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) {
            const place = start + row * columns + column;
            if (values[place]! > best) [best, places[next]] = [values[place]!, place];
          }
        }
      }
    }
  });
  return tf.tidy(() => {
    const elements = tf.concat([tf.reshape(x, [-1]), tf.zeros([1])], 0);
    return tf.reshape(tf.gather(elements, tf.tensor1d(places, 'int32')), [images.length, channels, height, width]);
  });
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
