/**
 * The largest elements.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';
import { isMovable } from './elements.js';
import { defineKernel } from './register.js';

function hasNaN(backend: EngineBackend, x: Pointer, length: number): boolean {
  return backend.withScratch(1, (found) => {
    backend.kernels.find_nan(x, found, length);
    return backend.library.int32(found, 1)[0] === 1;
  });
}

defineKernel<{ x: TensorInfo }, { k: number; sorted: boolean }>(tf.TopK, ({ inputs: { x }, attrs: { k }, backend }) => {
  const { shape, dtype } = x;
  const length = shape.at(-1) ?? 0;
  const size = sizeOf(shape);
  if (!isMovable(dtype) || size === 0 || k === 0) return undefined;
  const source = backend.pointerOf(x);
  // Where NaN stands is left to the general kernel.
  if (dtype === 'float32' && hasNaN(backend, source, size)) return undefined;
  const outShape = shape.with(-1, k);
  const values = backend.allocate(outShape, dtype);
  const indices = backend.allocate(outShape, 'int32');
  const kernel = dtype === 'float32' ? 'top_k' : 'top_k_int';
  backend.kernels[kernel](source, values.pointer, indices.pointer, size / length, length, k);
  return [values, indices];
});
