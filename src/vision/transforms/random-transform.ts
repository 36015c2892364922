/**
 * What transforms with random numbers share.
 *
 * @module
 */
import { nextStream } from '../../common/random.js';
import { BaseTransform, type ImageLike, type TransformOptions } from './transform.js';

/**
 * Base of the random transforms. Each call takes one stream of random numbers and draws as many numbers from it whatever the
 * image is, so that one transform does not change what another one draws; all images of a call get the same numbers.
 */
export abstract class RandomTransform extends BaseTransform<ImageLike, readonly number[]> {
  private readonly count: number;

  constructor(count: number, options: TransformOptions) {
    super({ keys: options.keys ?? null });
    this.count = count;
  }

  protected override getParams(): readonly number[] {
    const stream = nextStream('augmentation');
    return Array.from({ length: this.count }, () => stream.uniform());
  }

  protected applyImage(image: ImageLike, params: readonly number[] | undefined): ImageLike {
    return this.applyRandom(image, params ?? this.getParams());
  }

  /**
   * Computes the transform of one image.
   *
   * @param numbers - the numbers of the call, uniform in [0, 1)
   */
  protected abstract applyRandom(image: ImageLike, numbers: readonly number[]): ImageLike;
}

/** The number at a place, taken from [0, 1) to [low, high). */
export function between(number: number | undefined, low: number, high: number): number {
  return low + (high - low) * (number ?? 0);
}

/** The number at a place, taken from [0, 1) to the whole numbers 0 to `last`. */
export function upTo(number: number | undefined, last: number): number {
  return Math.floor((number ?? 0) * (last + 1));
}
