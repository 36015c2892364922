/**
 * Elements chosen by index.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { takeAlongKernels, type TakeAlongAttributes } from '../ops/take-along.js';
import { bitsOf, isMovable } from './elements.js';
import { defineKernel } from './register.js';

interface GatherAttributes {
  readonly axis: number;
  readonly batchDims?: number;
}

defineKernel<{ x: TensorInfo; indices: TensorInfo }, GatherAttributes>(
  tf.GatherV2,
  ({ inputs: { x, indices }, attrs, backend }) => {
    if (!isMovable(x.dtype) || indices.dtype !== 'int32') return undefined;
    const [axis = 0] = tf.util.parseAxisParam(attrs.axis, x.shape);
    const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
      tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, attrs.batchDims ?? 0);
    const count = sizeOf(indices.shape);
    const places = backend.pointerOf(indices);
    // The general kernel has the error message.
    if (backend.library.int32(places, count).some((index) => index < 0 || index >= dimSize)) return undefined;
    const source = backend.pointerOf(x);
    const y = backend.allocate(outputShape, x.dtype);
    if (sizeOf(outputShape) === 0) return y;
    backend.kernels.gather(source, places, y.pointer, batchSize, outerSize, dimSize, count / batchSize, sliceSize);
    return y;
  },
);

defineKernel<{ x: TensorInfo; segmentIds: TensorInfo }, { numSegments: number }>(
  tf.UnsortedSegmentSum,
  ({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }) => {
    if (x.dtype !== 'float32' || segmentIds.dtype !== 'int32' || segmentIds.shape.length !== 1) return undefined;
    const [count = 0, ...rest] = x.shape;
    const [source, places] = [backend.pointerOf(x), backend.pointerOf(segmentIds)];
    const y = backend.allocate([numSegments, ...rest]);
    backend.kernels.segment_sum(source, places, y.pointer, count, sizeOf(rest), numSegments);
    return y;
  },
);

interface OneHotAttributes {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype: DataType;
}

defineKernel<{ indices: TensorInfo }, OneHotAttributes>(
  tf.OneHot,
  ({ inputs: { indices }, attrs: { depth, onValue, offValue, dtype }, backend }) => {
    if (indices.dtype !== 'int32' || !isMovable(dtype)) return undefined;
    const places = backend.pointerOf(indices);
    const y = backend.allocate([...indices.shape, depth], dtype);
    const [on, off] = [bitsOf(onValue, dtype), bitsOf(offValue, dtype)];
    backend.kernels.one_hot(places, y.pointer, sizeOf(indices.shape), depth, on, off);
    return y;
  },
);

/** Sizes outside of an axis, along it in what is taken from, along it in what is taken, and inside. */
function takeAlongSizes({ axis, shape }: TakeAlongAttributes, indices: TensorInfo): [number, number, number, number] {
  const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  return [outer, shape[axis] ?? 1, indices.shape[axis] ?? 1, inner];
}

defineKernel<Record<'x' | 'indices', TensorInfo>, TakeAlongAttributes>(
  takeAlongKernels.forward,
  ({ inputs: { x, indices }, attrs, backend }) => {
    const [source, places] = [backend.pointerOf(x), backend.pointerOf(indices)];
    const y = backend.allocate(indices.shape);
    backend.kernels.take_along(source, places, y.pointer, ...takeAlongSizes(attrs, indices));
    return y;
  },
);

defineKernel<Record<'dy' | 'indices', TensorInfo>, TakeAlongAttributes>(
  takeAlongKernels.gradient,
  ({ inputs: { dy, indices }, attrs, backend }) => {
    const [source, places] = [backend.pointerOf(dy), backend.pointerOf(indices)];
    const dx = backend.allocate(attrs.shape);
    backend.kernels.take_along_gradient(source, places, dx.pointer, ...takeAlongSizes(attrs, indices));
    return dx;
  },
);
