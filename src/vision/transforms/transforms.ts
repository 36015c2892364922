/**
 * The transforms.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import type { NdArray } from '../../common/ndarray.js';
import { checkOptions, describeValue } from '../../common/options.js';
import { normalize, toTensor, transpose, type NormalizeOptions, type ToTensorOptions } from './functional/index.js';
import { applyTransform, BaseTransform, type ImageLike, type Transform, type TransformOptions } from './transform.js';

/**
 * Applies transforms one after the other.
 *
 * @typeParam Output - what the last one gives
 */
export class Compose<Output> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  /** The transforms. */
  readonly transforms: readonly Transform[];

  constructor(transforms: readonly [...Transform[], Transform<Output>]) {
    if (!Array.isArray(transforms) || transforms.length === 0) {
      throw new InvalidArgumentError(`transforms must be an array of transforms, got ${describeValue(transforms)}`);
    }
    this.transforms = transforms as readonly Transform[];
  }

  /** Transforms an image. */
  forward(image: ImageLike): Output {
    return this.transforms.reduce<unknown>(
      (value, transform) => applyTransform(transform, value as ImageLike),
      image,
    ) as Output;
  }
}

/** Makes an array of floats in [0, 1] of an image of bytes, see {@link functional.toTensor}. */
export class ToTensor extends BaseTransform<NdArray> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly options: ToTensorOptions;

  constructor(options: ToTensorOptions & TransformOptions = {}) {
    const { keys, ...rest } = options;
    checkOptions('ToTensor', rest, ['dataFormat']);
    super({ keys: keys ?? null });
    this.options = rest;
  }

  protected applyImage(image: ImageLike): NdArray {
    return toTensor(image, this.options);
  }
}

/** Options of {@link Normalize}. */
export interface NormalizeTransformOptions extends NormalizeOptions, TransformOptions {
  /** Subtracted; one number or one for each channel. @defaultValue 0 */
  readonly mean?: number | readonly number[];
  /** Divided by; one number or one for each channel. @defaultValue 1 */
  readonly std?: number | readonly number[];
}

/** `(image - mean) / std` for each channel, see {@link functional.normalize}. */
export class Normalize extends BaseTransform<NdArray<'float32'>> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly mean: number | readonly number[];
  private readonly std: number | readonly number[];
  private readonly options: NormalizeOptions;

  constructor(options: NormalizeTransformOptions = {}) {
    const { keys, mean = 0, std = 1, ...rest } = options;
    checkOptions('Normalize', rest, ['mean', 'std', 'dataFormat', 'toRgb', 'keys']);
    super({ keys: keys ?? null });
    this.mean = mean;
    this.std = std;
    this.options = rest;
  }

  protected applyImage(image: ImageLike): NdArray<'float32'> {
    return normalize(image, this.mean, this.std, this.options);
  }
}

/** Options of {@link Transpose}. */
export interface TransposeOptions extends TransformOptions {
  /** Order of the axes. @defaultValue [2, 0, 1] */
  readonly order?: readonly number[];
}

/** The axes of an image in another order: [H, W, C] to [C, H, W] unless told otherwise. */
export class Transpose extends BaseTransform<NdArray> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly order: readonly number[];

  constructor(options: TransposeOptions = {}) {
    const { keys, order = [2, 0, 1], ...rest } = options;
    checkOptions('Transpose', rest, ['order', 'keys']);
    super({ keys: keys ?? null });
    this.order = order;
  }

  protected applyImage(image: ImageLike): NdArray {
    return transpose(image, this.order);
  }
}
