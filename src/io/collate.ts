/**
 * Putting samples together to batches.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { NdArray } from '../common/ndarray.js';
import { toTensor } from '../tensor/creation.js';
import { isRecord, stackSamples, type StackTensors } from './stack.js';

/**
 * What becomes of a field in a batch: arrays and numbers become a tensor with the batch as its first axis, texts a list,
 * nestings are kept.
 */
export type Collated<Field> = Field extends NdArray | Tensor | number | bigint | boolean
  ? Tensor
  : Field extends string
    ? string[]
    : Field extends readonly unknown[]
      ? { -readonly [Key in keyof Field]: Collated<Field[Key]> }
      : Field extends object
        ? { -readonly [Key in keyof Field]: Collated<Field[Key]> }
        : unknown;

const stackTensors: StackTensors = (tensors) => tf.stack<Tensor>(tensors as unknown as Tensor[]);

/** The same lists and plain objects with their arrays as tensors. */
export function toTensors(value: unknown): unknown {
  if (value instanceof NdArray) return toTensor(value);
  if (Array.isArray(value)) return value.map(toTensors);
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toTensors(item)]));
  return value;
}

/**
 * Puts samples together as Paddle's `default_collate_fn`: arrays are stacked, numbers become an array, texts a list, and
 * lists and plain objects are put together field by field.
 *
 * @throws `InvalidArgumentError` when samples differ in their fields or a field is of another kind
 */
export function defaultCollate<Sample>(samples: readonly Sample[]): Collated<Sample> {
  return toTensors(stackSamples(samples, stackTensors)) as Collated<Sample>;
}
