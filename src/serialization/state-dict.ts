/**
 * What Paddle adds to a state dict in a file.
 *
 * @module
 */
import { FileFormatError } from '../common/errors.js';
import { NdArray, sizeOf } from '../common/ndarray.js';
import { Tuple, type PickleKey, type PickleValue } from './values.js';

/** Key of the table from a state dict's keys to the names of the parameters. */
export const NAME_TABLE = 'StructuredToParameterName@@';

/** Key of the table of the arrays that were cut into parts. The spelling is Paddle's. */
const PARTS_TABLE = 'UnpackBigParamInfor@@';

/** Paddle's longest array of a part, in bytes. */
const MAX_PART_BYTES = 2 ** 30 - 1;

/**
 * The same state dict with its long arrays cut into flat parts `<key>@@.0`, `<key>@@.1`, ..., as Paddle writes it under
 * protocols 2 and 3.
 *
 * @param maxBytes - longest part
 */
export function splitLongArrays(
  state: ReadonlyMap<PickleKey, PickleValue>,
  maxBytes = MAX_PART_BYTES,
): ReadonlyMap<PickleKey, PickleValue> {
  const kept = new Map<PickleKey, PickleValue>();
  const parts = new Map<PickleKey, PickleValue>();
  const table = new Map<PickleKey, PickleValue>();
  for (const [key, value] of state) {
    const maxElements = value instanceof NdArray ? Math.floor(maxBytes / value.data.BYTES_PER_ELEMENT) : Infinity;
    if (!(value instanceof NdArray) || value.size <= maxElements) {
      kept.set(key, value);
      continue;
    }
    const slices: string[] = [];
    for (let start = 0; start < value.size; start += maxElements) {
      const data = value.data.subarray(start, start + maxElements);
      const name = `${String(key)}@@.${slices.length}`;
      parts.set(name, new NdArray(data, [data.length], value.dtype));
      slices.push(name);
    }
    table.set(
      key,
      new Map<PickleKey, PickleValue>([
        ['OriginShape', new Tuple(value.shape)],
        ['slices', slices],
      ]),
    );
  }
  return table.size === 0 ? state : new Map([...kept, ...parts, [PARTS_TABLE, table]]);
}

/**
 * The inverse of {@link splitLongArrays}; a state dict without parts stays as it is.
 *
 * @param path - the file, for error messages
 * @throws `FileFormatError` when the table of parts does not fit the parts
 */
export function joinLongArrays(
  state: ReadonlyMap<PickleKey, PickleValue>,
  path: string,
): ReadonlyMap<PickleKey, PickleValue> {
  const table = state.get(PARTS_TABLE);
  if (!(table instanceof Map)) return state;
  const joined = new Map(state);
  joined.delete(PARTS_TABLE);
  const used = new Set<NdArray>();
  for (const [key, entry] of table as ReadonlyMap<PickleKey, PickleValue>) {
    const array = entry instanceof Map ? joinParts(joined, entry, used) : undefined;
    if (!array) throw new FileFormatError(path, `${path}: the parts of the long array ${String(key)} do not fit`);
    joined.set(key, array);
  }
  return joined;
}

/** Takes an array's parts out of `state` and joins them; undefined when they do not fit. */
function joinParts(
  state: Map<PickleKey, PickleValue>,
  entry: ReadonlyMap<PickleKey, PickleValue>,
  used: Set<NdArray>,
): NdArray | undefined {
  const shape = entry.get('OriginShape');
  const slices = entry.get('slices');
  if (!(shape instanceof Tuple) || !Array.isArray(slices)) return undefined;
  const lengths = shape.items.map((length) => (typeof length === 'number' ? length : NaN));
  const parts: NdArray[] = [];
  for (const name of slices as readonly PickleKey[]) {
    const part = state.get(name);
    // One part cannot serve twice: a small file must not make a large array.
    if (!(part instanceof NdArray) || used.has(part) || part.dtype !== (parts[0] ?? part).dtype) return undefined;
    used.add(part);
    state.delete(name);
    parts.push(part);
  }
  const [first] = parts;
  if (!first || parts.reduce((sum, part) => sum + part.size, 0) !== sizeOf(lengths)) return undefined;
  const whole = NdArray.zeros(lengths, first.dtype);
  const target = bytesOf(whole);
  let position = 0;
  for (const part of parts) {
    const bytes = bytesOf(part);
    target.set(bytes, position);
    position += bytes.length;
  }
  return whole;
}

function bytesOf({ data }: NdArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
