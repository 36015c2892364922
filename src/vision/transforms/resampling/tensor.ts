/**
 * Resizing of tensors of images as `nn.functional.interpolate` does it with `alignCorners: false`.
 *
 * @module
 */
import { blankRaster, clampTo, type Raster } from '../raster.js';
import { roundHalfEven } from '../rounding.js';
import { acrossRows, alongRows, makeTaps, type Taps } from './separable.js';

/** Interpolations of images of the backend 'tensor'. */
export const tensorInterpolations = ['nearest', 'bilinear', 'area', 'bicubic'] as const;

type Interpolation = (typeof tensorInterpolations)[number];

/** Keys' cubic with a = -0.75. */
function cubic(distance: number): number {
  const a = -0.75;
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

function tapsOf(from: number, to: number, interpolation: Interpolation): Taps {
  const scale = from / to;
  const inside = (place: number) => Math.min(from - 1, Math.max(0, place));
  switch (interpolation) {
    case 'nearest':
      return makeTaps(to, 1, (place, tap) => tap(0, inside(Math.floor(place * scale)), 1));
    case 'bilinear':
      return makeTaps(to, 2, (place, tap) => {
        const center = Math.max(0, (place + 0.5) * scale - 0.5);
        const low = Math.floor(center);
        tap(0, inside(low), 1 - (center - low));
        tap(1, inside(low + 1), center - low);
      });
    case 'bicubic':
      return makeTaps(to, 4, (place, tap) => {
        const center = (place + 0.5) * scale - 0.5;
        const low = Math.floor(center);
        for (let i = 0; i < 4; i++) tap(i, inside(low - 1 + i), cubic(center - (low - 1 + i)));
      });
    case 'area':
      return makeTaps(to, Math.ceil(scale) + 1, (place, tap) => {
        const first = Math.floor(place * scale);
        const count = Math.ceil((place + 1) * scale) - first;
        for (let i = 0; i < count; i++) tap(i, first + i, 1 / count);
      });
  }
}

/** A raster in another size. */
export function resizeLikeTensor(raster: Raster, height: number, width: number, interpolation: Interpolation): Raster {
  const { planes, channels } = raster;
  const result = blankRaster(raster, height, width);
  const wide = new Float64Array(planes * raster.height * width * channels);
  const horizontal = tapsOf(raster.width, width, interpolation);
  alongRows(raster.data, planes * raster.height, raster.width, channels, horizontal, (sums, offset) => {
    wide.set(sums, offset);
  });
  const round = raster.dtype.startsWith('float') ? (value: number) => value : roundHalfEven;
  const clamp = clampTo(raster.dtype);
  const vertical = tapsOf(raster.height, height, interpolation);
  acrossRows(wide, planes, raster.height, width * channels, vertical, (sums, offset) => {
    for (let i = 0; i < sums.length; i++) result.data[offset + i] = clamp(round(sums[i] ?? 0));
  });
  return result;
}
