/**
 * Operations that only change how a tensor is seen.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { defineKernel } from './register.js';

// The general kernel lets tensors of two types share one array, which kernels that look at memory cannot.
defineKernel<{ x: TensorInfo }, { dtype: DataType }>(tf.Cast, ({ inputs: { x }, attrs: { dtype }, backend }) => {
  const widens = dtype !== x.dtype && dtype !== 'complex64' && !tf.util.hasEncodingLoss(x.dtype, dtype);
  return widens ? backend.makeTensorInfo(x.shape, dtype, backend.readSync(x.dataId)) : undefined;
});

defineKernel<{ x: TensorInfo }, { perm: number[] }>(tf.Transpose, ({ inputs: { x }, attrs: { perm }, backend }) => {
  if (x.dtype !== 'float32' && x.dtype !== 'int32') return undefined;
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (moved.some((axis, index) => axis < (moved[index - 1] ?? 0))) return backend.transposed(x, perm);
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: perm.map((axis) => x.shape[axis] ?? 1), dtype: x.dtype };
});

// A tensor whose elements are not row-major in memory keeps its order, while the reshaped one gets a record of its own.
defineKernel<{ x: TensorInfo }, { shape: number[] }>(tf.Reshape, ({ inputs: { x }, attrs, backend }) => {
  if (backend.layoutOf(x) === undefined) return undefined;
  const shape = tf.util.inferFromImplicitShape(attrs.shape, sizeOf(x.shape));
  // The general kernel has the error message.
  return sizeOf(shape) === sizeOf(x.shape) ? backend.reshaped(x, shape) : undefined;
});
