/**
 * Putting samples together to batches.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { NdArray, sameShape, zerosOf, type DType } from '../common/ndarray.js';
import { describeValue } from '../common/options.js';
import { toTensor } from '../tensor/creation.js';

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

/** Copies arrays of equal shape into one with a new first axis. */
function stack(arrays: readonly NdArray[], first: NdArray): NdArray {
  const { shape, dtype, size } = first;
  const data = zerosOf<DType>(dtype, arrays.length * size);
  arrays.forEach((array, index) => {
    if (!sameShape(array.shape, shape) || array.dtype !== dtype) {
      throw new ShapeMismatchError(
        `samples of a batch must have one shape and type, got ${dtype} [${shape.join(', ')}] and ${array.dtype} [${array.shape.join(', ')}]`,
      );
    }
    (data as Float32Array).set(array.data as Float32Array, index * size);
  });
  return new NdArray(data, [arrays.length, ...shape], dtype);
}

/** The values of a field as one array per kind, checked against the first. */
function allOf<T>(values: readonly unknown[], what: string, is: (value: unknown) => value is T): T[] {
  const wrong = values.findIndex((value) => !is(value));
  if (wrong < 0) return values as T[];
  throw new InvalidArgumentError(
    `samples of a batch must agree in their fields: the first has ${what}, sample ${wrong} of the batch ${describeValue(values[wrong])}`,
  );
}

const isNdArray = (value: unknown): value is NdArray => value instanceof NdArray;
const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;
const isNumber = (value: unknown): value is number | boolean => typeof value === 'number' || typeof value === 'boolean';
const isBigInt = (value: unknown): value is bigint => typeof value === 'bigint';
const isText = (value: unknown): value is string => typeof value === 'string';
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null &&
  typeof value === 'object' &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);

/** A tensor of numbers: int32 when all are whole, else float32; bool for booleans. */
function numbers(values: readonly (number | boolean)[]): Tensor {
  if (typeof values[0] === 'boolean') return tf.tensor1d(values as boolean[], 'bool');
  return tf.tensor1d(values as number[], values.every(Number.isInteger) ? 'int32' : 'float32');
}

/**
 * Puts samples together as Paddle's `default_collate_fn`: arrays are stacked, numbers become an array, texts a list, and
 * lists and plain objects are put together field by field.
 *
 * @throws `InvalidArgumentError` when samples differ in their fields or a field is of another kind
 */
export function defaultCollate<Sample>(samples: readonly Sample[]): Collated<Sample> {
  return collate(samples) as Collated<Sample>;
}

function collate(values: readonly unknown[]): unknown {
  const [first] = values;
  if (isNdArray(first)) return toTensor(stack(allOf(values, 'an array', isNdArray), first));
  if (isTensor(first)) return tf.stack<Tensor>(allOf(values, 'a tensor', isTensor));
  if (isNumber(first)) return numbers(allOf(values, 'a number', isNumber));
  if (isBigInt(first)) return toTensor(BigInt64Array.from(allOf(values, 'an integer', isBigInt)));
  if (isText(first)) return allOf(values, 'a text', isText);
  if (isList(first)) {
    const lists = allOf(values, 'a list', isList);
    const other = lists.find((list) => list.length !== first.length);
    if (other) {
      throw new InvalidArgumentError(
        `samples of a batch must have equally many fields, got ${first.length} and ${other.length}`,
      );
    }
    return first.map((_, field) => collate(lists.map((list) => list[field])));
  }
  if (isRecord(first)) {
    const records = allOf(values, 'an object', isRecord);
    return Object.fromEntries(Object.keys(first).map((key) => [key, collate(records.map((record) => record[key]))]));
  }
  throw new InvalidArgumentError(
    `a field of a sample must be an array, a number, a text, a list or a plain object, got ${describeValue(first)}${hintFor(first)}`,
  );
}

function hintFor(field: unknown): string {
  return (field as object | null)?.constructor.name === 'Image'
    ? '; give the data set a transform such as ToTensor'
    : '';
}
