/**
 * `save`: objects with tensors to Paddle's files.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { NdArray } from '../common/ndarray.js';
import { checkOptions, describeValue } from '../common/options.js';
import { warn } from '../common/warn.js';
import { isSavedAsInt64 } from '../tensor/dtype.js';
import {
  checkPath,
  MAX_NESTING,
  NAME_TABLE,
  splitLongArrays,
  Tuple,
  writeObject,
  type PickleKey,
  type PickleProtocol,
  type PickleValue,
} from '../serialization/index.js';

/**
 * What {@link save} writes: tensors, arrays and plain values, nested in arrays and plain objects. What is nested is checked
 * when it is written.
 */
export type Saveable =
  Tensor | NdArray | string | number | bigint | boolean | null | readonly unknown[] | Readonly<Record<string, unknown>>;

/** Options of {@link save}. */
export interface SaveOptions {
  /** Version of Python's pickle format: 2, 3 or 4. @defaultValue 4 */
  readonly protocol?: PickleProtocol;
}

/**
 * Writes a state dict or any object with tensors into a file that Paddle's `paddle.load` and our {@link load} read, as
 * `paddle.save`.
 *
 * The values are taken at the moment of the call, so training may go on while the file is written. Folders are created;
 * the file is replaced as a whole or not at all. `float32` tensors are written as `float32`, `int32` as `int32` (the count of
 * `ASGD` as `int64`, as in Paddle), `bool` as `bool`; numbers without a fraction as Python's int, all others as float.
 *
 * @param obj - a state dict of a layer or optimizer, or tensors and plain values nested in arrays and objects
 * @param path - where to write; by custom `.pdparams` for layers, `.pdopt` for optimizers
 * @throws `InvalidArgumentError` when `obj` holds anything else (such as a Layer), the path has no file name or the
 * protocol is not 2, 3 or 4
 */
export async function save(obj: Saveable, path: string, options: SaveOptions = {}): Promise<void> {
  checkOptions('save', options, ['protocol']);
  const { protocol = 4 } = options;
  if (![2, 3, 4].includes(protocol)) {
    throw new InvalidArgumentError(`protocol must be 2, 3 or 4, got ${describeValue(protocol)}`);
  }
  checkPath(path);
  await writeObject(path, isStateDict(obj) ? stateDictValue(obj, protocol) : plainValue(obj, 'obj', 0), { protocol });
}

type PlainObject = Readonly<Record<string, unknown>>;

function isTensor(value: unknown): value is Tensor {
  return value instanceof tf.Tensor;
}

function isPlainObject(value: unknown): value is PlainObject {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Paddle's rule: every value is a tensor, or an object that holds none. */
function isStateDict(obj: unknown): obj is PlainObject {
  return (
    isPlainObject(obj) &&
    Object.values(obj).every((value) => isTensor(value) || (isPlainObject(value) && !holdsTensor(value, 0)))
  );
}

function holdsTensor(value: unknown, depth: number): boolean {
  if (isTensor(value)) return true;
  if (depth > MAX_NESTING) return false;
  const items: readonly unknown[] = Array.isArray(value) ? value : isPlainObject(value) ? Object.values(value) : [];
  return items.some((item) => holdsTensor(item, depth + 1));
}

/** Arrays under the keys, and last the table from keys to the names of the parameters. */
function stateDictValue(state: PlainObject, protocol: PickleProtocol): PickleValue {
  const values = new Map<PickleKey, PickleValue>();
  const names = new Map<PickleKey, PickleValue>();
  for (const [key, value] of Object.entries(state)) {
    if (isTensor(value)) names.set(key, nameOf(value) ?? key);
    values.set(key, isTensor(value) ? arrayOf(value, key) : plainValue(value, key, 1));
  }
  if (values.size === 0) warn('The input state dict is empty, no need to save.');
  values.set(NAME_TABLE, names);
  return protocol < 4 ? splitLongArrays(values) : values;
}

/** Objects other than state dicts: a tensor is a pair of its name and its array. */
function plainValue(value: unknown, where: string, depth: number): PickleValue {
  if (depth > MAX_NESTING) {
    throw new InvalidArgumentError(`obj is nested deeper than ${MAX_NESTING} levels or contains itself`);
  }
  if (isTensor(value)) {
    return new Tuple<PickleValue>([nameOf(value) ?? `generated_tensor_${value.id}`, arrayOf(value, where)]);
  }
  if (value === null || value instanceof NdArray) return value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).map((item, index) => plainValue(item, `${where}[${index}]`, depth + 1));
  }
  if (isPlainObject(value)) {
    return new Map(
      Object.entries(value).map(([key, item]) => [key, plainValue(item, `${where}.${key}`, depth + 1)] as const),
    );
  }
  throw new InvalidArgumentError(
    `${where} must be a tensor, a plain value, an array or a plain object, got ${describeValue(value)}; ` +
      'of a layer or an optimizer, save the stateDict()',
  );
}

/** The name of a parameter. */
function nameOf(tensor: Tensor): string | undefined {
  return tensor instanceof tf.Variable ? tensor.name : undefined;
}

function arrayOf(tensor: Tensor, where: string): NdArray {
  const { dtype, shape } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new InvalidArgumentError(`${where} must be a tensor of float32, int32 or bool, got ${dtype}`);
  }
  if (isSavedAsInt64(tensor)) return new NdArray(BigInt64Array.from(tensor.dataSync(), BigInt), shape);
  return new NdArray(tensor.numpy(), shape, dtype);
}
