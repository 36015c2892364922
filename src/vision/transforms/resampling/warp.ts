/**
 * Images under an affine or a projective map, as Pillow (src/libImaging/Geometry.c), OpenCV (modules/imgproc/src/warp_kernels) and Paddle's
 * `grid_sample` compute them.
 *
 * @module
 */
import { blankRaster, clampTo, type Raster, type Storage } from '../raster.js';
import { roundHalfEven } from '../rounding.js';

/** `[a, b, c, d, e, f]`: the place (x, y) of the result comes from (a x + b y + c, d x + e y + f) of the source. */
export type AffineMap = readonly [number, number, number, number, number, number];

/** As {@link AffineMap}, both divided by g x + h y + 1. */
export type ProjectiveMap = readonly [...AffineMap, number, number];

/** How values between pixels are found in a warp. */
export type WarpInterpolation = 'nearest' | 'bilinear' | 'bicubic';

/** Interpolations of a warp. */
export const warpInterpolations = ['nearest', 'bilinear', 'bicubic'] as const;

/** The part of a pixel before a place, and the place's distance from it. */
function split(value: number): readonly [number, number] {
  const floor = Math.floor(value);
  return [floor, value - floor];
}

/** Weights of the neighbours `-1, 0, 1, 2` (or `0, 1`) of a place at distance `x` behind neighbour 0. */
function weightsOf(interpolation: WarpInterpolation, a: number, x: number): readonly number[] {
  if (interpolation === 'bilinear') return [1 - x, x];
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(1 + x), near(x), near(1 - x), far(2 - x)];
}

/** Gives the place in the source for a place of the result. */
type Locate = (x: number, y: number) => readonly [x: number, y: number];

/** Where places come from, in coordinates in which the first pixel is at 0. */
function locatorOf(map: AffineMap | ProjectiveMap, storage: Storage, nearest: boolean): Locate {
  const [a, b, c, d, e, f, g = 0, h = 0] = map;
  const affine = map.length === 6;
  if (storage === 'cv2') {
    const f32 = Math.fround;
    const [fa = 0, fb = 0, fc = 0, fd = 0, fe = 0, ff = 0, fg = 0, fh = 0] = map.map(f32);
    const linear = (x: number, y: number, p: number, q: number, r: number) => f32(f32(x * p) + f32(f32(y * q) + r));
    if (affine) return (x, y) => [linear(x, y, fa, fb, fc), linear(x, y, fd, fe, ff)];
    return (x, y) => {
      const depth = linear(x, y, fg, fh, 1);
      return [f32(linear(x, y, fa, fb, fc) / depth), f32(linear(x, y, fd, fe, ff) / depth)];
    };
  }
  if (storage === 'pil' && nearest && affine) {
    // Whole numbers with 16 bits after the binary point; the half pixel is part of the offset.
    const fixed = (value: number) => Math.floor(value * 65536 + 0.5);
    const [fa, fb, fd, fe] = [fixed(a), fixed(b), fixed(d), fixed(e)];
    const fc = fixed(c + a * 0.5 + b * 0.5);
    const ff = fixed(f + d * 0.5 + e * 0.5);
    return (x, y) => [Math.floor((fc + x * fa + y * fb) / 65536), Math.floor((ff + x * fd + y * fe) / 65536)];
  }
  const corner: Locate = (left, top) => {
    const [x, y] = [left + 0.5, top + 0.5];
    const depth = g * x + h * y + 1;
    return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
  };
  return (x, y) => {
    const [column, row] = corner(x, y);
    return storage === 'pil' && nearest ? [Math.floor(column), Math.floor(row)] : [column - 0.5, row - 0.5];
  };
}

/**
 * A raster under a map. Places from outside the source get `fill`.
 *
 * @param map - from places of the result to places of the source; for 'cv2' between the centres of pixels, else between their
 *   corners
 * @param fill - one value for each channel
 */
export function warp(
  raster: Raster,
  height: number,
  width: number,
  map: AffineMap | ProjectiveMap,
  interpolation: WarpInterpolation,
  fill: readonly number[],
  storage: Storage,
): Raster {
  const { data, planes, channels } = raster;
  const result = blankRaster(raster, height, width);
  const nearest = interpolation === 'nearest';
  const locate = locatorOf(map, storage, nearest);
  const pillow = storage === 'pil';
  const clamp = clampTo(raster.dtype);
  const floats = raster.dtype.startsWith('float');
  const finish = floats ? clamp : (value: number) => clamp(pillow ? Math.trunc(value) : roundHalfEven(value));
  const inside = (x: number, y: number) => x >= 0 && x < raster.width && y >= 0 && y < raster.height;
  const at = (x: number, y: number, plane: number, channel: number) =>
    data[((plane * raster.height + y) * raster.width + x) * channels + channel] ?? 0;

  /** A neighbour's value: at the edge Pillow repeats pixels, the others go on with `fill`. */
  const neighbour = (x: number, y: number, plane: number, channel: number): number => {
    if (inside(x, y)) return at(x, y, plane, channel);
    if (!pillow) return fill[plane + channel] ?? 0;
    const [column, row] = [Math.min(raster.width - 1, Math.max(0, x)), Math.min(raster.height - 1, Math.max(0, y))];
    return at(column, row, plane, channel);
  };
  const first = interpolation === 'bicubic' ? -1 : 0;
  const sharpness = pillow ? -1 : -0.75;

  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [sourceX, sourceY] = locate(x, y);
      const place = (plane: number) => ((plane * height + y) * width + x) * channels;
      if (nearest) {
        const [column, row] = pillow ? [sourceX, sourceY] : [roundHalfEven(sourceX), roundHalfEven(sourceY)];
        const found = inside(column, row);
        for (let plane = 0; plane < planes; plane++) {
          for (let c = 0; c < channels; c++) {
            result.data[place(plane) + c] = found ? at(column, row, plane, c) : (fill[plane + c] ?? 0);
          }
        }
        continue;
      }
      const outside = pillow && !inside(Math.floor(sourceX + 0.5), Math.floor(sourceY + 0.5));
      const [column, dx] = split(sourceX);
      const [row, dy] = split(sourceY);
      const across = weightsOf(interpolation, sharpness, dx);
      const down = weightsOf(interpolation, sharpness, dy);
      for (let plane = 0; plane < planes; plane++) {
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let j = 0; j < down.length; j++) {
            let line = 0;
            for (let i = 0; i < across.length; i++) {
              line += (across[i] ?? 0) * neighbour(column + first + i, row + first + j, plane, c);
            }
            sum += (down[j] ?? 0) * line;
          }
          result.data[place(plane) + c] = outside ? (fill[plane + c] ?? 0) : finish(sum);
        }
      }
    }
  }
  return result;
}
