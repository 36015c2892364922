/**
 * What changes colours.
 *
 * @module
 */
import { InvalidArgumentError, ShapeMismatchError } from '../../../common/errors.js';
import { checkNumber, checkOptions, describeValue } from '../../../common/options.js';
import { zerosOf } from '../../../common/ndarray.js';
import {
  fromHsvLikeOpenCv,
  fromHsvLikePillow,
  fromHsvUnit,
  toHsvLikeOpenCv,
  toHsvLikePillow,
  toHsvUnit,
} from '../hsv.js';
import { channelsOf, imageOf, numericRasterOf, storageOf, type Raster } from '../raster.js';
import type { ImageLike } from '../transform.js';
import { blendBytes, change, layoutOf } from './elements.js';

function checkColours(where: string, channels: number, allowed: readonly number[]): void {
  if (allowed.includes(channels)) return;
  throw new ShapeMismatchError(`${where} takes images of ${allowed.join(' or ')} channels, got ${channels}`);
}

/** Grey values as Pillow computes them (ITU-R 601-2 luma in 16 bits). */
const pillowGrey = (r: number, g: number, b: number) => (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;

/** Grey values as OpenCV computes them for bytes. */
const openCvGrey = (r: number, g: number, b: number) => (r * 9798 + g * 19235 + b * 3735 + 0x4000) >> 15;

/** Grey values as OpenCV computes them for floats. */
const openCvGreyFloat = (r: number, g: number, b: number) => 0.299 * r + 0.587 * g + 0.114 * b;

/** Grey values as Paddle computes them for tensors. */
const tensorGrey = (r: number, g: number, b: number) => 0.2989 * r + 0.587 * g + 0.114 * b;

/** The grey value of each pixel. */
function greyValues(raster: Raster, grey: (r: number, g: number, b: number) => number): Float64Array {
  const { data } = raster;
  const { step, pixel, pixels } = layoutOf(raster);
  if (raster.planes * raster.channels === 1) return Float64Array.from(data);
  const values = new Float64Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const at = i * pixel;
    values[i] = grey(data[at] ?? 0, data[at + step] ?? 0, data[at + 2 * step] ?? 0);
  }
  return values;
}

/** Options of {@link toGrayscale}. */
export interface GrayscaleOptions {
  /** Channels of the result, all alike. @defaultValue 1 */
  readonly numOutputChannels?: 1 | 3;
}

/** A grey image of a coloured one. */
export function toGrayscale<I extends ImageLike>(img: I, options: GrayscaleOptions = {}): I {
  checkOptions('toGrayscale', options, ['numOutputChannels']);
  const { numOutputChannels = 1 } = options;
  if (![1, 3].includes(numOutputChannels)) {
    throw new InvalidArgumentError(`numOutputChannels must be 1 or 3, got ${describeValue(numOutputChannels)}`);
  }
  const raster = numericRasterOf('toGrayscale', img);
  const storage = storageOf(img);
  checkColours('toGrayscale', channelsOf(img), [1, 3, 4]);
  const floats = raster.dtype.startsWith('float');
  const values = greyValues(
    raster,
    storage === 'pil' ? pillowGrey : storage === 'tensor' ? tensorGrey : floats ? openCvGreyFloat : openCvGrey,
  );
  const data = zerosOf(raster.dtype, values.length * numOutputChannels) as Float32Array;
  const last = storage !== 'tensor';
  for (let i = 0; i < data.length; i++)
    data[i] = values[last ? Math.floor(i / numOutputChannels) : i % values.length] ?? 0;
  const [planes, channels] = last ? [1, numOutputChannels] : [numOutputChannels, 1];
  return imageOf({ ...raster, data, planes, channels }, img);
}

/** Mixes a value with another as Paddle does for tensors: floats stay in [0, 1], bytes in [0, 255]. */
function blendTensor(raster: Raster, factor: number): (base: number, value: number) => number {
  const largest = raster.dtype.startsWith('float') ? 1 : 255;
  return (base, value) => Math.min(largest, Math.max(0, base + factor * (value - base)));
}

/** Cuts values of arrays to [0, 255], and to whole numbers unless they are floats. */
function cutFor(raster: Raster): (value: number) => number {
  const clamp = (value: number) => Math.min(255, Math.max(0, value));
  return raster.dtype.startsWith('float') ? clamp : (value) => Math.trunc(clamp(value));
}

/**
 * An image brighter or darker. The values of arrays are cut to [0, 255].
 *
 * @param brightnessFactor - 0 gives black, 1 the image, 2 twice its brightness
 */
export function adjustBrightness<I extends ImageLike>(img: I, brightnessFactor: number): I {
  const raster = numericRasterOf('adjustBrightness', img);
  const factor = checkNumber('brightnessFactor', brightnessFactor, 0);
  switch (storageOf(img)) {
    case 'pil':
      return change(img, raster, (old) => blendBytes(0, old, factor));
    case 'cv2': {
      const cut = cutFor(raster);
      return change(img, raster, (old) => cut(old * factor));
    }
    case 'tensor': {
      const blend = blendTensor(raster, factor);
      return change(img, raster, (old) => blend(0, old));
    }
  }
}

/** The grey value around which Paddle changes the contrast of arrays. */
const ARRAY_MIDDLE = 74;

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * An image with more or less contrast: its distance from the mean grey value is multiplied. For arrays the mean is taken for
 * 74, as Paddle does.
 *
 * @param contrastFactor - 0 gives a grey image, 1 the image, 2 twice its contrast
 */
export function adjustContrast<I extends ImageLike>(img: I, contrastFactor: number): I {
  const raster = numericRasterOf('adjustContrast', img);
  const factor = checkNumber('contrastFactor', contrastFactor, 0);
  switch (storageOf(img)) {
    case 'pil': {
      const mean = Math.trunc(meanOf(greyValues(raster, pillowGrey)) + 0.5);
      return change(img, raster, (old) => blendBytes(mean, old, factor));
    }
    case 'cv2': {
      const cut = cutFor(raster);
      return change(img, raster, (old) => cut((old - ARRAY_MIDDLE) * factor + ARRAY_MIDDLE));
    }
    case 'tensor': {
      const mean = meanOf(greyValues(raster, tensorGrey));
      const blend = blendTensor(raster, factor);
      return change(img, raster, (old) => blend(mean, old));
    }
  }
}

/**
 * An image with more or less colour. The channels of arrays are taken for blue, green and red, as Paddle does.
 *
 * @param saturationFactor - 0 gives a grey image, 1 the image, 2 twice its colour
 */
export function adjustSaturation<I extends ImageLike>(img: I, saturationFactor: number): I {
  const raster = numericRasterOf('adjustSaturation', img);
  const factor = checkNumber('saturationFactor', saturationFactor, 0);
  const storage = storageOf(img);
  checkColours('adjustSaturation', channelsOf(img), [1, 3, 4]);
  switch (storage) {
    case 'pil': {
      const grey = greyValues(raster, pillowGrey);
      return change(img, raster, (old, pixel) => blendBytes(grey[pixel] ?? 0, old, factor));
    }
    case 'cv2': {
      const grey = greyValues(raster, (b, g, r) => openCvGreyFloat(r, g, b));
      const cut = cutFor(raster);
      return change(img, raster, (old, pixel) => cut(old * factor + (grey[pixel] ?? 0) * (1 - factor)));
    }
    case 'tensor': {
      const grey = greyValues(raster, tensorGrey);
      const blend = blendTensor(raster, factor);
      return change(img, raster, (old, pixel) => blend(grey[pixel] ?? 0, old));
    }
  }
}

/** Changes the colour of each pixel by a function that computes in place. */
function recolour<I extends ImageLike>(
  img: I,
  raster: Raster,
  order: readonly [number, number, number],
  turn: (colour: Float64Array) => void,
): I {
  const { step, pixel, pixels } = layoutOf(raster);
  const data = raster.data.slice();
  const colour = new Float64Array(3);
  const places = order.map((channel) => channel * step);
  for (let i = 0; i < pixels; i++) {
    places.forEach((place, c) => (colour[c] = data[i * pixel + place] ?? 0));
    turn(colour);
    places.forEach((place, c) => (data[i * pixel + place] = colour[c] ?? 0));
  }
  return imageOf({ ...raster, data }, img);
}

/**
 * An image with its hues turned around the colour circle. Grey images stay as they are. The channels of arrays are taken for
 * blue, green and red, as Paddle does, so that their hues turn the other way.
 *
 * @param hueFactor - part of the circle, -0.5 to 0.5
 */
export function adjustHue<I extends ImageLike>(img: I, hueFactor: number): I {
  const raster = numericRasterOf('adjustHue', img);
  checkNumber('hueFactor', hueFactor, -0.5, 0.5);
  const storage = storageOf(img);
  checkColours('adjustHue', channelsOf(img), [1, 3, 4]);
  if (channelsOf(img) === 1) return img;
  const turn = Math.trunc(hueFactor * 255);
  const turned = (hue: number) => (hue + turn + 256) % 256;
  switch (storage) {
    case 'pil':
      return recolour(img, raster, [0, 1, 2], (colour) => {
        toHsvLikePillow(colour);
        colour[0] = turned(colour[0] ?? 0);
        fromHsvLikePillow(colour);
      });
    case 'cv2':
      return recolour(img, raster, [2, 1, 0], (colour) => {
        for (let c = 0; c < 3; c++) colour[c] = Math.trunc(colour[c] ?? 0) & 255;
        toHsvLikeOpenCv(colour);
        colour[0] = turned(colour[0] ?? 0);
        fromHsvLikeOpenCv(colour);
      });
    case 'tensor': {
      const largest = raster.dtype.startsWith('float') ? 1 : 255;
      return recolour(img, raster, [0, 1, 2], (colour) => {
        for (let c = 0; c < 3; c++) colour[c] = (colour[c] ?? 0) / largest;
        toHsvUnit(colour);
        const hue = (colour[0] ?? 0) + hueFactor;
        colour[0] = hue - Math.floor(hue);
        fromHsvUnit(colour);
        for (let c = 0; c < 3; c++) colour[c] = (colour[c] ?? 0) * largest;
      });
    }
  }
}
