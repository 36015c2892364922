/**
 * Comparisons, and choices by their results. These are bytes in arrays of JavaScript, which kernels get copies of.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sameShape, sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';
import { broadcastFields, broadcastShape } from './broadcast.js';
import { defineKernel } from './register.js';

/** Bytes in the kernels' memory, see {@link KernelLibrary.int32}. */
function bytesAt(backend: EngineBackend, pointer: Pointer, length: number): Uint8Array {
  const { buffer, byteOffset } = backend.library.int32(pointer, Math.ceil(length / 4));
  return new Uint8Array(buffer, byteOffset, length);
}

/** Runs `fn` with scratch memory for bytes. */
function withBytes<T>(backend: EngineBackend, length: number, fn: (pointer: Pointer) => T): T {
  return backend.withScratch(Math.ceil(length / 4), fn);
}

// The order is that of `Comparison` in src/kernels/comparison.cpp.
const comparisons = [tf.Equal, tf.NotEqual, tf.Less, tf.LessEqual, tf.Greater, tf.GreaterEqual];

comparisons.forEach((name, operation) => {
  defineKernel<{ a: TensorInfo; b: TensorInfo }>(name, ({ inputs: { a, b }, backend }) => {
    const { dtype } = a;
    if ((dtype !== 'float32' && dtype !== 'int32') || b.dtype !== dtype) return undefined;
    const shape = broadcastShape(a, b);
    const length = sizeOf(shape);
    const fields = broadcastFields(a, b, shape);
    if (fields === undefined || length === 0) return undefined;
    const [left, right] = [backend.pointerOf(a), backend.pointerOf(b)];
    return withBytes(backend, length, (pointer) => {
      const kernel = dtype === 'float32' ? 'compare' : 'compare_integers';
      backend.kernels[kernel](operation, left, right, pointer, backend.struct(fields));
      return backend.makeTensorInfo(shape, 'bool', bytesAt(backend, pointer, length).slice());
    });
  });
});

// The order is that of `Class` in src/kernels/unary.cpp.
const classes = [tf.IsFinite, tf.IsInf, tf.IsNan];

classes.forEach((name, kind) => {
  defineKernel<{ x: TensorInfo }>(name, ({ inputs: { x }, backend }) => {
    const length = sizeOf(x.shape);
    if (x.dtype !== 'float32' || length === 0) return undefined;
    const source = backend.pointerOf(x);
    return withBytes(backend, length, (pointer) => {
      backend.kernels.classify(kind, source, pointer, length);
      return backend.makeTensorInfo(x.shape, 'bool', bytesAt(backend, pointer, length).slice());
    });
  });
});

defineKernel<Record<'condition' | 't' | 'e', TensorInfo>>(tf.Select, ({ inputs: { condition, t, e }, backend }) => {
  const { dtype, shape } = t;
  const length = sizeOf(shape);
  if ((dtype !== 'float32' && dtype !== 'int32') || e.dtype !== dtype || length === 0) return undefined;
  if (condition.dtype !== 'bool' || !sameShape(condition.shape, shape) || !sameShape(e.shape, shape)) return undefined;
  const [chosen, other] = [backend.pointerOf(t), backend.pointerOf(e)];
  const result = backend.allocate(shape, dtype);
  withBytes(backend, length, (pointer) => {
    bytesAt(backend, pointer, length).set(backend.readSync(condition.dataId) as Uint8Array);
    backend.kernels.choose(pointer, chosen, other, result.pointer, length);
  });
  return result;
});
