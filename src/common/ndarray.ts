/**
 * Plain arrays of numbers with a shape, for everything that happens before tensors.
 *
 * @module
 */
import { InvalidArgumentError, ShapeMismatchError } from './errors.js';

/** Typed array of each element type. `bool` is stored as 0 and 1. */
export interface NdArrayData {
  /** 32-bit floats. */
  float32: Float32Array;
  /** 64-bit floats. */
  float64: Float64Array;
  /** 32-bit integers. */
  int32: Int32Array;
  /** 64-bit integers. */
  int64: BigInt64Array;
  /** Unsigned 8-bit integers. */
  uint8: Uint8Array;
  /** 8-bit integers. */
  int8: Int8Array;
  /** 16-bit integers. */
  int16: Int16Array;
  /** Unsigned 16-bit integers. */
  uint16: Uint16Array;
  /** 0 for false and 1 for true. */
  bool: Uint8Array;
}

/** Element type of an {@link NdArray}. */
export type DType = keyof NdArrayData;

/** Makes a typed array of zeros, or over bytes. */
interface TypedArrayConstructor<A> {
  new (length: number): A;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): A;
}

/** Constructor of the typed array of each element type. */
export const typedArrays: { readonly [D in DType]: TypedArrayConstructor<NdArrayData[D]> } = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  bool: Uint8Array,
};

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** True when two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** A fresh typed array of `length` zeros. */
export function zerosOf<D extends DType>(dtype: D, length: number): NdArrayData[D] {
  return new typedArrays[dtype](length);
}

/** Element type that a typed array holds, or undefined when it is none that {@link NdArray} takes. */
export function dtypeOf(data: unknown): DType | undefined {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Int16Array) return 'int16';
  if (data instanceof Uint16Array) return 'uint16';
  return undefined;
}

/**
 * A dense array in C order: a typed array and a shape.
 *
 * The data is not copied; whoever makes an NdArray hands the typed array over.
 */
export class NdArray<D extends DType = DType> {
  /** Elements in C order. */
  readonly data: NdArrayData[D];
  /** Length of each axis; `[]` for a single number. */
  readonly shape: readonly number[];
  /** Element type. */
  readonly dtype: D;

  /**
   * @param data - elements in C order
   * @param shape - length of each axis; the product must equal `data.length`
   * @param dtype - element type; taken from `data` when omitted
   * @throws `ShapeMismatchError` when `shape` does not fit `data`
   */
  constructor(data: NdArrayData[D], shape: readonly number[], dtype?: D) {
    const type = dtype ?? (dtypeOf(data) as D | undefined);
    if (type === undefined) throw new InvalidArgumentError('data must be a typed array of numbers');
    if (sizeOf(shape) !== data.length) {
      throw new ShapeMismatchError(
        `shape [${shape.join(', ')}] needs ${sizeOf(shape)} elements, data has ${data.length}`,
      );
    }
    this.data = data;
    this.shape = shape;
    this.dtype = type;
  }

  /** An array of zeros. */
  static zeros<D extends DType>(shape: readonly number[], dtype: D): NdArray<D> {
    return new NdArray(zerosOf(dtype, sizeOf(shape)), shape, dtype);
  }

  /** Number of elements. */
  get size(): number {
    return this.data.length;
  }

  /** The same data under another shape of equal size. */
  reshape(shape: readonly number[]): NdArray<D> {
    return new NdArray(this.data, shape, this.dtype);
  }
}
