/**
 * `load`: Paddle's files to objects with tensors.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { NdArray } from '../common/ndarray.js';
import { checkBoolean, checkOptions } from '../common/options.js';
import {
  bfloat16ToFloat32,
  joinLongArrays,
  NAME_TABLE,
  readObject,
  Tuple,
  type PickleKey,
  type PickleValue,
} from '../serialization/index.js';
import { toTensor } from '../tensor/creation.js';

/** Options of {@link load}. */
export interface LoadOptions {
  /** True gives {@link NdArray}s in place of tensors, in the file's own element types (`float32` for half precision). @defaultValue false */
  readonly returnNumpy?: boolean;
  /** True keeps the table `StructuredToParameterName@@` of a state dict. @defaultValue false */
  readonly keepNameTable?: boolean;
}

/**
 * Reads a file of `paddle.save` or {@link save}, as `paddle.load`. Nothing in the file is executed.
 *
 * Python's dicts become plain objects, lists and tuples arrays, None null, int a number (a bigint beyond 2^53). Tensors hold
 * `float32`, `int32` or `bool`: `float64`, `float16` and `bfloat16` are converted to `float32`, the other integers to `int32`.
 *
 * @typeParam T - what the file is known to hold; not checked
 * @param path - the file
 * @throws `FileNotFoundError` when there is no such file
 * @throws `FileFormatError` when the file is damaged, cut off or holds anything but plain data and arrays
 * @throws `OutOfRangeError` when an integer of a tensor does not fit in 32 bits; `returnNumpy` reads it
 */
export async function load<T = Record<string, NdArray>>(
  path: string,
  options: LoadOptions & { readonly returnNumpy: true },
): Promise<T>;
export async function load<T = Record<string, Tensor>>(path: string, options?: LoadOptions): Promise<T>;
export async function load(path: string, options: LoadOptions = {}): Promise<unknown> {
  checkOptions('load', options, ['returnNumpy', 'keepNameTable']);
  const returnNumpy = checkBoolean('returnNumpy', options.returnNumpy ?? false);
  const keepNameTable = checkBoolean('keepNameTable', options.keepNameTable ?? false);
  const loaded = await readObject(path);
  const value = loaded instanceof Map ? joinLongArrays(loaded, path) : loaded;
  const convertArray = returnNumpy ? (array: NdArray) => array : tensorOf;

  const table = value instanceof Map ? (value as ReadonlyMap<PickleKey, PickleValue>).get(NAME_TABLE) : undefined;
  if (value instanceof Map && table instanceof Map) {
    return stateDictOf(value, table, convertArray, keepNameTable);
  }
  // Where tensors were saved by name, other arrays are numpy's own and stay arrays.
  const named = holdsNamedArray(value, new Set());
  return new Converter(named ? undefined : convertArray, named ? convertArray : undefined).convert(value);
}

type ConvertArray = (array: NdArray) => Tensor | NdArray;

function stateDictOf(
  state: ReadonlyMap<PickleKey, PickleValue>,
  table: ReadonlyMap<PickleKey, PickleValue>,
  convertArray: ConvertArray,
  keepNameTable: boolean,
): Record<string, unknown> {
  const converter = new Converter(undefined, undefined);
  const entries = [...state]
    .filter(([key]) => keepNameTable || key !== NAME_TABLE)
    .map(([key, value]) => [
      String(key),
      value instanceof NdArray && table.has(key) ? convertArray(value) : converter.convert(value),
    ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** A tensor's pair of name and array. */
function namedArray(value: PickleValue): NdArray | undefined {
  if (!(value instanceof Tuple) || value.items.length !== 2) return undefined;
  const [name, array] = value.items;
  return typeof name === 'string' && array instanceof NdArray ? array : undefined;
}

function itemsOf(value: PickleValue): readonly PickleValue[] {
  if (value instanceof Tuple) return value.items;
  if (value instanceof Map) return [...(value as ReadonlyMap<PickleKey, PickleValue>).values()];
  return Array.isArray(value) ? (value as readonly PickleValue[]) : [];
}

function holdsNamedArray(value: PickleValue, seen: Set<unknown>): boolean {
  if (namedArray(value)) return true;
  if (value === null || typeof value !== 'object' || seen.has(value)) return false;
  seen.add(value);
  return itemsOf(value).some((item) => holdsNamedArray(item, seen));
}

/** Converts nested values; what the file holds once and refers to twice stays one object. */
class Converter {
  readonly #convertArray: ConvertArray | undefined;
  readonly #convertNamed: ConvertArray | undefined;
  readonly #converted = new Map<PickleValue, unknown>();

  constructor(convertArray: ConvertArray | undefined, convertNamed: ConvertArray | undefined) {
    this.#convertArray = convertArray;
    this.#convertNamed = convertNamed;
  }

  convert(value: PickleValue): unknown {
    if (value === null || typeof value !== 'object') return value;
    if (this.#converted.has(value)) return this.#converted.get(value);
    const result = this.#make(value);
    this.#converted.set(value, result);
    return result;
  }

  #make(value: Exclude<PickleValue, PickleKey>): unknown {
    if (value instanceof NdArray) return this.#convertArray?.(value) ?? value;
    if (value instanceof Uint8Array) return value;
    const array = this.#convertNamed && namedArray(value);
    if (array) return this.#convertNamed?.(array);
    if (value instanceof Map) {
      const dict = value as ReadonlyMap<PickleKey, PickleValue>;
      return Object.fromEntries([...dict].map(([key, item]) => [String(key), this.convert(item)]));
    }
    return itemsOf(value).map((item) => this.convert(item));
  }
}

function tensorOf(array: NdArray): Tensor {
  // numpy has no bfloat16: Paddle stores its bits as uint16.
  return toTensor(array.dtype === 'uint16' ? bfloat16ToFloat32(array as NdArray<'uint16'>) : array);
}
