/**
 * Batches on their way from a data worker to the main thread.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { NdArray, typedArrays, type DType } from '../common/ndarray.js';
import { describeValue } from '../common/options.js';
import { isRecord, isTensorLike, readTensor } from './stack.js';

/** Part of a batch that can be cloned. */
export type Encoded =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Encoded[] }
  | { readonly kind: 'record'; readonly entries: readonly (readonly [string, Encoded])[] }
  | {
      /** What the main thread makes of the data. */
      readonly kind: 'array' | 'tensor';
      readonly buffer: ArrayBuffer;
      readonly shape: readonly number[];
      readonly dtype: DType;
    };

/** What becomes of arrays: they are new and belong to the batch, or may be seen by others and are copied first. */
export type ArrayUse = 'tensors of new arrays' | 'tensors' | 'arrays';

/** Takes a batch to pieces in a worker. The buffers of `transfers` move to the main thread. */
export class BatchEncoder {
  /** Buffers of the arrays of all that was encoded. */
  readonly transfers: ArrayBuffer[] = [];
  readonly #use: ArrayUse;

  constructor(use: ArrayUse) {
    this.#use = use;
  }

  encode(value: unknown): Encoded {
    if (value instanceof NdArray)
      return this.#encodeArray(value as NdArray, this.#use === 'arrays' ? 'array' : 'tensor');
    if (isTensorLike(value)) return this.#encodeArray(readTensor(value), 'tensor');
    if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => this.encode(item)) };
    if (isRecord(value)) {
      return { kind: 'record', entries: Object.entries(value).map(([key, item]) => [key, this.encode(item)] as const) };
    }
    if (ArrayBuffer.isView(value)) return { kind: 'value', value: (value as Uint8Array).slice() };
    const cloned = typeof value !== 'function' && typeof value !== 'symbol';
    if (cloned && (typeof value !== 'object' || value === null || value instanceof Date)) {
      return { kind: 'value', value };
    }
    throw new InvalidArgumentError(
      `a batch that comes from a worker must hold arrays, tensors, numbers, texts, lists and plain objects, got ${describeValue(value)}`,
    );
  }

  #encodeArray({ data, shape, dtype }: NdArray, kind: 'array' | 'tensor'): Encoded {
    const own = this.#use === 'tensors of new arrays' && data.buffer.byteLength === data.byteLength;
    const { buffer } = own ? data : data.slice();
    this.transfers.push(buffer as ArrayBuffer);
    return { kind, buffer: buffer as ArrayBuffer, shape, dtype };
  }
}

/**
 * Puts a batch together again.
 *
 * @param toTensor - makes the tensors of a batch
 */
export function decodeBatch(encoded: Encoded, toTensor: (array: NdArray) => unknown): unknown {
  switch (encoded.kind) {
    case 'value':
      return encoded.value;
    case 'list':
      return encoded.items.map((item) => decodeBatch(item, toTensor));
    case 'record':
      return Object.fromEntries(encoded.entries.map(([key, item]) => [key, decodeBatch(item, toTensor)]));
    case 'array':
    case 'tensor': {
      const { buffer, shape, dtype } = encoded;
      const array = new NdArray(new typedArrays[dtype](buffer) as Float32Array, shape, dtype as 'float32');
      return encoded.kind === 'tensor' ? toTensor(array) : array;
    }
  }
}
