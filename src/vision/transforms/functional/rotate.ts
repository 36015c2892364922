/**
 * Images turned by an angle.
 *
 * @module
 */
import { ShapeMismatchError } from '../../../common/errors.js';
import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../../../common/options.js';
import { checkFill, checkPoint, type Fill } from '../arguments.js';
import { imageOf, numericRasterOf, storageOf } from '../raster.js';
import { warpAffine, warpInterpolations, type AffineMap, type WarpInterpolation } from '../resampling/warp.js';
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
  const channels = raster.planes * raster.channels;
  const given = checkFill('fill', options.fill ?? 0);
  if (given.length !== 1 && given.length !== channels) {
    throw new ShapeMismatchError(
      `fill must have one value or one for each of ${channels} channels, got ${given.length}`,
    );
  }
  const fill = given.length === 1 && storage !== 'cv2' ? new Array<number>(channels).fill(given[0] ?? 0) : given;

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
    return imageOf(warpAffine(raster, height, width, map, interpolation, fill, storage), img);
  }
  const [newHeight, newWidth] = boxOf(map, height, width);
  const [dx, dy] = [(newWidth - width) / 2, (newHeight - height) / 2];
  const [a, b, c, d, e, f] = map;
  const moved: AffineMap = [a, b, c - a * dx - b * dy, d, e, f - d * dx - e * dy];
  return imageOf(warpAffine(raster, newHeight, newWidth, moved, interpolation, fill, storage), img);
}
