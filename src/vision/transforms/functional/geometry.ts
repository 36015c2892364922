/**
 * What moves pixels without changing them.
 *
 * @module
 */
import { InvalidArgumentError, OutOfRangeError, ShapeMismatchError } from '../../../common/errors.js';
import { checkChoice, checkInteger, checkOptions } from '../../../common/options.js';
import { Image } from '../../image.js';
import { checkPadding, checkSize, type Fill, type Padding, type Size } from '../arguments.js';
import { blankRaster, fillValues, imageOf, rasterOf, sizeOfImage, type Raster } from '../raster.js';
import { roundHalfEven } from '../rounding.js';
import type { ImageLike } from '../transform.js';

/** Makes an image of the pixels at `rows[y]`, `columns[x]` of another; places below 0 get `fill`. */
function pick(raster: Raster, rows: Int32Array, columns: Int32Array, fill: readonly number[] = []): Raster {
  const { data, planes, height, width, channels } = raster;
  const result = blankRaster(raster, rows.length, columns.length);
  let target = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (const row of rows) {
      const start = (plane * height + row) * width;
      for (const column of columns) {
        const inside = row >= 0 && column >= 0;
        const source = (start + column) * channels;
        for (let channel = 0; channel < channels; channel++) {
          result.data[target++] = inside ? (data[source + channel] ?? 0) : (fill[plane + channel] ?? 0);
        }
      }
    }
  }
  return result;
}

/** The numbers from `start` on, `count` of them. */
const range = (start: number, count: number) => Int32Array.from({ length: count }, (_, index) => start + index);

/** A part of rows of pixels that lies inside, copied row by row. */
function cropInside(raster: Raster, top: number, left: number, height: number, width: number): Raster {
  const result = blankRaster(raster, height, width);
  const row = width * raster.channels;
  let target = 0;
  for (let plane = 0; plane < raster.planes; plane++) {
    for (let y = top; y < top + height; y++) {
      const source = ((plane * raster.height + y) * raster.width + left) * raster.channels;
      result.data.set(raster.data.subarray(source, source + row), target);
      target += row;
    }
  }
  return result;
}

/**
 * A part of an image. What lies outside an {@link Image} is black, as with Pillow; a part of an array has to lie inside.
 *
 * @param top - first row
 * @param left - first column
 * @throws `OutOfRangeError` when an array does not hold the part
 */
export function crop<I extends ImageLike>(img: I, top: number, left: number, height: number, width: number): I {
  const raster = rasterOf('crop', img);
  checkInteger('top', top);
  checkInteger('left', left);
  checkInteger('height', height, 1);
  checkInteger('width', width, 1);
  if (top >= 0 && left >= 0 && top + height <= raster.height && left + width <= raster.width) {
    return imageOf(cropInside(raster, top, left, height, width), img);
  }
  if (!(img instanceof Image)) {
    throw new OutOfRangeError(
      `crop takes rows ${top} to ${top + height} and columns ${left} to ${left + width} of an image of ${raster.height} x ${raster.width}`,
    );
  }
  const within = (length: number) => (index: number) => (index >= 0 && index < length ? index : -1);
  const rows = range(top, height).map(within(raster.height));
  return imageOf(pick(raster, rows, range(left, width).map(within(raster.width))), img);
}

/**
 * The middle of an image.
 *
 * @param outputSize - height and width, or one number for both
 */
export function centerCrop<I extends ImageLike>(img: I, outputSize: Size): I {
  const [height, width] = checkSize('outputSize', outputSize);
  const [fullHeight, fullWidth] = sizeOfImage(img);
  return crop(img, roundHalfEven((fullHeight - height) / 2), roundHalfEven((fullWidth - width) / 2), height, width);
}

/** An image with left and right exchanged. */
export function hflip<I extends ImageLike>(img: I): I {
  const raster = rasterOf('hflip', img);
  return imageOf(pick(raster, range(0, raster.height), range(0, raster.width).reverse()), img);
}

/** An image upside down. */
export function vflip<I extends ImageLike>(img: I): I {
  const raster = rasterOf('vflip', img);
  return imageOf(pick(raster, range(0, raster.height).reverse(), range(0, raster.width)), img);
}

/** What padding consists of: one value, the pixels at the edge, or the image mirrored without or with its edge. */
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

/** The padding modes. */
export const paddingModes = ['constant', 'edge', 'reflect', 'symmetric'] as const;

/** Options of {@link pad}. */
export interface PadOptions {
  /**
   * Value of constant padding, or one for each channel. One value goes to all channels of an `ImageTensor`, and to the first
   * channel of other images, as in Paddle: the others get 0.
   *
   * @defaultValue 0
   */
  readonly fill?: Fill;
  /** What padding consists of. @defaultValue 'constant' */
  readonly paddingMode?: PaddingMode;
}

/** The place that a padded place repeats; below 0 for none. */
function repeated(index: number, length: number, mode: PaddingMode): number {
  if (index >= 0 && index < length) return index;
  if (mode === 'constant') return -1;
  if (mode === 'edge' || length === 1) return index < 0 ? 0 : length - 1;
  const edge = mode === 'reflect' ? 1 : 0;
  const period = 2 * (length - edge);
  const place = ((index % period) + period) % period;
  return place < length ? place : period - place - 1 + edge;
}

/**
 * An image with a border around it.
 *
 * @param padding - pixels on each side: one number, [left and right, top and bottom], or [left, top, right, bottom]
 */
export function pad<I extends ImageLike>(img: I, padding: Padding, options: PadOptions = {}): I {
  checkOptions('pad', options, ['fill', 'paddingMode']);
  const raster = rasterOf('pad', img);
  const [left, top, right, bottom] = checkPadding('padding', padding);
  const fill = fillValues(options.fill ?? 0, raster, raster.planes > 1);
  const mode = checkChoice('paddingMode', options.paddingMode ?? 'constant', paddingModes);
  if (raster.height === 0 || raster.width === 0) throw new InvalidArgumentError('pad takes an image that is not empty');
  const places = (before: number, length: number, after: number) =>
    range(-before, before + length + after).map((index) => repeated(index, length, mode));
  const rows = places(top, raster.height, bottom);
  return imageOf(pick(raster, rows, places(left, raster.width, right), fill), img);
}

/** Options of {@link erase}. */
export interface EraseOptions {
  /** Change the image itself. @defaultValue false */
  readonly inplace?: boolean;
}

/**
 * An image with a rectangle overwritten.
 *
 * @param i - first row
 * @param j - first column
 * @param h - height
 * @param w - width
 * @param v - one value, one for each channel, or one for each element of the rectangle in the order of the image
 */
export function erase<I extends ImageLike>(
  img: I,
  i: number,
  j: number,
  h: number,
  w: number,
  v: number | ArrayLike<number>,
  options: EraseOptions = {},
): I {
  checkOptions('erase', options, ['inplace']);
  const raster = rasterOf('erase', img);
  const { planes, channels, width, height } = raster;
  checkInteger('i', i, 0);
  checkInteger('j', j, 0);
  const rows = Math.min(checkInteger('h', h, 0), Math.max(0, height - i));
  const columns = Math.min(checkInteger('w', w, 0), Math.max(0, width - j));
  const values = typeof v === 'number' ? [v] : v;
  const whole = values.length === planes * channels * h * w;
  if (!whole && values.length !== 1 && values.length !== planes * channels) {
    throw new ShapeMismatchError(
      `v must have 1, ${planes * channels} or ${planes * channels * h * w} values, got ${values.length}`,
    );
  }
  const data = options.inplace ? raster.data : raster.data.slice();
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const target = ((plane * height + i + y) * width + j + x) * channels;
        for (let c = 0; c < channels; c++) {
          const place = whole ? ((plane * h + y) * w + x) * channels + c : values.length === 1 ? 0 : plane + c;
          data[target + c] = values[place] ?? 0;
        }
      }
    }
  }
  return options.inplace ? img : imageOf({ ...raster, data }, img);
}
