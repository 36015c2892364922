/**
 * What transforms with random numbers share.
 *
 * @module
 */
import { nextStream, type RandomStream } from '../../common/random.js';
import { BaseTransform, type ImageLike, type TransformOptions } from './transform.js';

/** Numbers uniform in [0, 1), and the stream that they came from, for those who need more. */
export interface Draws {
  /** As many as the transform asks for. */
  readonly numbers: readonly number[];
  /** Gives further numbers. */
  readonly stream: RandomStream;
}

/**
 * Base of the random transforms. Each call takes one stream of random numbers and draws as many numbers from it whatever the
 * image is, so that one transform does not change what another one draws; all images of a call get the same numbers.
 */
export abstract class RandomTransform extends BaseTransform<ImageLike, Draws> {
  private readonly count: number;

  constructor(count: number, options: TransformOptions) {
    super({ keys: options.keys ?? null });
    this.count = count;
  }

  protected override getParams(): Draws {
    const stream = nextStream('augmentation');
    return { numbers: Array.from({ length: this.count }, () => stream.uniform()), stream };
  }

  protected applyImage(image: ImageLike, params: Draws | undefined): ImageLike {
    const { numbers, stream } = params ?? this.getParams();
    return this.applyRandom(image, numbers, stream);
  }

  /** Computes the transform of one image with the numbers of a call. */
  protected abstract applyRandom(image: ImageLike, numbers: readonly number[], stream: RandomStream): ImageLike;
}

/** The number at a place, taken from [0, 1) to [low, high). */
export function between(number: number | undefined, low: number, high: number): number {
  return low + (high - low) * (number ?? 0);
}

/** The number at a place, taken from [0, 1) to the whole numbers 0 to `last`. */
export function upTo(number: number | undefined, last: number): number {
  return Math.floor((number ?? 0) * (last + 1));
}
