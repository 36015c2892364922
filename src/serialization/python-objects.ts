/**
 * The closed list of Python objects that a file may name, and what each gives here. Nothing of a file is executed.
 *
 * @module
 */
import type { NdArray } from '../common/ndarray.js';
import type { ByteReader } from './byte-reader.js';
import { arrayFromBytes, MAX_AXES, NumpyType, scalarFromBytes } from './numpy.js';
import { Tuple, type PickleKey } from './values.js';

/** Text of a pickle, decoded when it is asked for: protocol 2 stores the bytes of arrays as text. */
export class PickleText {
  readonly utf8: Uint8Array;
  /** The characters, once they have been asked for. */
  decoded: string | undefined;

  constructor(utf8: Uint8Array) {
    this.utf8 = utf8;
  }
}

/** A numpy array between its creation and the arrival of its bytes. */
export class ArraySlot {
  array: NdArray | undefined;
}

/** A Python function or class that a file names. */
export interface PythonObject {
  readonly name: string;
  /** What a call gives; none for names that are only passed on. */
  readonly call?: (reader: ByteReader, args: readonly unknown[]) => unknown;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The characters of a text of the file. */
export function decodeText(reader: ByteReader, value: unknown): string {
  if (typeof value === 'string') return value;
  if (!(value instanceof PickleText)) return reader.fail('expected a text');
  try {
    return (value.decoded ??= utf8.decode(value.utf8));
  } catch {
    return reader.fail('a text is not valid UTF-8');
  }
}

/** A key of a dict. */
export function dictKey(reader: ByteReader, value: unknown): PickleKey {
  if (value === null || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return value;
  }
  if (value instanceof Uint8Array) {
    reader.allow(value.length);
    return Buffer.from(value).toString('latin1');
  }
  return decodeText(reader, value);
}

/** The bytes of latin-1 characters. */
function encodeLatin1(reader: ByteReader, value: unknown): Uint8Array {
  if (typeof value === 'string') {
    reader.allow(value.length);
    return Uint8Array.from(Buffer.from(value, 'latin1'));
  }
  if (!(value instanceof PickleText)) return reader.fail('expected a text of bytes');
  const { utf8: source } = value;
  reader.allow(source.length);
  const bytes = new Uint8Array(source.length);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] ?? 0;
    if (byte < 0x80) {
      bytes[length++] = byte;
    } else {
      // U+0080 to U+00FF are the two-byte sequences that begin with C2 or C3.
      const next = source[++i] ?? 0;
      if ((byte !== 0xc2 && byte !== 0xc3) || (next & 0xc0) !== 0x80) reader.fail('a text of bytes is not latin-1');
      bytes[length++] = ((byte & 3) << 6) | (next & 0x3f);
    }
  }
  return bytes.subarray(0, length);
}

/** Bytes of the file: bytes themselves, or the text that Python 2 and protocol 2 hold them in. */
function bytesOf(reader: ByteReader, value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : encodeLatin1(reader, value);
}

function shapeOf(reader: ByteReader, value: unknown): number[] {
  if (!(value instanceof Tuple)) return reader.fail('the shape of an array is not a tuple');
  if (value.items.length > MAX_AXES) reader.fail(`an array of ${value.items.length} axes is not supported`);
  return value.items.map((length) =>
    typeof length === 'number' && Number.isSafeInteger(length) && length >= 0
      ? length
      : reader.fail('the shape of an array is not made of non-negative integers'),
  );
}

function typeOf(reader: ByteReader, value: unknown): NumpyType {
  return value instanceof NumpyType ? value : reader.fail('expected the element type of an array');
}

const objects: readonly PythonObject[] = [
  {
    name: 'builtins.tuple',
    call: (reader, [items]) => (items instanceof Tuple ? items : reader.fail('tuple() of something else than a tuple')),
  },
  {
    // The form of a dense tensor: eval('data', {'data': array}). No other expression is taken.
    name: 'builtins.eval',
    call: (reader, [expression, names]) => {
      const data: unknown = names instanceof Map ? names.get('data') : undefined;
      if (decodeText(reader, expression) === 'data' && data instanceof ArraySlot) return data;
      return reader.fail('refuses to evaluate an expression');
    },
  },
  {
    name: 'builtins.bytes',
    call: (reader, args) => (args.length === 0 ? new Uint8Array(0) : reader.fail('bytes() with arguments')),
  },
  { name: 'builtins.set', call: (reader, [items]) => itemsOf(reader, items) },
  { name: 'builtins.frozenset', call: (reader, [items]) => itemsOf(reader, items) },
  {
    name: 'collections.OrderedDict',
    call: (reader, [pairs]) => {
      const items = pairs === undefined ? [] : itemsOf(reader, pairs);
      reader.allow(16 * items.length);
      return new Map(
        items.map((pair) => {
          const [key, value] = itemsOf(reader, pair);
          return [dictKey(reader, key), value];
        }),
      );
    },
  },
  {
    name: '_codecs.encode',
    call: (reader, [text, encoding]) => {
      if (decodeText(reader, encoding) !== 'latin1') reader.fail('refuses a text encoding other than latin1');
      return encodeLatin1(reader, text);
    },
  },
  { name: 'numpy.ndarray' },
  { name: 'numpy.dtype', call: (reader, [code]) => new NumpyType(reader, decodeText(reader, code)) },
  {
    name: 'numpy._core.multiarray._reconstruct',
    call: (reader, [type]) =>
      type === pythonObject('numpy', 'ndarray') ? new ArraySlot() : reader.fail('an array of a class of its own'),
  },
  {
    name: 'numpy._core.multiarray.scalar',
    call: (reader, [type, bytes]) => scalarFromBytes(reader, typeOf(reader, type), bytesOf(reader, bytes)),
  },
  {
    name: 'numpy._core.numeric._frombuffer',
    call: (reader, [bytes, type, shape, order]) => {
      const slot = new ArraySlot();
      const fortran = decodeText(reader, order) === 'F';
      const data = bytesOf(reader, bytes);
      slot.array = arrayFromBytes(reader, typeOf(reader, type), shapeOf(reader, shape), fortran, data);
      return slot;
    },
  },
];

/** The items of a tuple or list. */
function itemsOf(reader: ByteReader, value: unknown): readonly unknown[] {
  if (value instanceof Tuple) return value.items;
  return Array.isArray(value) ? value : reader.fail('expected a tuple or a list');
}

const byName = new Map(objects.map((object) => [object.name, object]));

/** Python 2 and numpy 1 have other names for the same modules. */
const moduleNames: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['numpy.core.multiarray', 'numpy._core.multiarray'],
  ['numpy.core.numeric', 'numpy._core.numeric'],
]);

/** The object of that name, or undefined when it is not on the list. */
export function pythonObject(module: string, name: string): PythonObject | undefined {
  return byName.get(`${moduleNames.get(module) ?? module}.${name}`);
}

/** Python's `object.__setstate__(state)` for the two classes that need it. */
export function setState(reader: ByteReader, object: unknown, state: unknown): void {
  const items = itemsOf(reader, state);
  if (object instanceof NumpyType) {
    object.byteOrder = decodeText(reader, items[1]);
    return;
  }
  if (!(object instanceof ArraySlot)) return reader.fail('refuses to set the state of an object');
  if (object.array) reader.fail('an array is filled twice');
  const [version, shape, type, fortran, bytes] = items;
  if (version !== 1) reader.fail('the state of an array is of an unknown version');
  object.array = arrayFromBytes(
    reader,
    typeOf(reader, type),
    shapeOf(reader, shape),
    fortran === true || fortran === 1,
    bytesOf(reader, bytes),
  );
}
