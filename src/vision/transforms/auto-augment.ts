/**
 * Transforms that choose at random what they do.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { checkChoice, checkInteger, checkOptions } from '../../common/options.js';
import { checkFill, type Fill } from './arguments.js';
import {
  magnitudeOf,
  operationNames,
  operations,
  randAugmentSpace,
  trivialAugmentSpace,
  type MoveOptions,
  type Space,
} from './augmentation-space.js';
import { RandomTransform, upTo } from './random-transform.js';
import { sizeOfImage } from './raster.js';
import { warpInterpolations, type WarpInterpolation } from './resampling/warp.js';
import type { ImageLike, TransformOptions } from './transform.js';

/** Options of {@link TrivialAugment}. */
export interface TrivialAugmentOptions extends TransformOptions {
  /** How many magnitudes there are, at least 2. @defaultValue 31 */
  readonly numMagnitudeBins?: number;
  /** How values between pixels are found. @defaultValue 'nearest' */
  readonly interpolation?: WarpInterpolation;
  /** Value of what comes from outside the image, or one for each channel. @defaultValue 0 */
  readonly fill?: Fill;
}

/** Options of {@link RandAugment}. */
export interface RandAugmentOptions extends TrivialAugmentOptions {
  /** How many operations are done, one after the other. @defaultValue 2 */
  readonly numOps?: number;
  /** Number of the magnitude of all of them, 0 to `numMagnitudeBins - 1`. @defaultValue 9 */
  readonly magnitude?: number;
}

/** What the transforms share that choose an operation. */
abstract class ChosenTransform extends RandomTransform {
  /**
   * How many magnitudes there are.
   *
   * @hidden
   */
  protected readonly bins: number;
  private readonly moves: MoveOptions;

  constructor(count: number, options: TrivialAugmentOptions) {
    super(count, options);
    this.bins = checkInteger('numMagnitudeBins', options.numMagnitudeBins ?? 31, 2);
    const interpolation = checkChoice('interpolation', options.interpolation ?? 'nearest', warpInterpolations);
    this.moves = { interpolation, fill: options.fill ?? 0 };
    checkFill('fill', this.moves.fill);
  }

  /**
   * Does one operation.
   *
   * @param choice - says which one, in [0, 1)
   * @param sign - says which way it goes, in [0, 1)
   * @hidden
   */
  protected applyChosen(image: ImageLike, space: Space, bin: number, choice = 0, sign = 0): ImageLike {
    const name = operationNames[upTo(choice, operationNames.length - 1)] ?? 'Identity';
    const { value, signed } = magnitudeOf(name, space, bin, this.bins, sizeOfImage(image));
    return operations[name](image, signed && sign < 0.5 ? -value : value, this.moves);
  }
}

/**
 * Does some operations at random, all of one magnitude (Cubuk et al., "RandAugment: Practical automated data augmentation
 * with a reduced search space", 2019), with torchvision's operations: shear, move, rotate, brightness, colour, contrast,
 * sharpness, posterize, solarize, autocontrast, equalize, or nothing.
 *
 * It takes images before `Normalize`: bytes, or floats in [0, 1] of an `ImageTensor` and in [0, 255] of an array.
 *
 * @example
 * ```ts
 * const transform = new Compose([new RandomHorizontalFlip(), new RandAugment({ magnitude: 7 }), new ToTensor()]);
 * ```
 */
export class RandAugment extends ChosenTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly numOps: number;
  private readonly magnitude: number;

  constructor(options: RandAugmentOptions = {}) {
    const { numOps = 2, magnitude = 9 } = options;
    const names = ['numOps', 'magnitude', 'numMagnitudeBins', 'interpolation', 'fill', 'keys'];
    checkOptions('RandAugment', options, names);
    super(2 * checkInteger('numOps', numOps, 0), options);
    this.numOps = numOps;
    this.magnitude = checkInteger('magnitude', magnitude, 0);
    if (magnitude >= this.bins) {
      throw new InvalidArgumentError(`magnitude must be below numMagnitudeBins (${this.bins}), got ${magnitude}`);
    }
  }

  protected applyRandom(image: ImageLike, numbers: readonly number[]): ImageLike {
    let changed = image;
    for (let i = 0; i < this.numOps; i++) {
      changed = this.applyChosen(changed, randAugmentSpace, this.magnitude, numbers[2 * i], numbers[2 * i + 1]);
    }
    return changed;
  }
}

/**
 * Does one operation of a random magnitude (Müller and Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art Data
 * Augmentation", 2021), with the operations of {@link RandAugment} and the wide magnitudes of the paper, as torchvision's
 * `TrivialAugmentWide`. It takes the same images.
 *
 * @example
 * ```ts
 * const transform = new Compose([new TrivialAugment(), new ToTensor()]);
 * ```
 */
export class TrivialAugment extends ChosenTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  constructor(options: TrivialAugmentOptions = {}) {
    checkOptions('TrivialAugment', options, ['numMagnitudeBins', 'interpolation', 'fill', 'keys']);
    super(3, options);
  }

  protected applyRandom(image: ImageLike, [choice, level, sign]: readonly number[]): ImageLike {
    return this.applyChosen(image, trivialAugmentSpace, upTo(level, this.bins - 1), choice, sign);
  }
}
