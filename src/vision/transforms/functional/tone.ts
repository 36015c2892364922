/**
 * What changes the tones of an image.
 *
 * @module
 */
import { InvalidArgumentError } from '../../../common/errors.js';
import { checkNumber, describeValue } from '../../../common/options.js';
import { numericRasterOf, storageOf, type Raster } from '../raster.js';
import type { ImageLike } from '../transform.js';
import { change, layoutOf, whiteOf } from './elements.js';

const isFloat = ({ dtype }: Raster) => dtype.startsWith('float');

/** What an image of a form is computed with: its elements, and the value of white. */
function tonesOf(where: string, img: ImageLike): { readonly raster: Raster; readonly white: number } {
  const raster = numericRasterOf(where, img);
  return { raster, white: whiteOf(raster, storageOf(img)) };
}

/** Values of each channel of an image, without the alpha channel. */
function channelValues(raster: Raster): Float64Array[] {
  const { step, pixel, pixels } = layoutOf(raster);
  return Array.from({ length: Math.min(3, raster.planes * raster.channels) }, (_, channel) =>
    Float64Array.from({ length: pixels }, (__, i) => raster.data[channel * step + i * pixel] ?? 0),
  );
}

/**
 * An image with fewer tones: each value keeps its highest bits. Floats are rounded down to `2 ** bits` levels.
 *
 * @param bits - bits to keep of each value, 1 to 8
 */
export function posterize<I extends ImageLike>(img: I, bits: number): I {
  if (!Number.isInteger(bits) || bits < 1 || bits > 8) {
    throw new InvalidArgumentError(`bits must be a whole number from 1 to 8, got ${describeValue(bits)}`);
  }
  const { raster, white } = tonesOf('posterize', img);
  const levels = 2 ** bits;
  if (!isFloat(raster)) return change(img, raster, (old) => old - (old % (256 / levels)));
  const level = (value: number) => Math.min(levels - 1, Math.max(0, Math.floor((value / white) * levels)));
  return change(img, raster, (old) => (white * level(old)) / levels);
}

/**
 * An image whose bright values are inverted: those of at least `threshold`.
 *
 * @param threshold - in the units of the image: 0 to 255, or 0 to 1 for the floats of an `ImageTensor`
 */
export function solarize<I extends ImageLike>(img: I, threshold: number): I {
  const { raster, white } = tonesOf('solarize', img);
  checkNumber('threshold', threshold, 0);
  return change(img, raster, (old) => (old < threshold ? old : white - old));
}

/** An image whose channels are stretched, each so that its darkest value becomes 0 and its brightest white. */
export function autocontrast<I extends ImageLike>(img: I): I {
  const { raster, white } = tonesOf('autocontrast', img);
  const lines = channelValues(raster).map((values) => {
    const [least, most] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [
      Infinity,
      -Infinity,
    ] as readonly [number, number]);
    const scale = white / (most - least);
    return most > least ? { scale, offset: -least * scale } : { scale: 1, offset: 0 };
  });
  return change(img, raster, (old, _, channel) => {
    const { scale, offset } = lines[channel] ?? { scale: 1, offset: 0 };
    return Math.min(white, Math.max(0, old * scale + offset));
  });
}

/** Where the values 0 to 255 go to be spread evenly, as Pillow's `ImageOps.equalize`; undefined when nothing changes. */
function spreadEvenly(values: Float64Array): Float64Array | undefined {
  const counts = new Float64Array(256);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  const last = counts.findLast((count) => count > 0) ?? 0;
  const step = Math.floor((values.length - last) / 255);
  if (step === 0) return undefined;
  let sum = Math.floor(step / 2);
  return counts.map((count) => {
    const place = Math.min(255, Math.floor(sum / step));
    sum += count;
    return place;
  });
}

/** An image whose values are spread evenly, in each channel. Floats are taken for 256 tones. */
export function equalize<I extends ImageLike>(img: I): I {
  const { raster, white } = tonesOf('equalize', img);
  const floats = isFloat(raster);
  // Floats become bytes as in PyTorch: each byte gets an equal share of [0, 1].
  const toByte = (value: number) =>
    floats ? Math.min(255, Math.max(0, Math.floor((value / white) * 255.999))) : value & 255;
  const tables = channelValues(raster).map((values) => spreadEvenly(values.map(toByte)));
  const toValue = floats ? (byte: number) => (byte / 255) * white : (byte: number) => byte;
  return change(img, raster, (old, _, channel) => {
    const byte = toByte(old);
    return toValue(tables[channel]?.[byte] ?? byte);
  });
}
