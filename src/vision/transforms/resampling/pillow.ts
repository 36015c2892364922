/**
 * Resizing of images of bytes as Pillow does it (src/libImaging/Resample.c and Geometry.c): a filter as wide as the scale
 * asks for, in whole numbers, along rows and then along columns.
 *
 * @module
 */
import { blankRaster, type Raster } from '../raster.js';
import { acrossRows, alongRows, makeTaps, type Finish, type Taps } from './separable.js';

/** A weight of 1: weights have 22 bits after the binary point. */
const ONE = 2 ** 22;

interface Filter {
  /** Distance from the centre beyond which the filter is 0, in pixels. */
  readonly support: number;
  readonly at: (x: number) => number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** Keys' cubic with a = -0.5. */
function cubic(x: number): number {
  const a = -0.5;
  x = Math.abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** Pillow's filters. */
const filters = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    at: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI))),
  },
  bicubic: { support: 2, at: cubic },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const satisfies Record<string, Filter>;

/** Interpolations of images of the backend 'pil'. */
export const pillowInterpolations = ['nearest', 'bilinear', 'bicubic', 'box', 'lanczos', 'hamming'] as const;

function tapsOf({ support: radius, at }: Filter, from: number, to: number): Taps {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const support = radius * stretch;
  return makeTaps(to, Math.ceil(support) * 2 + 1, (place, tap) => {
    const center = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(from, Math.trunc(center + support + 0.5));
    const weights = Array.from({ length: end - first }, (_, i) => at((i + first - center + 0.5) * (1 / stretch)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights.forEach((weight, i) => {
      const scaled = (sum === 0 ? weight : weight / sum) * ONE;
      tap(i, first + i, Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    });
  });
}

/** Rounds sums to bytes. */
function toBytes(target: Float32Array): Finish {
  return (sums, offset) => {
    for (let i = 0; i < sums.length; i++) {
      const value = Math.floor(((sums[i] ?? 0) + ONE / 2) / ONE);
      target[offset + i] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  };
}

/** The nearest pixel of each place; the positions are summed up as Pillow does. */
function nearestTaps(from: number, to: number): Taps {
  const step = from / to;
  let position = step * 0.5;
  return makeTaps(to, 1, (_, tap) => {
    tap(0, Math.trunc(position), ONE);
    position += step;
  });
}

/** Multiplies colours by the alpha channel of pixels of four bytes, as Pillow's RGBa. */
function premultiplied(raster: Raster): Raster {
  const data = raster.data.slice();
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3] ?? 0;
    for (let c = i; c < i + 3; c++) {
      const product = (data[c] ?? 0) * alpha + 128;
      data[c] = ((product >> 8) + product) >> 8;
    }
  }
  return { ...raster, data };
}

/** Divides colours by the alpha channel, in place. */
function divideByAlpha({ data }: Raster): void {
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3] ?? 0;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = i; c < i + 3; c++) data[c] = Math.min(255, Math.trunc((255 * (data[c] ?? 0)) / alpha));
  }
}

/** A raster of bytes in another size. */
export function resizeLikePillow(
  raster: Raster,
  height: number,
  width: number,
  interpolation: (typeof pillowInterpolations)[number],
): Raster {
  const same = height === raster.height && width === raster.width;
  if (same) return { ...raster, data: raster.data.slice() };
  const transparent = raster.channels === 4 && interpolation !== 'nearest';
  const source = transparent ? premultiplied(raster) : raster;
  const taps = (from: number, to: number) =>
    interpolation === 'nearest' ? nearestTaps(from, to) : tapsOf(filters[interpolation], from, to);

  let wide = source;
  if (width !== source.width || interpolation === 'nearest') {
    wide = blankRaster(source, source.height, width);
    const rows = source.planes * source.height;
    alongRows(source.data, rows, source.width, source.channels, taps(source.width, width), toBytes(wide.data));
  }
  let result = wide;
  if (height !== wide.height || interpolation === 'nearest') {
    result = blankRaster(wide, height, width);
    const rowLength = width * wide.channels;
    acrossRows(wide.data, wide.planes, wide.height, rowLength, taps(wide.height, height), toBytes(result.data));
  }
  if (transparent) divideByAlpha(result);
  return result;
}
