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

/** Changes an image by a factor. */
type Adjust = (image: ImageLike, factor: number) => ImageLike;

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
  readonly #range: readonly [number, number] | undefined;
  readonly #adjust: Adjust;

  constructor(range: readonly [number, number] | undefined, adjust: Adjust, options: TransformOptions, name: string) {
    checkOptions(name, options, ['keys']);
    super(1, options);
    this.#range = range;
    this.#adjust = adjust;
  }

  protected applyRandom(image: ImageLike, [number]: readonly number[]): ImageLike {
    return this.#range === undefined ? image : this.#adjust(image, between(number, ...this.#range));
  }
}

const unitFactors = (name: string, value: JitterRange) => factors(name, value, 1, 0, Infinity);
const hueFactors = (name: string, value: JitterRange) => factors(name, value, 0, -0.5, 0.5);

/** Changes the brightness at random, see {@link functional.adjustBrightness}. */
export class BrightnessTransform extends FactorTransform {
  /** @param value - `v` for factors in [max(0, 1 - v), 1 + v], or the smallest and largest factor */
  constructor(value: JitterRange, options: TransformOptions = {}) {
    super(unitFactors('value', value), adjustBrightness, options, 'BrightnessTransform');
  }
}

/** Changes the contrast at random, see {@link functional.adjustContrast}. */
export class ContrastTransform extends FactorTransform {
  /** @param value - `v` for factors in [max(0, 1 - v), 1 + v], or the smallest and largest factor */
  constructor(value: JitterRange, options: TransformOptions = {}) {
    super(unitFactors('value', value), adjustContrast, options, 'ContrastTransform');
  }
}

/** Changes the saturation at random, see {@link functional.adjustSaturation}. */
export class SaturationTransform extends FactorTransform {
  /** @param value - `v` for factors in [max(0, 1 - v), 1 + v], or the smallest and largest factor */
  constructor(value: JitterRange, options: TransformOptions = {}) {
    super(unitFactors('value', value), adjustSaturation, options, 'SaturationTransform');
  }
}

/** Turns the hues at random, see {@link functional.adjustHue}. */
export class HueTransform extends FactorTransform {
  /** @param value - `v` for factors in [-v, v], or the smallest and largest factor; within [-0.5, 0.5] */
  constructor(value: JitterRange, options: TransformOptions = {}) {
    super(hueFactors('value', value), adjustHue, options, 'HueTransform');
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

/** Changes brightness, contrast, saturation and hue at random, in random order. */
export class ColorJitter extends RandomTransform {
  readonly #steps: readonly (readonly [Adjust, readonly [number, number] | undefined])[];

  constructor(options: ColorJitterOptions = {}) {
    checkOptions('ColorJitter', options, ['brightness', 'contrast', 'saturation', 'hue', 'keys']);
    super(8, options);
    this.#steps = [
      [adjustBrightness, unitFactors('brightness', options.brightness ?? 0)],
      [adjustContrast, unitFactors('contrast', options.contrast ?? 0)],
      [adjustSaturation, unitFactors('saturation', options.saturation ?? 0)],
      [adjustHue, hueFactors('hue', options.hue ?? 0)],
    ];
  }

  protected applyRandom(image: ImageLike, numbers: readonly number[]): ImageLike {
    // Steps sorted by one random number each are in random order.
    const order = [0, 1, 2, 3].sort((a, b) => (numbers[4 + a] ?? 0) - (numbers[4 + b] ?? 0));
    return order.reduce<ImageLike>((changed, index) => {
      const [adjust, range] = this.#steps[index] ?? [];
      return adjust && range ? adjust(changed, between(numbers[index], ...range)) : changed;
    }, image);
  }
}

/** Options of {@link Grayscale}. */
export interface GrayscaleTransformOptions extends GrayscaleOptions, TransformOptions {}

/** A grey image of a coloured one, see {@link functional.toGrayscale}. */
export class Grayscale extends BaseTransform {
  readonly #options: GrayscaleOptions;

  constructor(options: GrayscaleTransformOptions = {}) {
    checkOptions('Grayscale', options, ['numOutputChannels', 'keys']);
    const { keys, ...rest } = options;
    super({ keys: keys ?? null });
    if (rest.numOutputChannels !== undefined && ![1, 3].includes(rest.numOutputChannels)) {
      throw new InvalidArgumentError(`numOutputChannels must be 1 or 3, got ${describeValue(rest.numOutputChannels)}`);
    }
    this.#options = rest;
  }

  protected applyImage(image: ImageLike): ImageLike {
    return toGrayscale(image, this.#options);
  }
}
