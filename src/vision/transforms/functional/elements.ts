/**
 * Changing the elements of an image one by one.
 *
 * @module
 */
import { imageOf, type Raster, type Storage } from '../raster.js';
import type { ImageLike } from '../transform.js';

/** Distance between the channels of a pixel, and number of pixels. */
export function layoutOf({ planes, channels, height, width }: Raster): { step: number; pixel: number; pixels: number } {
  const pixels = height * width;
  return planes === 1 ? { step: 1, pixel: channels, pixels } : { step: pixels, pixel: 1, pixels };
}

/** Elements of an image, each changed by a function of its value, its pixel and its channel. The alpha channel stays. */
export function change<I extends ImageLike>(
  img: I,
  raster: Raster,
  value: (old: number, pixel: number, channel: number) => number,
): I {
  const { step, pixel, pixels } = layoutOf(raster);
  const channels = Math.min(3, raster.planes * raster.channels);
  const data = raster.data.slice();
  for (let i = 0; i < pixels; i++) {
    for (let c = 0, at = i * pixel; c < channels; c++, at += step) data[at] = value(data[at] ?? 0, i, c);
  }
  return imageOf({ ...raster, data }, img);
}

/** Mixes a value with another as Pillow's `Image.blend`: `base + factor * (value - base)`, cut to a byte. */
export function blendBytes(base: number, value: number, factor: number): number {
  const mixed = Math.fround(base + Math.fround(Math.fround(factor) * (value - base)));
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : Math.trunc(mixed);
}

/** The value of white: 255, or 1 for the floats of an `ImageTensor`. */
export function whiteOf(raster: Raster, storage: Storage): number {
  return storage === 'tensor' && raster.dtype.startsWith('float') ? 1 : 255;
}
