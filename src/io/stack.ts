/**
 * Putting samples together to arrays, on any thread.
 *
 * @module
 */
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { NdArray, sameShape, typedArrays, zerosOf, type DType } from '../common/ndarray.js';
import { describeValue } from '../common/options.js';

/** What is needed of a tensor of TensorFlow.js, which data workers do not load. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  dataSync(): Float32Array | Int32Array | Uint8Array;
}

/** True for a tensor of TensorFlow.js. */
export function isTensorLike(value: unknown): value is TensorLike {
  return typeof (value as Partial<TensorLike> | null)?.dataSync === 'function';
}

/** The values of a tensor, copied. */
export function readTensor(tensor: TensorLike): NdArray {
  const dtype = tensor.dtype in typedArrays ? (tensor.dtype as DType) : 'float32';
  return new NdArray(tensor.dataSync().slice() as Float32Array, tensor.shape, dtype as 'float32');
}

const isNdArray = (value: unknown): value is NdArray => value instanceof NdArray;
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isBigInt = (value: unknown): value is bigint => typeof value === 'bigint';
const isText = (value: unknown): value is string => typeof value === 'string';
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** True for `{}` and its like. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The values of a field as one array per kind, checked against the first. */
function allOf<T>(values: readonly unknown[], what: string, is: (value: unknown) => value is T): readonly T[] {
  for (let i = 1; i < values.length; i++) {
    if (is(values[i])) continue;
    throw new InvalidArgumentError(
      `samples of a batch must agree in their fields: the first has ${what}, sample ${i} of the batch ${describeValue(values[i])}`,
    );
  }
  return values as readonly T[];
}

/** Copies arrays of equal shape into one with a new first axis. */
function stackArrays(arrays: readonly NdArray[]): NdArray {
  const [first] = arrays;
  if (first === undefined) throw new InvalidArgumentError('a batch must have at least one sample');
  const { shape, dtype, size } = first;
  const data = zerosOf<DType>(dtype, arrays.length * size) as Float32Array;
  let offset = 0;
  for (const array of arrays) {
    if (array.dtype !== dtype || (array.shape !== shape && !sameShape(array.shape, shape))) {
      throw new ShapeMismatchError(
        `samples of a batch must have one shape and type, got ${dtype} [${shape.join(', ')}] and ${array.dtype} [${array.shape.join(', ')}]`,
      );
    }
    data.set(array.data as Float32Array, offset);
    offset += size;
  }
  return new NdArray(data, [arrays.length, ...shape], dtype as 'float32');
}

/** Numbers as an array: int32 when all are whole (int64 when one does not fit), else float32. */
function numbers(values: readonly number[]): NdArray {
  if (!values.every(Number.isSafeInteger)) return new NdArray(Float32Array.from(values), [values.length]);
  if (values.every((value) => (value | 0) === value)) return new NdArray(Int32Array.from(values), [values.length]);
  return new NdArray(BigInt64Array.from(values, BigInt), [values.length]);
}

/** What becomes of the tensors of a field; see {@link stackSamples}. */
export type StackTensors = (tensors: readonly TensorLike[]) => unknown;

/** The tensors of a field as one array. */
export const stackTensorValues: StackTensors = (tensors) => stackArrays(tensors.map(readTensor));

/**
 * Puts samples together: arrays are stacked, numbers become an array, texts a list, and lists and plain objects are put
 * together field by field. The arrays that come out are new.
 *
 * @param stackTensors - puts the tensors of a field together
 * @throws `InvalidArgumentError` when samples differ in their fields or a field is of another kind
 */
export function stackSamples(values: readonly unknown[], stackTensors: StackTensors): unknown {
  const [first] = values;
  if (isNdArray(first)) return stackArrays(allOf(values, 'an array', isNdArray));
  if (isNumber(first)) return numbers(allOf(values, 'a number', isNumber));
  if (isText(first)) return [...allOf(values, 'a text', isText)];
  if (isList(first)) return stackLists(allOf(values, 'a list', isList), first.length, stackTensors);
  if (isBigInt(first)) return new NdArray(BigInt64Array.from(allOf(values, 'an integer', isBigInt)), [values.length]);
  if (isBoolean(first)) {
    return new NdArray(Uint8Array.from(allOf(values, 'a boolean', isBoolean), Number), [values.length], 'bool');
  }
  if (isTensorLike(first)) return stackTensors(allOf(values, 'a tensor', isTensorLike));
  if (isRecord(first)) {
    const records = allOf(values, 'an object', isRecord);
    const stackField = (key: string) =>
      stackSamples(
        records.map((record) => record[key]),
        stackTensors,
      );
    return Object.fromEntries(Object.keys(first).map((key) => [key, stackField(key)]));
  }
  throw new InvalidArgumentError(
    `a field of a sample must be an array, a number, a text, a list or a plain object, got ${describeValue(first)}${hintFor(first)}`,
  );
}

function stackLists(lists: readonly (readonly unknown[])[], count: number, stackTensors: StackTensors): unknown[] {
  for (const list of lists) {
    if (list.length === count) continue;
    throw new InvalidArgumentError(`samples of a batch must have equally many fields, got ${count} and ${list.length}`);
  }
  const fields: unknown[] = [];
  for (let field = 0; field < count; field++) {
    fields.push(
      stackSamples(
        lists.map((list) => list[field]),
        stackTensors,
      ),
    );
  }
  return fields;
}

function hintFor(field: unknown): string {
  return (field as object | null)?.constructor.name === 'Image'
    ? '; give the data set a transform such as ToTensor'
    : '';
}
