import * as tf from '@tensorflow/tfjs-core';
import { NdArray } from '../../../src/common/ndarray.js';

/** The values of an array or tensor, with their shape and type. */
export interface Contents {
  readonly data: readonly number[];
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** The values of an array or tensor. */
export function contentsOf(array: tf.Tensor | NdArray): Contents {
  const values = array instanceof tf.Tensor ? array.dataSync() : array.data;
  return { data: Array.from(values as Float32Array), shape: array.shape, dtype: array.dtype };
}

/** A batch with its tensors as plain values. */
function plain(value: unknown): unknown {
  if (value instanceof tf.Tensor) {
    const contents = contentsOf(value);
    value.dispose();
    return contents;
  }
  if (value instanceof NdArray) return contentsOf(value as NdArray);
  return Array.isArray(value) ? value.map(plain) : value;
}

/** All batches of a pass as plain values. */
export async function batchesOf(batches: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const batch of batches) all.push(plain(batch));
  return all;
}
