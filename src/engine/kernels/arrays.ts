/**
 * Sums, and operations that only change how a tensor is seen.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import { defineKernel } from './register.js';

/** Sums over axes that are neighbours in memory, times a factor that follows from how many elements a sum has. */
function sumAxes(
  backend: EngineBackend,
  x: TensorInfo,
  axis: number | number[] | undefined,
  keepDims: boolean,
  factorOf: (count: number) => number,
): TensorInfo | undefined {
  const axes = tf.util.parseAxisParam(axis ?? [...x.shape.keys()], x.shape);
  const size = sizeOf(x.shape);
  if (x.dtype !== 'float32' || size === 0) return undefined;
  const layout = backend.layoutOf(x);
  const order = layout ?? [...x.shape.keys()];
  const isSummed = (one: number) => axes.includes(one);
  const lengthOf = (some: readonly number[]) => sizeOf(some.map((one) => x.shape[one] ?? 1));
  const first = order.findIndex(isSummed);
  const last = order.findLastIndex(isSummed);
  const summed = first < 0 ? [] : order.slice(first, last + 1);
  if (!summed.every((one) => isSummed(one) || x.shape[one] === 1)) return undefined;
  const outer = lengthOf(order.slice(0, Math.max(first, 0)));
  const length = lengthOf(summed);
  const kept = [...x.shape.keys()].filter((one) => !isSummed(one));
  const shape = keepDims
    ? x.shape.map((one, index) => (isSummed(index) ? 1 : one))
    : kept.map((one) => x.shape[one] ?? 1);
  const outLayout = keepDims ? order : order.filter((one) => !isSummed(one)).map((one) => kept.indexOf(one));
  const source = backend.pointerOf(x, layout);
  const y = backend.allocate(shape, 'float32', outLayout);
  backend.kernels.sum_axis(source, y.pointer, outer, length, size / outer / length, factorOf(length));
  return y;
}

// The general kernel lets tensors of two types share one array, which kernels that look at memory cannot.
defineKernel<{ x: TensorInfo }, { dtype: DataType }>(tf.Cast, ({ inputs: { x }, attrs: { dtype }, backend }) => {
  const widens = dtype !== x.dtype && dtype !== 'complex64' && !tf.util.hasEncodingLoss(x.dtype, dtype);
  return widens ? backend.makeTensorInfo(x.shape, dtype, backend.readSync(x.dataId)) : undefined;
});

interface ReduceAttributes {
  readonly axis?: number | number[];
  readonly keepDims?: boolean;
}

defineKernel<{ x: TensorInfo }, ReduceAttributes>(tf.Sum, ({ inputs: { x }, attrs, backend }) =>
  sumAxes(backend, x, attrs.axis, attrs.keepDims ?? false, () => 1),
);

defineKernel<{ x: TensorInfo }, ReduceAttributes>(tf.Mean, ({ inputs: { x }, attrs, backend }) =>
  sumAxes(backend, x, attrs.axis, attrs.keepDims ?? false, (count) => 1 / count),
);

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
