/**
 * Images turned, moved, scaled and sheared.
 *
 * @module
 */
import { InvalidArgumentError } from '../../../common/errors.js';
import { checkChoice, checkNumber, checkOptions } from '../../../common/options.js';
import { checkPoint, type Fill } from '../arguments.js';
import { fillValues, imageOf, numericRasterOf, storageOf } from '../raster.js';
import { warp, warpInterpolations, type AffineMap, type WarpInterpolation } from '../resampling/warp.js';
import type { ImageLike } from '../transform.js';

/** Options of {@link affine}. */
export interface AffineOptions {
  /** How values between pixels are found. @defaultValue 'nearest' */
  readonly interpolation?: WarpInterpolation;
  /** Value of what comes from outside the image, or one for each channel. @defaultValue 0 */
  readonly fill?: Fill;
  /** What the image turns around: [x, y] in pixels from the top left corner. @defaultValue the middle */
  readonly center?: readonly [number, number] | null;
}

/**
 * An image sheared, scaled and turned around a place, and then moved.
 *
 * @param angle - in degrees, clockwise
 * @param translate - [right, down] in pixels
 * @param scale - above 0; 2 gives twice the size
 * @param shear - in degrees: along the rows, or [along the rows, along the columns]
 */
export function affine<I extends ImageLike>(
  img: I,
  angle: number,
  translate: readonly [number, number],
  scale: number,
  shear: number | readonly [number, number],
  options: AffineOptions = {},
): I {
  checkOptions('affine', options, ['interpolation', 'fill', 'center']);
  const raster = numericRasterOf('affine', img);
  const { height, width } = raster;
  const [right, down] = checkPoint('translate', translate);
  if (checkNumber('scale', scale) <= 0) throw new InvalidArgumentError(`scale must be above 0, got ${scale}`);
  const shears = typeof shear === 'number' ? [checkNumber('shear', shear), 0] : checkPoint('shear', shear);
  const interpolation = checkChoice('interpolation', options.interpolation ?? 'nearest', warpInterpolations);
  const [x, y] = options.center ? checkPoint('center', options.center) : [width / 2, height / 2];
  const fill = fillValues(options.fill ?? 0, raster, true);
  const storage = storageOf(img);

  const [turn = 0, alongRows = 0, alongColumns = 0] = [checkNumber('angle', angle), ...shears].map(
    (degrees) => (degrees * Math.PI) / 180,
  );
  // Rotation after shear, [[a, b], [c, d]]; its determinant is 1, so the inverse needs no division by it.
  const a = Math.cos(turn - alongColumns) / Math.cos(alongColumns);
  const b = -a * Math.tan(alongRows) - Math.sin(turn);
  const c = Math.sin(turn - alongColumns) / Math.cos(alongColumns);
  const d = -c * Math.tan(alongRows) + Math.cos(turn);
  const [p, q, r, s] = [d / scale, -b / scale, -c / scale, a / scale] as const;
  // Arrays count from the centre of the first pixel, others from its corner.
  const half = storage === 'cv2' ? 0.5 : 0;
  const map: AffineMap = [
    p,
    q,
    x - p * (x + right - half) - q * (y + down - half) - half,
    r,
    s,
    y - r * (x + right - half) - s * (y + down - half) - half,
  ];
  return imageOf(warp(raster, height, width, map, interpolation, fill, storage), img);
}
