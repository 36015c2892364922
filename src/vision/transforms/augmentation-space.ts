/**
 * The operations of automatic augmentation and how far each goes.
 *
 * @module
 */
import type { Fill } from './arguments.js';
import { affine } from './functional/affine.js';
import { adjustBrightness, adjustContrast, adjustSaturation } from './functional/color.js';
import { whiteOf } from './functional/elements.js';
import { rotate } from './functional/rotate.js';
import { adjustSharpness } from './functional/sharpness.js';
import { autocontrast, equalize, posterize, solarize } from './functional/tone.js';
import { channelsOf, numericRasterOf, storageOf } from './raster.js';
import type { WarpInterpolation } from './resampling/warp.js';
import { roundHalfEven } from './rounding.js';
import type { ImageLike } from './transform.js';

/** How moved pixels are found. */
export interface MoveOptions {
  readonly interpolation: WarpInterpolation;
  readonly fill: Fill;
}

type Operation = (image: ImageLike, magnitude: number, options: MoveOptions) => ImageLike;

const inDegrees = (slope: number) => (Math.atan(slope) * 180) / Math.PI;

function shear(image: ImageLike, alongRows: number, alongColumns: number, options: MoveOptions): ImageLike {
  const angles = [inDegrees(alongRows), inDegrees(alongColumns)] as const;
  return affine(image, 0, [0, 0], 1, angles, { ...options, center: [0, 0] });
}

function translate(image: ImageLike, right: number, down: number, options: MoveOptions): ImageLike {
  return affine(image, 0, [Math.trunc(right), Math.trunc(down)], 1, 0, options);
}

/** What is done to an image, given a magnitude. */
export const operations = {
  Identity: (image) => image,
  ShearX: (image, magnitude, options) => shear(image, magnitude, 0, options),
  ShearY: (image, magnitude, options) => shear(image, 0, magnitude, options),
  TranslateX: (image, magnitude, options) => translate(image, magnitude, 0, options),
  TranslateY: (image, magnitude, options) => translate(image, 0, magnitude, options),
  Rotate: (image, magnitude, { interpolation, fill }) => {
    const values = typeof fill === 'number' ? new Array<number>(channelsOf(image)).fill(fill) : fill;
    return rotate(image, magnitude, { interpolation, fill: values });
  },
  Brightness: (image, magnitude) => adjustBrightness(image, 1 + magnitude),
  Color: (image, magnitude) => adjustSaturation(image, 1 + magnitude),
  Contrast: (image, magnitude) => adjustContrast(image, 1 + magnitude),
  Sharpness: (image, magnitude) => adjustSharpness(image, 1 + magnitude),
  Posterize: (image, magnitude) => posterize(image, magnitude),
  Solarize: (image, magnitude) => {
    const white = whiteOf(numericRasterOf('solarize', image), storageOf(image));
    return solarize(image, (magnitude / 255) * white);
  },
  AutoContrast: (image) => autocontrast(image),
  Equalize: (image) => equalize(image),
} satisfies Record<string, Operation>;

/** Name of an operation. */
export type OperationName = keyof typeof operations;

/** Names of the operations. */
export const operationNames = Object.keys(operations) as OperationName[];

/** The largest magnitudes. */
export interface Space {
  /** Slope of a shear. */
  readonly shear: number;
  /** Pixels of a move, given the length of the side along which it goes. */
  readonly translate: (length: number) => number;
  /** Degrees of a rotation. */
  readonly rotate: number;
  /** What is added to the factor 1 of brightness, colour, contrast and sharpness. */
  readonly enhance: number;
  /** Bits that posterizing takes away. */
  readonly posterize: number;
}

/** What RandAugment chooses from. */
export const randAugmentSpace: Space = {
  shear: 0.3,
  translate: (length) => (150 / 331) * length,
  rotate: 30,
  enhance: 0.9,
  posterize: 4,
};

/** What TrivialAugment chooses from, its wide space. */
export const trivialAugmentSpace: Space = {
  shear: 0.99,
  translate: () => 32,
  rotate: 135,
  enhance: 0.99,
  posterize: 6,
};

/** Place `bin` of `bins` evenly spaced numbers, in single precision and from both ends as `torch.linspace`. */
function evenly(from: number, to: number, bin: number, bins: number): number {
  const f32 = Math.fround;
  const [start, end] = [f32(from), f32(to)];
  const step = f32(f32(end - start) / (bins - 1));
  return bin < Math.floor(bins / 2) ? f32(start + step * bin) : f32(end - step * (bins - 1 - bin));
}

/** How far an operation goes. */
export interface Magnitude {
  readonly value: number;
  /** Whether it goes the other way in half of the cases. */
  readonly signed: boolean;
}

/**
 * The magnitude of an operation, as torchvision has it.
 *
 * @param bin - number of the magnitude, 0 for the least effect
 * @param bins - how many magnitudes there are
 */
export function magnitudeOf(
  name: OperationName,
  space: Space,
  bin: number,
  bins: number,
  [height, width]: readonly [height: number, width: number],
): Magnitude {
  const upTo = (most: number): Magnitude => ({ value: evenly(0, most, bin, bins), signed: true });
  switch (name) {
    case 'ShearX':
    case 'ShearY':
      return upTo(space.shear);
    case 'TranslateX':
      return upTo(space.translate(width));
    case 'TranslateY':
      return upTo(space.translate(height));
    case 'Rotate':
      return upTo(space.rotate);
    case 'Brightness':
    case 'Color':
    case 'Contrast':
    case 'Sharpness':
      return upTo(space.enhance);
    case 'Posterize':
      return { value: 8 - roundHalfEven(bin / ((bins - 1) / space.posterize)), signed: false };
    case 'Solarize':
      return { value: evenly(255, 0, bin, bins), signed: false };
    case 'Identity':
    case 'AutoContrast':
    case 'Equalize':
      return { value: 0, signed: false };
  }
}
