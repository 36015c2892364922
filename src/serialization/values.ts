/**
 * What a pickle holds, in JavaScript.
 *
 * @module
 */
import type { NdArray } from '../common/ndarray.js';

/** Key of a Python dict. Byte strings as keys become latin-1 text. */
export type PickleKey = string | number | bigint | boolean | null;

/**
 * A plain Python value: None, bool, int (a bigint outside the safe range), float, str, bytes, numpy array, tuple, list
 * (and set), dict.
 */
export type PickleValue =
  PickleKey | Uint8Array | NdArray | Tuple | readonly PickleValue[] | ReadonlyMap<PickleKey, PickleValue>;

/** A Python tuple; a JavaScript array is a Python list. */
export class Tuple<Item = PickleValue> {
  readonly items: readonly Item[];

  constructor(items: readonly Item[]) {
    this.items = items;
  }
}

/** Containers within containers up to this many levels are read and written. */
export const MAX_NESTING = 256;
