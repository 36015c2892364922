/**
 * Reading of MATLAB's files of versions 5 to 7.2 ("MAT-File Format", The MathWorks).
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { FileFormatError, FileNotFoundError } from '../../common/errors.js';
import { NdArray, sizeOf } from '../../common/ndarray.js';

/** Types of data elements that hold no numbers of their own. */
const MATRIX = 14;
const COMPRESSED = 15;

/** Bytes of a number, and how it is read, by the type of its data element. */
const numberTypes: Readonly<
  Record<number, readonly [bytes: number, read: (view: DataView, at: number, little: boolean) => number]>
> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [2, (view, at, little) => view.getUint16(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getUint32(at, little)],
  7: [4, (view, at, little) => view.getFloat32(at, little)],
  9: [8, (view, at, little) => view.getFloat64(at, little)],
  12: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  13: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
};

const HEADER = 128;
/** Classes of arrays of numbers: double, single, and integers of 8 to 64 bits. */
const numericClasses = { first: 6, last: 15 } as const;
const COMPLEX = 0x0800;
/** More than any array of labels needs, so that a damaged file cannot take all memory. */
const maxInflated = 2 ** 28;

/** A data element. */
interface Element {
  readonly type: number;
  readonly data: Uint8Array;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength);

/** Reads the elements of one file. */
class MatReader {
  readonly #path: string;
  readonly #little: boolean;

  constructor(path: string, little: boolean) {
    this.#path = path;
    this.#little = little;
  }

  #fail(what: string, cause?: unknown): never {
    throw new FileFormatError(this.#path, `${this.#path} is a damaged MATLAB file: ${what}`, { cause });
  }

  /** The data elements in some bytes, one after another. */
  *elements(bytes: Uint8Array): Generator<Element, void> {
    const view = viewOf(bytes);
    for (let offset = 0; offset < bytes.length;) {
      if (offset + 8 > bytes.length) this.#fail('it ends in the tag of a data element');
      const first = view.getUint32(offset, this.#little);
      // An element of up to four bytes has its size in the upper half of the type, and its data in the place of the size.
      const small = first >>> 16;
      const type = small ? first & 0xffff : first;
      const size = small || view.getUint32(offset + 4, this.#little);
      if (small > 4) this.#fail(`a small data element has ${small} bytes`);
      const start = offset + (small ? 4 : 8);
      if (start + size > bytes.length) this.#fail('it ends in a data element');
      yield { type, data: bytes.subarray(start, start + size) };
      offset = start + (small ? 4 : type === COMPRESSED ? size : Math.ceil(size / 8) * 8);
    }
  }

  /** The numbers of an element. */
  #numbers({ type, data }: Element, what: string): Float64Array {
    const [width, read] = numberTypes[type] ?? this.#fail(`the ${what} of an array are of the type ${type}`);
    if (data.length % width !== 0) this.#fail(`the ${what} of an array have ${data.length} bytes`);
    const view = viewOf(data);
    return Float64Array.from({ length: data.length / width }, (_, i) => read(view, i * width, this.#little));
  }

  /** Name and numbers of an array; undefined when it is none of real numbers. */
  #array(bytes: Uint8Array): [name: string, array: NdArray<'float64'>] | undefined {
    const parts = this.elements(bytes);
    const next = (what: string): Element => {
      const { done, value } = parts.next();
      return done ? this.#fail(`an array has no ${what}`) : value;
    };
    const [flags = 0] = this.#numbers(next('flags'), 'flags');
    const kind = flags & 0xff;
    if (kind < numericClasses.first || kind > numericClasses.last || flags & COMPLEX) return undefined;
    const shape = Array.from(this.#numbers(next('dimensions'), 'dimensions'));
    const name = Buffer.from(next('name').data).toString('latin1');
    const columns = this.#numbers(next('numbers'), 'numbers');
    if (shape.some((length) => length < 0) || sizeOf(shape) !== columns.length) {
      this.#fail(`the array ${name} of shape [${shape.join(', ')}] has ${columns.length} numbers`);
    }
    return [name, new NdArray(rowMajor(columns, shape), shape)];
  }

  /** Puts the arrays among some elements into `arrays`. */
  collect(bytes: Uint8Array, arrays: Map<string, NdArray<'float64'>>): void {
    for (const { type, data } of this.elements(bytes)) {
      if (type === COMPRESSED) this.collect(this.#inflate(data), arrays);
      else if (type === MATRIX) {
        const array = this.#array(data);
        if (array) arrays.set(...array);
      }
    }
  }

  #inflate(data: Uint8Array): Uint8Array {
    try {
      return inflateSync(data, { maxOutputLength: maxInflated });
    } catch (error) {
      return this.#fail(`compressed data cannot be read: ${(error as Error).message}`, error);
    }
  }
}

/** Numbers whose first axis varies fastest, put into C order. */
function rowMajor(columns: Float64Array, shape: readonly number[]): Float64Array {
  const rows = new Float64Array(columns.length);
  const index = shape.map(() => 0);
  for (const value of columns) {
    rows[index.reduce((offset, at, axis) => offset * (shape[axis] ?? 0) + at, 0)] = value;
    for (let axis = 0; axis < index.length; axis++) {
      const at = (index[axis] = (index[axis] ?? 0) + 1);
      if (at < (shape[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
  return rows;
}

/**
 * The arrays of real numbers in a MATLAB file, by their names. Other variables (texts, cells, structures, sparse and complex
 * arrays) are left out. Integers of 64 bits are rounded to floats.
 *
 * @param path - the file's path, for errors
 * @throws `FileFormatError` when it is damaged, or of another version
 */
export function readMat(bytes: Uint8Array, path: string): Map<string, NdArray<'float64'>> {
  const mark = bytes.length < HEADER ? '' : String.fromCharCode(bytes[126] ?? 0, bytes[127] ?? 0);
  if (mark !== 'IM' && mark !== 'MI') {
    throw new FileFormatError(path, `${path} is no MATLAB file of the versions 5 to 7.2`);
  }
  const little = mark === 'IM';
  const version = viewOf(bytes).getUint16(124, little);
  if (version !== 0x0100) {
    const what = version === 0x0200 ? 'of version 7.3' : `of the unknown version 0x${version.toString(16)}`;
    throw new FileFormatError(path, `${path} is a MATLAB file ${what}; save it as one of version 5 to 7.2`);
  }
  const arrays = new Map<string, NdArray<'float64'>>();
  new MatReader(path, little).collect(bytes.subarray(HEADER), arrays);
  return arrays;
}

/**
 * The integers of one array in a MATLAB file.
 *
 * @throws `FileNotFoundError`, or `FileFormatError` when the file is damaged or does not hold them
 */
export async function readMatIntegers(path: string, name: string): Promise<Int32Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new FileNotFoundError(path, `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  });
  const arrays = readMat(bytes, path);
  const array = arrays.get(name);
  if (!array) {
    const known = [...arrays.keys()].join(', ') || 'none';
    throw new FileFormatError(path, `${path} has no array '${name}' of numbers; it has: ${known}`);
  }
  const integers = Int32Array.from(array.data);
  const wrong = array.data.find((value, index) => value !== integers[index]);
  if (wrong !== undefined) throw new FileFormatError(path, `${path}: '${name}' must hold integers, got ${wrong}`);
  return integers;
}
