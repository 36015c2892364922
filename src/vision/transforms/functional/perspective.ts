/**
 * Images seen from elsewhere.
 *
 * @module
 */
import { InvalidArgumentError } from '../../../common/errors.js';
import { checkChoice, checkOptions, describeValue } from '../../../common/options.js';
import { checkPoint, type Fill } from '../arguments.js';
import { fillValues, imageOf, numericRasterOf, storageOf } from '../raster.js';
import { warp, warpInterpolations, type ProjectiveMap, type WarpInterpolation } from '../resampling/warp.js';
import type { ImageLike } from '../transform.js';

/** Four places [x, y] in pixels: top left, top right, bottom right, bottom left. */
export type Corners = readonly [
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
];

/** Options of {@link perspective}. */
export interface PerspectiveOptions {
  /** How values between pixels are found. @defaultValue 'nearest' */
  readonly interpolation?: WarpInterpolation;
  /**
   * Value of what comes from outside the image, or one for each channel. One value goes to all channels of an `Image` or an
   * `ImageTensor`, and to the first channel of an array, as in Paddle.
   *
   * @defaultValue 0
   */
  readonly fill?: Fill;
}

/** Solves a system of linear equations, given as rows of coefficients and right side (Gauss, with pivots). */
function solve(rows: number[][]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = row;
    }
    const pivotRow = rows[pivot] ?? [];
    rows[pivot] = rows[column] ?? [];
    rows[column] = pivotRow;
    const divisor = pivotRow[column] ?? 0;
    if (Math.abs(divisor) < 1e-12) throw new InvalidArgumentError('no three of four corners may lie on one line');
    for (let row = 0; row < size; row++) {
      const current = rows[row];
      if (row === column || current === undefined) continue;
      const factor = (current[column] ?? 0) / divisor;
      for (let i = column; i <= size; i++) current[i] = (current[i] ?? 0) - factor * (pivotRow[i] ?? 0);
    }
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}

function checkCorners(name: string, corners: unknown): Corners {
  if (!Array.isArray(corners) || corners.length !== 4) {
    throw new InvalidArgumentError(`${name} must be four places [x, y], got ${describeValue(corners)}`);
  }
  return corners.map((corner, index) => checkPoint(`${name}[${index}]`, corner)) as unknown as Corners;
}

/**
 * An image under the projective map that moves four places of it to others.
 *
 * @param startpoints - places in the image
 * @param endpoints - where they come to
 */
export function perspective<I extends ImageLike>(
  img: I,
  startpoints: Corners,
  endpoints: Corners,
  options: PerspectiveOptions = {},
): I {
  checkOptions('perspective', options, ['interpolation', 'fill']);
  const raster = numericRasterOf('perspective', img);
  const interpolation = checkChoice('interpolation', options.interpolation ?? 'nearest', warpInterpolations);
  const storage = storageOf(img);
  const fill = fillValues(options.fill ?? 0, raster, storage !== 'cv2');
  const starts = checkCorners('startpoints', startpoints);
  const ends = checkCorners('endpoints', endpoints);
  // Places of the result on the left, of the image on the right.
  const rows = ends.flatMap(([x, y], index) => {
    const [u, v] = starts[index] ?? [0, 0];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  const map = solve(rows) as unknown as ProjectiveMap;
  return imageOf(warp(raster, raster.height, raster.width, map, interpolation, fill, storage), img);
}
