/**
 * Transforms that change colours.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { checkNumber, checkOptions, describeValue } from '../../common/options.js';
import { checkRange } from './arguments.js';
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  toGrayscale,
  type GrayscaleOptions,
} from './functional/color.js';
import { between, RandomTransform } from './random-transform.js';
import { BaseTransform, type ImageLike, type TransformOptions } from './transform.js';

/** How far a colour transform goes: `v` for factors in [max(0, 1 - v), 1 + v], or the smallest and largest factor. */
export type JitterRange = number | readonly [number, number];

/** Smallest and largest factor; undefined when nothing changes. */
function factors(
  name: string,
  value: JitterRange,
  center: number,
  least: number,
  most: number,
): readonly [number, number] | undefined {
  if (typeof value === 'number') checkNumber(name, value, 0, center === 0 ? most : Infinity);
  const range =
    typeof value === 'number'
      ? ([Math.max(least, center - value), center + value] as const)
      : checkRange(name, value, least, most);
  return range[0] === center && range[1] === center ? undefined : range;
}

/** What the transforms of one property share. */
abstract class FactorTransform extends RandomTransform {
  private readonly range: readonly [number, number] | undefined;

  constructor(range: readonly [number, number] | undefined, options: TransformOptions) {
    checkOptions(new.target.name, options, ['keys']);
    super(1, options);
    this.range = range;
  }

  protected applyRandom(image: ImageLike, [number]: readonly number[]): ImageLike {
    return this.range === undefined ? image : this.adjust(image, between(number, ...this.range));
  }

  /** Changes an image by a factor. */
  protected abstract adjust(image: ImageLike, factor: number): ImageLike;
}

const unitFactors = (name: string, value: JitterRange) => factors(name, value, 1, 0, Infinity);
const hueFactors = (name: string, value: JitterRange) => factors(name, value, 0, -0.5, 0.5);

/** Changes the brightness at random, see {@link functional.adjustBrightness}. */
export class BrightnessTransform extends FactorTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  /** @param value - `v` for factors in [max(0, 1 - v), 1 + v], or the smallest and largest factor */
  constructor(value: JitterRange, options: TransformOptions = {}) {
    super(unitFactors('value', value), options);
  }

  /** Changes an image by a factor. */
  protected adjust(image: ImageLike, factor: number): ImageLike {
    return adjustBrightness(image, factor);
  }
}

/** Changes the contrast at random, see {@link functional.adjustContrast}. */
export class ContrastTransform extends FactorTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  /** @param value - `v` for factors in [max(0, 1 - v), 1 + v], or the smallest and largest factor */
  constructor(value: JitterRange, options: TransformOptions = {}) {
    super(unitFactors('value', value), options);
  }

  /** Changes an image by a factor. */
  protected adjust(image: ImageLike, factor: number): ImageLike {
    return adjustContrast(image, factor);
  }
}

/** Changes the saturation at random, see {@link functional.adjustSaturation}. */
export class SaturationTransform extends FactorTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  /** @param value - `v` for factors in [max(0, 1 - v), 1 + v], or the smallest and largest factor */
  constructor(value: JitterRange, options: TransformOptions = {}) {
    super(unitFactors('value', value), options);
  }

  /** Changes an image by a factor. */
  protected adjust(image: ImageLike, factor: number): ImageLike {
    return adjustSaturation(image, factor);
  }
}

/** Turns the hues at random, see {@link functional.adjustHue}. */
export class HueTransform extends FactorTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  /** @param value - `v` for factors in [-v, v], or the smallest and largest factor; within [-0.5, 0.5] */
  constructor(value: JitterRange, options: TransformOptions = {}) {
    super(hueFactors('value', value), options);
  }

  /** Changes an image by a factor. */
  protected adjust(image: ImageLike, factor: number): ImageLike {
    return adjustHue(image, factor);
  }
}

/** Options of {@link ColorJitter}. */
export interface ColorJitterOptions extends TransformOptions {
  /** See {@link BrightnessTransform}. @defaultValue 0 */
  readonly brightness?: JitterRange;
  /** See {@link ContrastTransform}. @defaultValue 0 */
  readonly contrast?: JitterRange;
  /** See {@link SaturationTransform}. @defaultValue 0 */
  readonly saturation?: JitterRange;
  /** See {@link HueTransform}. @defaultValue 0 */
  readonly hue?: JitterRange;
}

const adjustments = [adjustBrightness, adjustContrast, adjustSaturation, adjustHue] as const;

/** Changes brightness, contrast, saturation and hue at random, in random order. */
export class ColorJitter extends RandomTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly ranges: readonly (readonly [number, number] | undefined)[];

  constructor(options: ColorJitterOptions = {}) {
    checkOptions('ColorJitter', options, ['brightness', 'contrast', 'saturation', 'hue', 'keys']);
    super(8, options);
    this.ranges = [
      unitFactors('brightness', options.brightness ?? 0),
      unitFactors('contrast', options.contrast ?? 0),
      unitFactors('saturation', options.saturation ?? 0),
      hueFactors('hue', options.hue ?? 0),
    ];
  }

  protected applyRandom(image: ImageLike, numbers: readonly number[]): ImageLike {
    // Steps sorted by one random number each are in random order.
    const order = [0, 1, 2, 3].sort((a, b) => (numbers[4 + a] ?? 0) - (numbers[4 + b] ?? 0));
    return order.reduce<ImageLike>((changed, index) => {
      const range = this.ranges[index];
      return range ? (adjustments[index]?.(changed, between(numbers[index], ...range)) ?? changed) : changed;
    }, image);
  }
}

/** Options of {@link Grayscale}. */
export interface GrayscaleTransformOptions extends GrayscaleOptions, TransformOptions {}

/** A grey image of a coloured one, see {@link functional.toGrayscale}. */
export class Grayscale extends BaseTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly options: GrayscaleOptions;

  constructor(options: GrayscaleTransformOptions = {}) {
    checkOptions('Grayscale', options, ['numOutputChannels', 'keys']);
    const { keys, ...rest } = options;
    super({ keys: keys ?? null });
    if (rest.numOutputChannels !== undefined && ![1, 3].includes(rest.numOutputChannels)) {
      throw new InvalidArgumentError(`numOutputChannels must be 1 or 3, got ${describeValue(rest.numOutputChannels)}`);
    }
    this.options = rest;
  }

  protected applyImage(image: ImageLike): ImageLike {
    return toGrayscale(image, this.options);
  }
}
