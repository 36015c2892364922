/**
 * Parts of tensors.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { EngineBackend } from '../backend.js';
import type { Layout } from '../layout.js';
import { copyStrided, partOf, stridesOf } from '../strided-copy.js';
import { deferPart } from './deferred-part.js';
import { allocateElements, elementsOf, isMovable } from './elements.js';
import { defineKernel } from './register.js';

/** The elements from `begin` on, `size` of them along each axis, every `steps[axis]`th. The layout stays. */
function slice(
  backend: EngineBackend,
  x: TensorInfo,
  begin: readonly number[],
  size: readonly number[],
  steps?: readonly number[],
): TensorInfo | undefined {
  if (!isMovable(x.dtype)) return undefined;
  const source = partOf(elementsOf(backend, x), begin, steps);
  const { tensor, elements } = allocateElements(backend, size, x.dtype, backend.layoutOf(x));
  copyStrided(backend, size, source, elements);
  return tensor;
}

interface SliceAttributes {
  readonly begin: number | number[];
  readonly size: number | number[];
}

defineKernel<{ x: TensorInfo }, SliceAttributes>(tf.Slice, ({ inputs: { x }, attrs: { begin, size }, backend }) => {
  const [first, lengths] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
  tf.slice_util.assertParamsValid(x, first, lengths);
  return deferPart(backend, x, first, lengths) ?? slice(backend, x, first, lengths);
});

interface StridedSliceAttributes extends Record<'begin' | 'end' | 'strides', number[]> {
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

defineKernel<{ x: TensorInfo }, StridedSliceAttributes>(tf.StridedSlice, ({ inputs: { x }, attrs, backend }) => {
  const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
  const { begin, end, strides, finalShape, isIdentity } = tf.slice_util.sliceInfo(
    x.shape,
    attrs.begin,
    attrs.end,
    attrs.strides,
    ...masks,
  );
  if (isIdentity || !isMovable(x.dtype)) return undefined;
  // With the axes that are taken away from the final shape, and without those that are added.
  const size = begin.map((first, axis) => Math.max(0, Math.ceil(((end[axis] ?? 0) - first) / (strides[axis] ?? 1))));
  if (tf.util.arraysEqual(size, finalShape)) return slice(backend, x, begin, size, strides);
  const source = partOf(elementsOf(backend, x), begin, strides);
  const y = backend.allocate(finalShape, x.dtype);
  copyStrided(backend, size, source, { pointer: y.pointer, strides: stridesOf(size) });
  return y;
});

defineKernel<{ x: TensorInfo }, { dims: number | number[] }>(
  tf.Reverse,
  ({ inputs: { x }, attrs: { dims }, backend }) => {
    if (x.shape.length === 0) return undefined;
    const axes = tf.util.parseAxisParam(dims, x.shape);
    const begin = x.shape.map((length, axis) => (axes.includes(axis) ? length - 1 : 0));
    const steps = x.shape.map((_, axis) => (axes.includes(axis) ? -1 : 1));
    return slice(backend, x, begin, x.shape, steps);
  },
);

interface SplitAttributes {
  readonly numOrSizeSplits: number | number[];
  readonly axis: number;
}

defineKernel<{ x: TensorInfo }, SplitAttributes>(tf.SplitV, ({ inputs: { x }, attrs, backend }) => {
  if (!isMovable(x.dtype)) return undefined;
  const [axis = 0] = tf.util.parseAxisParam(attrs.axis, x.shape);
  let start = 0;
  const parts: TensorInfo[] = [];
  for (const length of tf.backend_util.prepareSplitSize(x, attrs.numOrSizeSplits, axis)) {
    const begin = x.shape.map((_, one) => (one === axis ? start : 0));
    const size = x.shape.map((whole, one) => (one === axis ? length : whole));
    const part = deferPart(backend, x, begin, size) ?? slice(backend, x, begin, size);
    if (part) parts.push(part);
    start += length;
  }
  return parts;
});

/** The layout of a tensor when an axis is taken away. */
function withoutAxis(layout: Layout | undefined, axis: number): Layout | undefined {
  return layout?.filter((one) => one !== axis).map((one) => (one > axis ? one - 1 : one));
}

defineKernel<{ value: TensorInfo }, { axis: number }>(tf.Unpack, ({ inputs: { value }, attrs, backend }) => {
  const { dtype, shape } = value;
  if (!isMovable(dtype)) return undefined;
  const [axis = 0] = tf.util.parseAxisParam(attrs.axis, shape);
  const size = shape.filter((_, one) => one !== axis);
  const box = shape.map((length, one) => (one === axis ? 1 : length));
  const layout = withoutAxis(backend.layoutOf(value), axis);
  return Array.from({ length: shape[axis] ?? 0 }, (_, index) => {
    const begin = shape.map((_, one) => (one === axis ? index : 0));
    const source = partOf(elementsOf(backend, value), begin);
    const { tensor, elements } = allocateElements(backend, size, dtype, layout);
    copyStrided(backend, box, source, { ...elements, strides: elements.strides.toSpliced(axis, 0, 0) });
    return tensor;
  });
});
