import { NdArray } from '../../common/ndarray.js';

/** An array of floats; the same one when it is one already, and what is no array as it is. */
export function toFloats(value: unknown): unknown {
  if (!(value instanceof NdArray) || value.dtype === 'float32') return value;
  return new NdArray(Float32Array.from(value.data as Float32Array, Number), value.shape);
}
