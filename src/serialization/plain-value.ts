/**
 * The last step of reading a pickle: from the decoder's working values to plain ones.
 *
 * @module
 */
import type { ByteReader } from './byte-reader.js';
import { ArraySlot, decodeText, dictKey, PickleText } from './python-objects.js';
import { MAX_NESTING, Tuple, type PickleValue } from './values.js';

interface Settled {
  readonly value: PickleValue;
  /** Levels of containers below. */
  readonly height: number;
}

/**
 * The plain value of what the decoder built. A container that is referred to twice stays one.
 *
 * Refuses what is nested deeper than {@link MAX_NESTING} (so also what contains itself) and unfinished objects.
 */
export function plainValue(reader: ByteReader, root: unknown): PickleValue {
  const settled = new Map<object, Settled>();
  let height = 0;

  function settle(value: unknown, depth: number): PickleValue {
    if (value === null || ['number', 'bigint', 'boolean', 'string'].includes(typeof value)) {
      return dictKey(reader, value);
    }
    if (value instanceof PickleText) return decodeText(reader, value);
    if (value instanceof Uint8Array) return value;
    if (value instanceof ArraySlot) return value.array ?? reader.fail('an array has no content');
    if (!(value instanceof Tuple) && !(value instanceof Map) && !Array.isArray(value)) {
      return reader.fail('holds an object that is no plain data');
    }

    const known = settled.get(value);
    if (known) {
      height = Math.max(height, known.height);
      if (depth + known.height > MAX_NESTING) tooDeep();
      return known.value;
    }
    if (depth >= MAX_NESTING) tooDeep();
    const outside = height;
    height = 0;
    const child = (item: unknown) => settle(item, depth + 1);
    const plain: PickleValue =
      value instanceof Tuple
        ? new Tuple(value.items.map(child))
        : value instanceof Map
          ? new Map([...value].map(([key, item]) => [dictKey(reader, key), child(item)]))
          : value.map(child);
    settled.set(value, { value: plain, height: height + 1 });
    height = Math.max(outside, height + 1);
    return plain;
  }

  function tooDeep(): never {
    reader.fail(`is nested deeper than ${MAX_NESTING} levels`);
  }

  return settle(root, 0);
}
