/**
 * Sums and transposition.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import { defineKernel } from './register.js';

/** Sums over neighbouring axes, times a factor that follows from how many elements a sum has. */
function sumAxes(
  backend: EngineBackend,
  x: TensorInfo,
  axis: number | number[] | undefined,
  keepDims: boolean,
  factorOf: (count: number) => number,
): TensorInfo | undefined {
  const axes = tf.util.parseAxisParam(axis ?? [...x.shape.keys()], x.shape).sort((p, q) => p - q);
  const [first = 0] = axes;
  const size = sizeOf(x.shape);
  if (x.dtype !== 'float32' || size === 0 || axes.some((one, index) => one !== first + index)) return undefined;
  const length = sizeOf(x.shape.slice(first, first + axes.length));
  const outer = sizeOf(x.shape.slice(0, first));
  const shape = keepDims
    ? x.shape.map((one, index) => (axes.includes(index) ? 1 : one))
    : x.shape.filter((_, index) => !axes.includes(index));
  const y = backend.allocate(shape);
  backend.kernels.sum_axis(backend.pointerOf(x), y.pointer, outer, length, size / outer / length, factorOf(length));
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

/** A permutation with neighbouring axes that stay together merged, and without axes of length one. */
function mergedPermutation(shape: readonly number[], perm: readonly number[]): { shape: number[]; perm: number[] } {
  const kept = perm.filter((axis) => shape[axis] !== 1);
  const groups: number[][] = [];
  for (const axis of kept) {
    const last = groups.at(-1);
    const previous = last?.at(-1);
    const between = previous === undefined ? [] : shape.slice(previous + 1, axis);
    if (last && previous !== undefined && axis > previous && between.every((length) => length === 1)) last.push(axis);
    else groups.push([axis]);
  }
  const order = groups.map((group) => group[0] ?? 0).sort((p, q) => p - q);
  const lengthOf = (first: number) => {
    const group = groups.find(([start]) => start === first) ?? [];
    return group.reduce((product, axis) => product * (shape[axis] ?? 1), 1);
  };
  return { shape: order.map(lengthOf), perm: groups.map((group) => order.indexOf(group[0] ?? 0)) };
}

defineKernel<{ x: TensorInfo }, { perm: number[] }>(tf.Transpose, ({ inputs: { x }, attrs: { perm }, backend }) => {
  if (x.dtype !== 'float32') return undefined;
  const merged = mergedPermutation(x.shape, perm);
  const rank = merged.perm.length;
  const outShape = perm.map((axis) => x.shape[axis] ?? 1);
  if (rank <= 1) {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: outShape, dtype: x.dtype };
  }
  // What is left must be a swap of the last two axes; three axes in reverse are two such swaps.
  const swaps = rank === 2 || (rank === 3 && merged.perm[0] === 0);
  const reverses = rank === 3 && merged.perm.every((axis, index) => axis === 2 - index);
  if (!swaps && !reverses) return undefined;
  const y = backend.allocate(outShape);
  const size = sizeOf(outShape);
  if (swaps) {
    const [rows = 1, columns = 1] = merged.shape.slice(-2);
    backend.kernels.transpose_planes(backend.pointerOf(x), y.pointer, size / rows / columns, rows, columns);
    return y;
  }
  const [first = 1, second = 1, third = 1] = merged.shape;
  return backend.withScratch(size, (scratch) => {
    // [a, b, c] -> [c, a, b] -> [c, b, a]
    backend.kernels.transpose_planes(backend.pointerOf(x), scratch, 1, first * second, third);
    backend.kernels.transpose_planes(scratch, y.pointer, third, first, second);
    return y;
  });
});
