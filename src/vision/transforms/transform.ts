/**
 * What all transforms share.
 *
 * @module
 */
import { InvalidArgumentError } from '../../common/errors.js';
import { NdArray } from '../../common/ndarray.js';
import { checkOptions, describeValue } from '../../common/options.js';
import { Image } from '../image.js';

/** An image as transforms take it: an {@link Image}, or an array [height, width] or [height, width, channels]. */
export type ImageLike = Image | NdArray;

/** Makes something of an image: an object with `forward`, or a function. */
export type Transform<Output = unknown> = ImageTransform<Output> | ((image: ImageLike) => Output);

/** An object that makes something of an image. */
export interface ImageTransform<Output = unknown> {
  /** Transforms an image. */
  forward(image: ImageLike): Output;
}

/** Applies a transform of either form. */
export function applyTransform<Output>(transform: Transform<Output>, image: ImageLike): Output {
  return typeof transform === 'function' ? transform(image) : transform.forward(image);
}

/** Throws unless `value` is an image. */
export function checkImage(where: string, value: unknown): ImageLike {
  if (value instanceof Image || (value instanceof NdArray && (value.shape.length === 2 || value.shape.length === 3))) {
    return value;
  }
  throw new InvalidArgumentError(`${where} takes an Image or an NdArray of 2 or 3 axes, got ${describeValue(value)}`);
}

/** The elements of an image as an array [height, width, channels], without a copy. */
export function toHwc(image: ImageLike): NdArray {
  const array = image instanceof Image ? image.toNdArray() : image;
  return array.shape.length === 2 ? array.reshape([...array.shape, 1]) : array;
}

/** Options of every transform. */
export interface TransformOptions {
  /** What each input is: 'image', 'boxes', 'mask'. Inputs without a key pass through. @defaultValue ['image'] */
  readonly keys?: readonly string[] | null;
}

/**
 * Base of the transforms: applies to one image, or to a list of inputs of which `keys` tells what each is.
 *
 * A subclass computes in `applyImage`; for other keys it has a method of the key's name (`applyMask`, `applyBoxes`). What
 * has to be the same for all inputs of a call, such as random numbers, comes from `getParams`.
 *
 * @typeParam Output - what becomes of an image
 * @typeParam Params - what `getParams` gives
 */
export abstract class BaseTransform<Output = ImageLike, Params = unknown> {
  /** What each input is. */
  readonly keys: readonly string[];

  constructor(options: TransformOptions = {}) {
    checkOptions(new.target.name, options, ['keys']);
    const keys = options.keys ?? ['image'];
    if (!Array.isArray(keys)) throw new InvalidArgumentError(`keys must be an array, got ${describeValue(keys)}`);
    this.keys = keys as readonly string[];
  }

  /** What all inputs of a call share. */
  protected getParams(_inputs: readonly unknown[]): Params | undefined {
    return undefined;
  }

  /** Computes the transform of one image. */
  protected abstract applyImage(image: ImageLike, params: Params | undefined): Output;

  /** Transforms each input by its key. */
  forward(inputs: readonly unknown[]): unknown[];
  /** Transforms an image. */
  forward(inputs: ImageLike): Output;
  forward(inputs: ImageLike | readonly unknown[]): Output | unknown[] {
    if (!Array.isArray(inputs)) return this.applyKey(0, inputs, this.getParams([inputs])) as Output;
    const list = inputs as readonly unknown[];
    const params = this.getParams(list);
    return list.map((input, index) => this.applyKey(index, input, params));
  }

  private applyKey(index: number, input: unknown, params: Params | undefined): unknown {
    const key = this.keys[index];
    if (key === undefined) return input;
    if (key === 'image') return this.applyImage(checkImage(this.constructor.name, input), params);
    const name = `apply${key.charAt(0).toUpperCase()}${key.slice(1)}`;
    const method = (this as unknown as Record<string, unknown>)[name];
    if (typeof method === 'function') return (method as (...args: unknown[]) => unknown).call(this, input, params);
    throw new InvalidArgumentError(`${this.constructor.name} cannot transform the key '${key}': it has no ${name}`);
  }
}
