/**
 * numpy's element types and array bytes.
 *
 * @module
 */
import { NdArray, sizeOf, type DType, type NdArrayData, typedArrays } from '../common/ndarray.js';
import type { ByteReader } from './byte-reader.js';

/** numpy's code of each element type. */
export const typeCodes: Readonly<Record<DType, string>> = {
  float32: 'f4',
  float64: 'f8',
  int64: 'i8',
  int32: 'i4',
  int16: 'i2',
  int8: 'i1',
  uint16: 'u2',
  uint8: 'u1',
  bool: 'b1',
};

/** How the elements of each type of a file are viewed; half precision and `u4` are converted afterwards. */
const viewTypes: ReadonlyMap<string, DType> = new Map([
  ...Object.entries(typeCodes).map(([dtype, code]) => [code, dtype as DType] as const),
  ['f2', 'uint16'],
  ['u4', 'int32'],
]);

/** An element type as numpy writes it: `f4`, with `<` for little end first and `|` for single bytes. */
export class NumpyType {
  readonly code: string;
  /** Type of the view on the elements. */
  readonly viewType: DType;
  byteOrder = '=';

  constructor(reader: ByteReader, code: string) {
    this.code = code;
    this.viewType =
      viewTypes.get(code) ?? reader.fail(`arrays of type ${JSON.stringify(code.slice(0, 50))} are not supported`);
  }

  /** Bytes of an element. */
  get itemSize(): number {
    return Number(this.code.slice(1));
  }
}

/** Most axes that numpy gives an array. */
export const MAX_AXES = 64;

/**
 * An array over bytes in numpy's layout. The bytes are viewed in place where their alignment allows, else copied.
 * Half-precision numbers become `float32`, unsigned 32-bit integers `int64`.
 */
export function arrayFromBytes(
  reader: ByteReader,
  type: NumpyType,
  shape: readonly number[],
  fortranOrder: boolean,
  bytes: Uint8Array,
): NdArray {
  const { itemSize } = type;
  if (type.byteOrder === '>' && itemSize > 1) reader.fail(`arrays of big-endian '${type.code}' are not supported`);
  if (sizeOf(shape) * itemSize !== bytes.length) {
    reader.fail(`an array of shape [${shape.join(', ')}] and type '${type.code}' has ${bytes.length} bytes`);
  }
  const ordered = fortranOrder && shape.length > 1 ? toCOrder(reader, bytes, shape, itemSize) : bytes;
  const data = viewOf(reader, type.viewType, ordered);
  if (type.code === 'f2' && data instanceof Uint16Array) {
    reader.allow(2 * bytes.length);
    return new NdArray(Float32Array.from(data, halfToNumber), shape);
  }
  if (type.code === 'u4' && data instanceof Int32Array) {
    reader.allow(2 * bytes.length);
    const values = new BigInt64Array(data.length);
    data.forEach((value, index) => (values[index] = BigInt(value >>> 0)));
    return new NdArray(values, shape);
  }
  return new NdArray(data, shape, type.viewType);
}

/** The only element of a numpy scalar, as a plain value. */
export function scalarFromBytes(reader: ByteReader, type: NumpyType, bytes: Uint8Array): number | bigint | boolean {
  const { data, dtype } = arrayFromBytes(reader, type, [], false, bytes);
  const value = data[0] ?? 0;
  if (dtype === 'bool') return value !== 0;
  return typeof value === 'bigint' ? plainInteger(value) : value;
}

/** An integer as a number where that is exact. */
export function plainInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The numbers of an array of bfloat16, which numpy (and so a file) holds as `uint16`. */
export function bfloat16ToFloat32(array: NdArray<'uint16'>): NdArray<'float32'> {
  const bits = Uint32Array.from(array.data, (half) => half << 16);
  return new NdArray(new Float32Array(bits.buffer), array.shape, 'float32');
}

/** The value of an IEEE 754 half-precision number. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function viewOf<D extends DType>(reader: ByteReader, dtype: D, bytes: Uint8Array): NdArrayData[D] {
  const itemSize = Number(typeCodes[dtype].slice(1));
  let aligned = bytes;
  if (bytes.byteOffset % itemSize !== 0) {
    reader.allow(bytes.length);
    aligned = Uint8Array.from(bytes);
  }
  return new typedArrays[dtype](aligned.buffer, aligned.byteOffset, aligned.length / itemSize);
}

/** Reorders elements whose first axis runs fastest so that the last one does. */
function toCOrder(reader: ByteReader, bytes: Uint8Array, shape: readonly number[], itemSize: number): Uint8Array {
  reader.allow(bytes.length);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const position = shape.map(() => 0);
  const ordered = new Uint8Array(bytes.length);
  let source = 0;
  for (let target = 0; target < bytes.length; target += itemSize) {
    for (let byte = 0; byte < itemSize; byte++) ordered[target + byte] = bytes[source * itemSize + byte] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      const next = (position[axis] ?? 0) + 1;
      source += stride;
      position[axis] = next;
      if (next < (shape[axis] ?? 0)) break;
      source -= next * stride;
      position[axis] = 0;
    }
  }
  return ordered;
}
