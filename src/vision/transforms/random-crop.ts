/**
 * Transforms that cut and flip at random.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../../common/options.js';
import { checkFill, checkPadding, checkRange, checkSize, type Fill, type Padding, type Size } from './arguments.js';
import { crop, hflip, pad, paddingModes, vflip, type PaddingMode } from './functional/geometry.js';
import { checkInterpolation, resize, type Interpolation } from './functional/resize.js';
import { between, RandomTransform, upTo } from './random-transform.js';
import { sizeOfImage } from './raster.js';
import { roundHalfEven } from './rounding.js';
import type { ImageLike, TransformOptions } from './transform.js';

/** Options of {@link RandomHorizontalFlip} and {@link RandomVerticalFlip}. */
export interface RandomFlipOptions extends TransformOptions {
  /** Probability of flipping, 0 to 1. @defaultValue 0.5 */
  readonly prob?: number;
}

/** What both flips share. */
abstract class RandomFlip extends RandomTransform {
  private readonly prob: number;

  constructor(options: RandomFlipOptions = {}) {
    checkOptions(new.target.name, options, ['prob', 'keys']);
    super(1, options);
    this.prob = checkNumber('prob', options.prob ?? 0.5, 0, 1);
  }

  protected applyRandom(image: ImageLike, [number = 0]: readonly number[]): ImageLike {
    return number < this.prob ? this.flip(image) : image;
  }

  /** Flips an image. */
  protected abstract flip(image: ImageLike): ImageLike;
}

/** Exchanges left and right with a probability. */
export class RandomHorizontalFlip extends RandomFlip {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  /** Flips an image. */
  protected flip(image: ImageLike): ImageLike {
    return hflip(image);
  }
}

/** Turns images upside down with a probability. */
export class RandomVerticalFlip extends RandomFlip {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  /** Flips an image. */
  protected flip(image: ImageLike): ImageLike {
    return vflip(image);
  }
}

/** Options of {@link RandomCrop}. */
export interface RandomCropOptions extends TransformOptions {
  /** Padding before the crop, see {@link functional.pad}. @defaultValue none */
  readonly padding?: Padding | null;
  /** Pad images that are smaller than the crop, by what is missing, on both sides. @defaultValue false */
  readonly padIfNeeded?: boolean;
  /** Value of constant padding, see {@link functional.pad}. @defaultValue 0 */
  readonly fill?: Fill;
  /** What padding consists of. @defaultValue 'constant' */
  readonly paddingMode?: PaddingMode;
}

/** A part of an image, anywhere in it. */
export class RandomCrop extends RandomTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly size: readonly [number, number];
  private readonly padding: Padding | undefined;
  private readonly padIfNeeded: boolean;
  private readonly fill: Fill;
  private readonly paddingMode: PaddingMode;

  /** @param size - [height, width], or one number for both */
  constructor(size: Size, options: RandomCropOptions = {}) {
    checkOptions('RandomCrop', options, ['padding', 'padIfNeeded', 'fill', 'paddingMode', 'keys']);
    super(2, options);
    this.size = checkSize('size', size);
    this.padding = options.padding ?? undefined;
    if (this.padding !== undefined) checkPadding('padding', this.padding);
    this.padIfNeeded = checkBoolean('padIfNeeded', options.padIfNeeded ?? false);
    this.fill = options.fill ?? 0;
    checkFill('fill', this.fill);
    this.paddingMode = checkChoice('paddingMode', options.paddingMode ?? 'constant', paddingModes);
  }

  protected applyRandom(image: ImageLike, [vertical, horizontal]: readonly number[]): ImageLike {
    const [height, width] = this.size;
    const padded = this.padded(image);
    const [fullHeight, fullWidth] = sizeOfImage(padded);
    if (fullHeight < height || fullWidth < width) {
      throw new InvalidArgumentError(
        `RandomCrop takes ${height} x ${width} of an image of ${fullHeight} x ${fullWidth}; use padding or padIfNeeded`,
      );
    }
    return crop(padded, upTo(vertical, fullHeight - height), upTo(horizontal, fullWidth - width), height, width);
  }

  private padded(image: ImageLike): ImageLike {
    const options = { fill: this.fill, paddingMode: this.paddingMode };
    const padded = this.padding === undefined ? image : pad(image, this.padding, options);
    if (!this.padIfNeeded) return padded;
    const [height, width] = sizeOfImage(padded);
    const missing = [Math.max(0, this.size[1] - width), Math.max(0, this.size[0] - height)] as const;
    return missing[0] + missing[1] > 0 ? pad(padded, missing, options) : padded;
  }
}

/** Options of {@link RandomResizedCrop}. */
export interface RandomResizedCropOptions extends TransformOptions {
  /** Smallest and largest part of the image's area. @defaultValue [0.08, 1] */
  readonly scale?: readonly [number, number];
  /** Smallest and largest width divided by height. @defaultValue [3 / 4, 4 / 3] */
  readonly ratio?: readonly [number, number];
  /** How values between pixels are found, see {@link functional.resize}. @defaultValue 'bilinear' */
  readonly interpolation?: Interpolation;
}

/** Tries to find a part that fits into the image. */
const ATTEMPTS = 10;

/**
 * A part of an image with a random area and ratio, resized (Szegedy et al., "Going deeper with convolutions", 2015). When ten
 * draws do not fit into the image, the largest part in the middle with an allowed ratio is taken.
 */
export class RandomResizedCrop extends RandomTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly size: readonly [number, number];
  private readonly scale: readonly [number, number];
  private readonly ratio: readonly [number, number];
  private readonly interpolation: Interpolation;

  /** @param size - [height, width] of the result, or one number for both */
  constructor(size: Size, options: RandomResizedCropOptions = {}) {
    checkOptions('RandomResizedCrop', options, ['scale', 'ratio', 'interpolation', 'keys']);
    super(2 * ATTEMPTS + 2, options);
    const [height, width] = checkSize('size', size);
    this.size = [height, width];
    this.scale = checkRange('scale', options.scale ?? [0.08, 1], 0);
    this.ratio = checkRange('ratio', options.ratio ?? [3 / 4, 4 / 3], Number.MIN_VALUE);
    this.interpolation = checkInterpolation(options.interpolation ?? 'bilinear');
  }

  protected applyRandom(image: ImageLike, numbers: readonly number[]): ImageLike {
    const [top, left, height, width] = this.part(sizeOfImage(image), numbers);
    return resize(crop(image, top, left, height, width), this.size, { interpolation: this.interpolation });
  }

  /** First row, first column, height and width of the part. */
  private part(
    [fullHeight, fullWidth]: readonly [number, number],
    numbers: readonly number[],
  ): [number, number, number, number] {
    const [narrow, wide] = this.ratio;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const area = between(numbers[2 * attempt], ...this.scale) * fullHeight * fullWidth;
      const ratio = Math.exp(between(numbers[2 * attempt + 1], Math.log(narrow), Math.log(wide)));
      const width = roundHalfEven(Math.sqrt(area * ratio));
      const height = roundHalfEven(Math.sqrt(area / ratio));
      if (width === 0 || height === 0 || width > fullWidth || height > fullHeight) continue;
      const [vertical, horizontal] = numbers.slice(-2);
      return [upTo(vertical, fullHeight - height), upTo(horizontal, fullWidth - width), height, width];
    }
    const ratio = fullWidth / fullHeight;
    const height = ratio < narrow ? Math.max(1, roundHalfEven(fullWidth / narrow)) : fullHeight;
    const width = ratio > wide ? Math.max(1, roundHalfEven(fullHeight * wide)) : fullWidth;
    return [Math.floor((fullHeight - height) / 2), Math.floor((fullWidth - width) / 2), height, width];
  }
}
