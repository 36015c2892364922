/**
 * Transforms that distort at random.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { checkChoice, checkNumber, checkOptions, describeValue } from '../../common/options.js';
import { checkFill, checkPoint, checkRange } from './arguments.js';
import { affine, type AffineOptions } from './functional/affine.js';
import { perspective, type Corners, type PerspectiveOptions } from './functional/perspective.js';
import { between, RandomTransform } from './random-transform.js';
import { sizeOfImage } from './raster.js';
import { warpInterpolations } from './resampling/warp.js';
import type { ImageLike, TransformOptions } from './transform.js';

function spread(name: string, value: number | readonly [number, number]): readonly [number, number] {
  return typeof value === 'number' ? [-checkNumber(name, value, 0), value] : checkRange(name, value);
}

/** Options of {@link RandomAffine}. */
export interface RandomAffineOptions extends AffineOptions, TransformOptions {
  /** Largest move as a part of width and height, each in [0, 1]. @defaultValue none */
  readonly translate?: readonly [number, number] | null;
  /** Smallest and largest scale, above 0. @defaultValue none */
  readonly scale?: readonly [number, number] | null;
  /**
   * Shear in degrees: `s` or [smallest, largest] along the rows, or smallest and largest along the rows and then along the
   * columns. @defaultValue none
   */
  readonly shear?: number | readonly [number, number] | readonly [number, number, number, number] | null;
}

/** Turns, moves, scales and shears images at random, see {@link functional.affine}. */
export class RandomAffine extends RandomTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly degrees: readonly [number, number];
  private readonly translate: readonly [number, number];
  private readonly scale: readonly [number, number];
  private readonly shearRows: readonly [number, number];
  private readonly shearColumns: readonly [number, number];
  private readonly options: AffineOptions;

  /** @param degrees - `d` for angles in [-d, d], or the smallest and largest angle */
  constructor(degrees: number | readonly [number, number], options: RandomAffineOptions = {}) {
    checkOptions('RandomAffine', options, ['translate', 'scale', 'shear', 'interpolation', 'fill', 'center', 'keys']);
    super(6, options);
    const { keys: _keys, translate, scale, shear, ...rest } = options;
    this.degrees = spread('degrees', degrees);
    this.translate = translate ? checkPoint('translate', translate) : [0, 0];
    this.translate.forEach((part, index) => checkNumber(`translate[${index}]`, part, 0, 1));
    this.scale = scale ? checkRange('scale', scale, Number.MIN_VALUE) : [1, 1];
    const four = Array.isArray(shear) && shear.length === 4;
    const shears = shear as readonly number[];
    this.shearRows = four ? checkRange('shear', shears.slice(0, 2)) : spread('shear', (shear ?? 0) as number);
    this.shearColumns = four ? checkRange('shear', shears.slice(2)) : [0, 0];
    checkChoice('interpolation', rest.interpolation ?? 'nearest', warpInterpolations);
    checkFill('fill', rest.fill ?? 0);
    if (rest.center) checkPoint('center', rest.center);
    this.options = rest;
  }

  protected applyRandom(image: ImageLike, [turn, right, down, size, rows, columns]: readonly number[]): ImageLike {
    const [height, width] = sizeOfImage(image);
    const move = (number: number | undefined, most: number) => Math.trunc(between(number, -most, most));
    return affine(
      image,
      between(turn, ...this.degrees),
      [move(right, this.translate[0] * width), move(down, this.translate[1] * height)],
      between(size, ...this.scale),
      [between(rows, ...this.shearRows), between(columns, ...this.shearColumns)],
      this.options,
    );
  }
}

/** Options of {@link RandomPerspective}. */
export interface RandomPerspectiveOptions extends PerspectiveOptions, TransformOptions {
  /** Probability of distorting, 0 to 1. @defaultValue 0.5 */
  readonly prob?: number;
  /** How far the corners move, as a part of half the width and height, 0 to 1. @defaultValue 0.5 */
  readonly distortionScale?: number;
}

/** Moves the corners of images inwards at random, see {@link functional.perspective}. */
export class RandomPerspective extends RandomTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly prob: number;
  private readonly distortionScale: number;
  private readonly options: PerspectiveOptions;

  constructor(options: RandomPerspectiveOptions = {}) {
    checkOptions('RandomPerspective', options, ['prob', 'distortionScale', 'interpolation', 'fill', 'keys']);
    super(9, options);
    const { keys: _keys, prob = 0.5, distortionScale = 0.5, ...rest } = options;
    this.prob = checkNumber('prob', prob, 0, 1);
    this.distortionScale = checkNumber('distortionScale', distortionScale, 0, 1);
    checkChoice('interpolation', rest.interpolation ?? 'nearest', warpInterpolations);
    checkFill('fill', rest.fill ?? 0);
    this.options = rest;
  }

  protected applyRandom(image: ImageLike, [chance = 1, ...numbers]: readonly number[]): ImageLike {
    if (chance >= this.prob) return image;
    const [height, width] = sizeOfImage(image);
    if (height < 2 || width < 2) {
      throw new InvalidArgumentError(
        `RandomPerspective takes images of at least 2 x 2, got ${describeValue([height, width])}`,
      );
    }
    const [x, y] = [width, height].map((length) => Math.trunc(this.distortionScale * Math.floor(length / 2)));
    const inward = (number: number | undefined, most = 0) => Math.trunc(between(number, 0, most + 1));
    const back = (number: number | undefined, length: number, most = 0) =>
      Math.trunc(between(number, length - most - 1, length));
    const starts: Corners = [
      [0, 0],
      [width - 1, 0],
      [width - 1, height - 1],
      [0, height - 1],
    ];
    const ends: Corners = [
      [inward(numbers[0], x), inward(numbers[1], y)],
      [back(numbers[2], width, x), inward(numbers[3], y)],
      [back(numbers[4], width, x), back(numbers[5], height, y)],
      [inward(numbers[6], x), back(numbers[7], height, y)],
    ];
    return perspective(image, starts, ends, this.options);
  }
}
