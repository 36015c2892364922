/**
 * Resizing of arrays as OpenCV does it (modules/imgproc/src/resize.cpp): a fixed number of neighbours, whatever the scale,
 * with weights of 11 bits for bytes; except 'area', the mean of what a pixel covers.
 *
 * @module
 */
import { blankRaster, clampTo, type Raster } from '../raster.js';
import { roundHalfEven } from '../rounding.js';
import { acrossRows, alongRows, makeTaps, type Finish, type Taps } from './separable.js';

/** Bits after the binary point of a weight for bytes. */
const BITS = 11;

/** Interpolations of arrays. */
export const openCvInterpolations = ['nearest', 'bilinear', 'area', 'bicubic', 'lanczos'] as const;

type Interpolation = (typeof openCvInterpolations)[number];

const f32 = Math.fround;

/** Keys' cubic with a = -0.75, at the four neighbours of a place between two pixels. */
function cubicWeights(x: number): number[] {
  const a = f32(-0.75);
  const first =
    f32(f32(f32(f32(f32(a * f32(x + 1)) - f32(5 * a)) * f32(x + 1)) + f32(8 * a)) * f32(x + 1)) - f32(4 * a);
  const second = f32(f32(f32(f32(f32(f32(a + 2) * x) - f32(a + 3)) * x) * x) + 1);
  const rest = f32(1 - x);
  const third = f32(f32(f32(f32(f32(f32(a + 2) * rest) - f32(a + 3)) * rest) * rest) + 1);
  return [f32(first), second, third, f32(f32(f32(1 - f32(first)) - second) - third)];
}

/** Lanczos' window over eight neighbours. */
function lanczosWeights(x: number): number[] {
  const diagonal = Math.SQRT1_2;
  const turns = [
    [1, 0],
    [-diagonal, -diagonal],
    [0, 1],
    [diagonal, -diagonal],
    [-1, 0],
    [diagonal, diagonal],
    [0, -1],
    [-diagonal, diagonal],
  ] as const;
  const y0 = -(x + 3) * Math.PI * 0.25;
  const sine = Math.sin(y0);
  const cosine = Math.cos(y0);
  const weights = turns.map(([a, b], i) => {
    const distance = f32(x + 3 - i);
    // At a pixel itself the quotient has no value; a large weight leaves the others without effect.
    if (Math.abs(distance) < 1e-6) return 1e30;
    const y = -distance * Math.PI * 0.25;
    return f32((a * sine + b * cosine) / (y * y));
  });
  const scale = f32(1 / weights.reduce((sum, weight) => f32(sum + weight), 0));
  return weights.map((weight) => f32(weight * scale));
}

const kernels = {
  bilinear: { first: 0, weights: (x: number) => [f32(1 - x), x] },
  bicubic: { first: -1, weights: cubicWeights },
  lanczos: { first: -3, weights: lanczosWeights },
} as const;

/** Neighbours of each place, `scale` source pixels apart. */
function neighbourTaps(from: number, to: number, kind: keyof typeof kernels, whole: boolean, rows: boolean): Taps {
  const { first, weights } = kernels[kind];
  const scale = 1 / (to / from);
  const count = weights(0).length;
  return makeTaps(to, count, (place, tap) => {
    let x = f32((place + 0.5) * scale - 0.5);
    let start = Math.floor(x);
    x = f32(x - start);
    // Columns beyond the edge have no weight; rows there are repeated, which rounds differently.
    if (kind === 'bilinear' && !rows && start < 0) [start, x] = [0, 0];
    if (kind === 'bilinear' && !rows && start >= from - 1) [start, x] = [from - 1, 0];
    weights(x).forEach((weight, i) => {
      const source = Math.min(from - 1, Math.max(0, start + first + i));
      tap(i, source, whole ? roundHalfEven(weight * 2 ** BITS) : weight);
    });
  });
}

/** 'area' when an axis does not shrink: linear between the cells of the source. */
function growingAreaTaps(from: number, to: number, whole: boolean): Taps {
  const inverse = to / from;
  const scale = 1 / inverse;
  return makeTaps(to, 2, (place, tap) => {
    let start = Math.floor(place * scale);
    const end = f32(place + 1 - (start + 1) * inverse);
    let x = end <= 0 ? 0 : f32(end - Math.floor(end));
    if (start >= from - 1) [start, x] = [from - 1, 0];
    const one = 2 ** BITS;
    tap(0, start, whole ? roundHalfEven(f32(1 - x) * one) : f32(1 - x));
    tap(1, Math.min(from - 1, start + 1), whole ? roundHalfEven(x * one) : x);
  });
}

/** 'area' when both axes shrink: the share of each pixel that a place covers. */
function shrinkingAreaTaps(from: number, to: number): Taps {
  const scale = 1 / (to / from);
  return makeTaps(to, Math.ceil(scale) + 2, (place, tap) => {
    const begin = place * scale;
    const end = begin + scale;
    const cell = Math.min(scale, from - begin);
    const stop = Math.min(Math.floor(end), from - 1);
    const low = Math.min(Math.ceil(begin), stop);
    let i = 0;
    if (low - begin > 1e-3) tap(i++, low - 1, f32((low - begin) / cell));
    for (let source = low; source < stop; source++) tap(i++, source, f32(1 / cell));
    if (end - stop > 1e-3) tap(i, stop, f32(Math.min(Math.min(end - stop, 1), cell) / cell));
  });
}

function nearestTaps(from: number, to: number): Taps {
  const scale = 1 / (to / from);
  return makeTaps(to, 1, (place, tap) => tap(0, Math.min(from - 1, Math.floor(place * scale)), 1));
}

/** Stores sums as they are, or rounded into the range of the element type. */
function store({ data, dtype }: Raster): Finish {
  if (dtype === 'float32' || dtype === 'float64') return (sums, offset) => data.set(sums, offset);
  const clamp = clampTo(dtype);
  return (sums, offset) => {
    for (let i = 0; i < sums.length; i++) data[offset + i] = clamp(roundHalfEven(sums[i] ?? 0));
  };
}

/** What the weights of two passes give for 1. */
const ONE = 2 ** (2 * BITS);

/** Rounds sums with the weights of two passes to bytes. */
function storeBytes(target: Float32Array): Finish {
  return (sums, offset) => {
    for (let i = 0; i < sums.length; i++) {
      const value = Math.floor(((sums[i] ?? 0) + ONE / 2) / ONE);
      target[offset + i] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  };
}

/** The linear pass along columns, which OpenCV computes with fewer bits. */
function linearAcrossRows(source: ArrayLike<number>, result: Raster, height: number, taps: Taps): void {
  const rowLength = result.width * result.channels;
  let target = 0;
  for (let plane = 0; plane < result.planes; plane++) {
    for (let place = 0; place < taps.length; place++) {
      const above = (plane * height + (taps.indices[2 * place] ?? 0)) * rowLength;
      const below = (plane * height + (taps.indices[2 * place + 1] ?? 0)) * rowLength;
      const upper = taps.weights[2 * place] ?? 0;
      const lower = taps.weights[2 * place + 1] ?? 0;
      for (let i = 0; i < rowLength; i++, target++) {
        const a = (upper * ((source[above + i] ?? 0) >> 4)) >> 16;
        const b = (lower * ((source[below + i] ?? 0) >> 4)) >> 16;
        result.data[target] = (a + b + 2) >> 2;
      }
    }
  }
}

/** A raster in another size. */
export function resizeLikeOpenCv(raster: Raster, height: number, width: number, interpolation: Interpolation): Raster {
  const result = blankRaster(raster, height, width);
  if (height === raster.height && width === raster.width) {
    result.data.set(raster.data);
    return result;
  }
  const bytes = raster.dtype === 'uint8';
  const shrinks = height <= raster.height && width <= raster.width;
  const halves = raster.height === 2 * height && raster.width === 2 * width;
  const area = shrinks && (interpolation === 'area' || (interpolation === 'bilinear' && halves));
  const whole = bytes && !area && interpolation !== 'nearest' && interpolation !== 'bicubic';

  const taps = (from: number, to: number, rows: boolean): Taps => {
    if (interpolation === 'nearest') return nearestTaps(from, to);
    if (area) return shrinkingAreaTaps(from, to);
    if (interpolation === 'area') return growingAreaTaps(from, to, whole);
    return neighbourTaps(from, to, interpolation, whole, rows);
  };
  const { planes, channels } = raster;
  const wide = new Float64Array(planes * raster.height * width * channels);
  const rows = planes * raster.height;
  alongRows(raster.data, rows, raster.width, channels, taps(raster.width, width, false), (sums, offset) => {
    wide.set(sums, offset);
  });
  const vertical = taps(raster.height, height, true);
  const linear = interpolation === 'bilinear' || interpolation === 'area';
  if (whole && linear) linearAcrossRows(wide, result, raster.height, vertical);
  else {
    const finish = whole ? storeBytes(result.data) : store(result);
    acrossRows(wide, planes, raster.height, width * channels, vertical, finish);
  }
  return result;
}
