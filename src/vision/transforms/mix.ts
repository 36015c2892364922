/**
 * Transforms that mix the samples of a batch.
 *
 * @module
 */
import { InvalidArgumentError, OutOfRangeError, ShapeMismatchError } from '../../common/errors.js';
import { NdArray, sameShape } from '../../common/ndarray.js';
import { checkInteger, checkNumber, checkOptions, describeValue } from '../../common/options.js';
import { nextStream, type RandomStream } from '../../common/random.js';
import { imageOf, rasterOf } from './raster.js';

/** A sample that can be mixed with others: an image, its class or the probabilities of the classes, and anything else. */
export type MixableSample = readonly [image: NdArray, label: number | bigint | NdArray, ...rest: unknown[]];

/** A sample with an image that is mixed and the probabilities of its classes. */
export type MixedSample<Sample extends MixableSample> = Sample extends readonly [unknown, unknown, ...infer Rest]
  ? [image: NdArray, label: NdArray<'float32'>, ...rest: Rest]
  : never;

/** Options of {@link Mixup} and {@link CutMix}. */
export interface MixOptions {
  /** Both parameters of the beta distribution of the share, above 0; 1 makes all shares equally likely. @defaultValue 1 */
  readonly alpha?: number;
  /** Number of classes, at least 2; null when labels are probabilities. @defaultValue null */
  readonly numClasses?: number | null;
}

/** How two images become one, and the share of the first one's label. */
interface Mix {
  readonly share: number;
  readonly mix: (first: NdArray, second: NdArray) => NdArray;
}

/** What the transforms share that mix each sample of a batch with the one before it, the first one with the last. */
abstract class MixTransform {
  private readonly alpha: number;
  private readonly numClasses: number | null;

  constructor(options: MixOptions) {
    checkOptions(new.target.name, options, ['alpha', 'numClasses']);
    this.alpha = checkNumber('alpha', options.alpha ?? 1, Number.MIN_VALUE);
    this.numClasses = options.numClasses == null ? null : checkInteger('numClasses', options.numClasses, 2);
  }

  /**
   * Chooses how the images of a batch are mixed.
   *
   * @hidden
   */
  protected abstract choose(share: number, image: NdArray, stream: RandomStream): Mix;

  /**
   * Mixes the samples of a batch. Images have one shape; labels are classes, as numbers or arrays of one element, or
   * probabilities `[numClasses]`.
   *
   * @returns samples whose labels are probabilities `[numClasses]`
   */
  forward<Sample extends MixableSample>(samples: readonly Sample[]): MixedSample<Sample>[] {
    const stream = nextStream('augmentation');
    const [first] = samples;
    if (first === undefined) return [];
    samples.forEach(([image], index) => checkMixable(image, first[0], index));
    const labels = samples.map(([, label], index) => this.probabilities(label, index));
    const { share, mix } = this.choose(stream.beta(this.alpha, this.alpha), first[0], stream);
    return samples.map(([image, , ...rest], index) => {
      const before = (index === 0 ? samples.length : index) - 1;
      const label = blend(labels[index]!, labels[before]!, share);
      return [mix(image, samples[before]![0]), label, ...rest] as unknown as MixedSample<Sample>;
    });
  }

  private probabilities(label: MixableSample[1], index: number): NdArray {
    const size = label instanceof NdArray ? label.size : 1;
    if (label instanceof NdArray && size > 1 && size === (this.numClasses ?? size)) return label.reshape([size]);
    const value = Number(label instanceof NdArray ? label.data[0] : label);
    if (size !== 1 || !Number.isInteger(value) || this.numClasses === null) {
      const expected = this.numClasses === null ? 'probabilities, or numClasses given' : 'a class or probabilities';
      throw new InvalidArgumentError(`label of sample ${index} must be ${expected}, got ${describeValue(label)}`);
    }
    if (value < 0 || value >= this.numClasses) {
      throw new OutOfRangeError(
        `label of sample ${index} must be a class from 0 to ${this.numClasses - 1}, got ${value}`,
      );
    }
    const data = new Float32Array(this.numClasses);
    data[value] = 1;
    return new NdArray(data, [this.numClasses]);
  }
}

function checkMixable(image: unknown, first: NdArray, index: number): void {
  if (!(image instanceof NdArray)) {
    const got = describeValue(image);
    throw new InvalidArgumentError(`image of sample ${index} must be an NdArray, such as ToTensor gives, got ${got}`);
  }
  if (!sameShape(image.shape, first.shape)) {
    throw new ShapeMismatchError(
      `images to mix must have one shape, got [${first.shape.join(', ')}] and [${image.shape.join(', ')}]`,
    );
  }
}

/** `share` of one array and the rest of another, as floats in the form of the first. */
function blend<A extends NdArray>(first: A, second: NdArray, share: number): A & NdArray<'float32'> {
  const data = new Float32Array(first.size);
  for (let i = 0; i < data.length; i++) {
    data[i] = share * Number(first.data[i] ?? 0) + (1 - share) * Number(second.data[i] ?? 0);
  }
  const Form = first.constructor as typeof NdArray;
  return new Form(data, first.shape) as A & NdArray<'float32'>;
}

/**
 * Mixes the images of a batch, and their labels in the same share (Zhang et al., "mixup: Beyond Empirical Risk
 * Minimization", 2018): `share * sample + (1 - share) * sample before it`, with one share for the batch, from
 * Beta(alpha, alpha). Images become `float32`.
 *
 * It takes the samples of a batch, shuffled, after their own transforms, and belongs into a loader's `collateFn`. The labels
 * are for a loss with `softLabel`.
 *
 * @example
 * ```ts
 * const mixup = new Mixup({ numClasses: 10 });
 * const loader = new DataLoader(new Cifar10({ transform: new ToTensor() }), {
 *   batchSize: 128,
 *   shuffle: true,
 *   collateFn: (samples) => defaultCollate(mixup.forward(samples)),
 * });
 * model.prepare(optimizer, new CrossEntropyLoss({ softLabel: true }));
 * await model.fit(loader, null, { epochs: 10 });
 * ```
 */
export class Mixup extends MixTransform {
  constructor(options: MixOptions = {}) {
    super(options);
  }

  /** @hidden */
  protected choose(share: number): Mix {
    return { share, mix: (first, second) => blend(first, second, share) };
  }
}

/**
 * Puts a rectangle of one image into the next one of a batch, and mixes their labels in the shares of the area (Yun et al.,
 * "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features", 2019). The rectangle has the
 * image's ratio, a random middle and the area `1 - share` with a share from Beta(alpha, alpha), less what lies outside of the
 * image; it is the same for the whole batch. Images keep their type.
 *
 * It is used as {@link Mixup}. An `ImageTensor` has its channels first, another array last.
 *
 * @example
 * ```ts
 * const cutMix = new CutMix({ numClasses: 10 });
 * const loader = new DataLoader(new Cifar10({ transform: new ToTensor() }), {
 *   batchSize: 128,
 *   shuffle: true,
 *   collateFn: (samples) => defaultCollate(cutMix.forward(samples)),
 * });
 * ```
 */
export class CutMix extends MixTransform {
  constructor(options: MixOptions = {}) {
    super(options);
  }

  /** @hidden */
  protected choose(share: number, image: NdArray, stream: RandomStream): Mix {
    const { height, width } = rasterOf('CutMix', image);
    const half = 0.5 * Math.sqrt(1 - share);
    const [left, right] = spanAround(stream.integer(width), Math.trunc(half * width), width);
    const [top, bottom] = spanAround(stream.integer(height), Math.trunc(half * height), height);
    const mix = (first: NdArray, second: NdArray) => {
      const target = rasterOf('CutMix', first);
      const { planes, channels } = target;
      const source = rasterOf('CutMix', second).data;
      const data = target.data.slice();
      for (let plane = 0; plane < planes; plane++) {
        for (let y = top; y < bottom; y++) {
          const row = (plane * height + y) * width;
          const [start, end] = [(row + left) * channels, (row + right) * channels];
          data.set(source.subarray(start, end), start);
        }
      }
      return imageOf({ ...target, data }, first);
    };
    return { share: 1 - ((right - left) * (bottom - top)) / (width * height), mix };
  }
}

/** What is `half` around a place, within 0 and `length`. */
function spanAround(middle: number, half: number, length: number): readonly [start: number, end: number] {
  return [Math.max(0, middle - half), Math.min(length, middle + half)];
}
