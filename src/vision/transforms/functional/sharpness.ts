/**
 * Sharper and softer images.
 *
 * @module
 */
import { checkNumber } from '../../../common/options.js';
import { imageOf, numericRasterOf, storageOf, type Raster } from '../raster.js';
import type { ImageLike } from '../transform.js';
import { blendBytes, layoutOf, whiteOf } from './elements.js';

/** The mean of a pixel's surroundings, in which it counts five times and its eight neighbours once. */
function smoothed({ data, width }: Raster, at: number, pixel: number): number {
  let sum = 4 * (data[at] ?? 0);
  for (let y = -1; y <= 1; y++) {
    for (let x = -1; x <= 1; x++) sum += data[at + (y * width + x) * pixel] ?? 0;
  }
  return sum / 13;
}

/**
 * An image sharper or softer: the distance of each value from the mean of its surroundings is multiplied. Pixels at the
 * border stay.
 *
 * @param sharpnessFactor - 0 gives a soft image, 1 the image, 2 a sharp one
 */
export function adjustSharpness<I extends ImageLike>(img: I, sharpnessFactor: number): I {
  const raster = numericRasterOf('adjustSharpness', img);
  const factor = checkNumber('sharpnessFactor', sharpnessFactor, 0);
  const white = whiteOf(raster, storageOf(img));
  const { step, pixel } = layoutOf(raster);
  const blend = raster.dtype.startsWith('float')
    ? (base: number, value: number) => Math.min(white, Math.max(0, base + factor * (value - base)))
    : (base: number, value: number) => blendBytes(Math.floor(base + 0.5), value, factor);
  const data = raster.data.slice();
  for (let channel = 0; channel < Math.min(3, raster.planes * raster.channels); channel++) {
    for (let y = 1; y < raster.height - 1; y++) {
      for (let x = 1; x < raster.width - 1; x++) {
        const at = channel * step + (y * raster.width + x) * pixel;
        data[at] = blend(smoothed(raster, at, pixel), raster.data[at] ?? 0);
      }
    }
  }
  return imageOf({ ...raster, data }, img);
}
