/**
 * Images turned by an angle.
 *
 * @module
 */
import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../../../common/options.js';
import { checkPoint, type Fill } from '../arguments.js';
import { fillValues, imageOf, numericRasterOf, storageOf } from '../raster.js';
import { warp, warpInterpolations, type AffineMap, type WarpInterpolation } from '../resampling/warp.js';
import type { ImageLike } from '../transform.js';

/** Options of {@link rotate}. */
export interface RotateOptions {
  /** How values between pixels are found. @defaultValue 'nearest' */
  readonly interpolation?: WarpInterpolation;
  /** Make the result large enough for the whole turned image. @defaultValue false */
  readonly expand?: boolean;
  /** What the image turns around: [x, y] in pixels from the top left corner. @defaultValue the middle */
  readonly center?: readonly [number, number] | null;
  /**
   * Value of what comes from outside the image, or one for each channel. One value goes to all channels of an `Image` or an
   * `ImageTensor`, and to the first channel of an array, as in Paddle.
   *
   * @defaultValue 0
   */
  readonly fill?: Fill;
}

/** Smallest box of whole numbers that holds the corners of an image under a map. */
function boxOf([a, b, c, d, e, f]: AffineMap, height: number, width: number): readonly [number, number] {
  const corners = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ] as const;
  const extent = (values: number[]) => Math.ceil(Math.max(...values)) - Math.floor(Math.min(...values));
  const columns = extent(corners.map(([x, y]) => a * x + b * y + c));
  return [extent(corners.map(([x, y]) => d * x + e * y + f)), columns];
}

/**
 * An image turned counter-clockwise.
 *
 * An `Image` is turned as Pillow does it, an array as OpenCV does: with the middle of an array at (width / 2, height / 2)
 * counted from the centre of the first pixel, half a pixel beside Pillow's.
 *
 * @param angle - in degrees
 */
export function rotate<I extends ImageLike>(img: I, angle: number, options: RotateOptions = {}): I {
  checkOptions('rotate', options, ['interpolation', 'expand', 'center', 'fill']);
  const raster = numericRasterOf('rotate', img);
  const { height, width } = raster;
  const interpolation = checkChoice('interpolation', options.interpolation ?? 'nearest', warpInterpolations);
  const [centerX, centerY] = options.center ? checkPoint('center', options.center) : [width / 2, height / 2];
  const storage = storageOf(img);
  const fill = fillValues(options.fill ?? 0, raster, storage !== 'cv2');

  const radians = (-checkNumber('angle', angle) * Math.PI) / 180;
  // Pillow rounds so that quarter turns hit pixels exactly.
  const [cosine = 1, sine = 0] = [Math.cos(radians), Math.sin(radians)].map((value) => Number(value.toFixed(15)));
  const map: AffineMap = [
    cosine,
    sine,
    centerX - cosine * centerX - sine * centerY,
    -sine,
    cosine,
    centerY + sine * centerX - cosine * centerY,
  ];
  if (!checkBoolean('expand', options.expand ?? false)) {
    return imageOf(warp(raster, height, width, map, interpolation, fill, storage), img);
  }
  const [newHeight, newWidth] = boxOf(map, height, width);
  const [dx, dy] = [(newWidth - width) / 2, (newHeight - height) / 2];
  const [a, b, c, d, e, f] = map;
  const moved: AffineMap = [a, b, c - a * dx - b * dy, d, e, f - d * dx - e * dy];
  return imageOf(warp(raster, newHeight, newWidth, moved, interpolation, fill, storage), img);
}
