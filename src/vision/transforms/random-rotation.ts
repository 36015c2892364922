/**
 * Transforms that turn and erase at random.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { RandomStream } from '../../common/random.js';
import { checkBoolean, checkChoice, checkNumber, checkOptions, describeValue } from '../../common/options.js';
import { checkFill, checkPoint, checkRange, type Fill } from './arguments.js';
import { erase } from './functional/geometry.js';
import { rotate, type RotateOptions } from './functional/rotate.js';
import { between, RandomTransform, upTo } from './random-transform.js';
import { channelsOf, sizeOfImage, storageOf } from './raster.js';
import { warpInterpolations } from './resampling/warp.js';
import { roundHalfEven } from './rounding.js';
import type { ImageLike, TransformOptions } from './transform.js';

/** Options of {@link RandomRotation}. */
export interface RandomRotationOptions extends RotateOptions, TransformOptions {}

/** Turns images by a random angle, see {@link functional.rotate}. */
export class RandomRotation extends RandomTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly degrees: readonly [number, number];
  private readonly options: RotateOptions;

  /** @param degrees - `d` for angles in [-d, d], or the smallest and largest angle; counter-clockwise */
  constructor(degrees: number | readonly [number, number], options: RandomRotationOptions = {}) {
    checkOptions('RandomRotation', options, ['interpolation', 'expand', 'center', 'fill', 'keys']);
    super(1, options);
    const { keys: _keys, ...rest } = options;
    this.degrees =
      typeof degrees === 'number' ? [-checkNumber('degrees', degrees, 0), degrees] : checkRange('degrees', degrees);
    checkChoice('interpolation', rest.interpolation ?? 'nearest', warpInterpolations);
    checkFill('fill', rest.fill ?? 0);
    if (rest.center) checkPoint('center', rest.center);
    this.options = rest;
  }

  protected applyRandom(image: ImageLike, [number]: readonly number[]): ImageLike {
    return rotate(image, between(number, ...this.degrees), this.options);
  }
}

/** Options of {@link RandomErasing}. */
export interface RandomErasingOptions extends TransformOptions {
  /** Probability of erasing, 0 to 1. @defaultValue 0.5 */
  readonly prob?: number;
  /** Smallest and largest part of the image's area, within [0, 1]. @defaultValue [0.02, 0.33] */
  readonly scale?: readonly [number, number];
  /** Smallest and largest height divided by width. @defaultValue [0.3, 3.3] */
  readonly ratio?: readonly [number, number];
  /**
   * What is written: one value, one for each of three channels, or 'random' for normally distributed numbers (times 255
   * unless the image is an `ImageTensor`).
   *
   * @defaultValue 0
   */
  readonly value?: Fill | 'random';
  /** Change the image itself. @defaultValue false */
  readonly inplace?: boolean;
}

/** Tries to find a rectangle that fits into the image. */
const ATTEMPTS = 10;

/** Writes over a random rectangle (Zhong et al., "Random Erasing Data Augmentation", 2017). */
export class RandomErasing extends RandomTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly prob: number;
  private readonly scale: readonly [number, number];
  private readonly ratio: readonly [number, number];
  private readonly value: readonly number[] | 'random';
  private readonly inplace: boolean;

  constructor(options: RandomErasingOptions = {}) {
    checkOptions('RandomErasing', options, ['prob', 'scale', 'ratio', 'value', 'inplace', 'keys']);
    super(2 * ATTEMPTS + 4, options);
    this.prob = checkNumber('prob', options.prob ?? 0.5, 0, 1);
    this.scale = checkRange('scale', options.scale ?? [0.02, 0.33], 0, 1);
    this.ratio = checkRange('ratio', options.ratio ?? [0.3, 3.3], Number.MIN_VALUE);
    const { value = 0 } = options;
    if (typeof value === 'string' && value !== 'random') {
      throw new InvalidArgumentError(`value must be 'random', a number or three numbers, got ${describeValue(value)}`);
    }
    this.value = value === 'random' ? value : checkFill('value', value);
    if (![1, 3, 6].includes(this.value.length)) {
      throw new InvalidArgumentError(`value must be 'random', a number or three numbers, got ${describeValue(value)}`);
    }
    this.inplace = checkBoolean('inplace', options.inplace ?? false);
  }

  protected applyRandom(image: ImageLike, numbers: readonly number[]): ImageLike {
    const [chance = 1, noiseSeed = 0, vertical, horizontal, ...tries] = numbers;
    if (chance >= this.prob) return image;
    const [height, width] = sizeOfImage(image);
    const [flat, tall] = this.ratio;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const area = between(tries[2 * attempt], ...this.scale) * height * width;
      const ratio = Math.exp(between(tries[2 * attempt + 1], Math.log(flat), Math.log(tall)));
      const h = roundHalfEven(Math.sqrt(area * ratio));
      const w = roundHalfEven(Math.sqrt(area / ratio));
      if (h >= height || w >= width) continue;
      const values = this.value === 'random' ? noise(image, h * w * channelsOf(image), noiseSeed) : this.value;
      return erase(image, upTo(vertical, height - h), upTo(horizontal, width - w), h, w, values, {
        inplace: this.inplace,
      });
    }
    return image;
  }
}

/** Normally distributed numbers in the units of an image; bytes are cut to their range. */
function noise(image: ImageLike, count: number, seed: number): Float32Array {
  const stream = new RandomStream(Math.floor(seed * 2 ** 32), 'augmentation');
  const tensor = storageOf(image) === 'tensor';
  return Float32Array.from({ length: count }, () => {
    const value = stream.normal();
    return tensor ? value : Math.min(255, Math.max(0, Math.trunc(255 * value)));
  });
}
