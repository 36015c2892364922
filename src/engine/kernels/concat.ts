/**
 * Tensors side by side.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import type { Layout } from '../layout.js';
import { copyStrided, partOf } from '../strided-copy.js';
import { allocateElements, elementsOf, isMovable } from './elements.js';
import { defineKernel } from './register.js';

/** The tensor with the most elements. */
function largestOf(tensors: readonly TensorInfo[]): TensorInfo | undefined {
  return tensors.reduce<TensorInfo | undefined>(
    (largest, tensor) => (largest && sizeOf(largest.shape) >= sizeOf(tensor.shape) ? largest : tensor),
    undefined,
  );
}

defineKernel<readonly TensorInfo[], { axis: number }>(tf.Concat, ({ inputs, attrs, backend }) => {
  const largest = largestOf(inputs);
  if (largest === undefined || !isMovable(largest.dtype)) return undefined;
  if (inputs.some(({ dtype }) => dtype !== largest.dtype)) return undefined;
  const [axis = 0] = tf.util.parseAxisParam(attrs.axis, largest.shape);
  const shapes = inputs.map(({ shape }) => shape);
  tf.backend_util.assertParamsConsistent(shapes, axis);
  const shape = tf.backend_util.computeOutShape(shapes, axis);
  const y = allocateElements(backend, shape, largest.dtype, backend.layoutOf(largest));
  let start = 0;
  for (const x of inputs) {
    const begin = shape.map((_, one) => (one === axis ? start : 0));
    copyStrided(backend, x.shape, elementsOf(backend, x), partOf(y.elements, begin));
    start += x.shape[axis] ?? 0;
  }
  return y.tensor;
});

/** The layout of a tensor when an axis is added: it lies beside the one that it precedes in the shape. */
function withAxis(layout: Layout | undefined, axis: number): Layout | undefined {
  if (layout === undefined) return undefined;
  const moved = layout.map((one) => (one >= axis ? one + 1 : one));
  const next = moved.indexOf(axis + 1);
  return moved.toSpliced(next < 0 ? moved.length : next, 0, axis);
}

function stack(backend: EngineBackend, inputs: readonly TensorInfo[], axis: number): TensorInfo | undefined {
  const [first] = inputs;
  if (first === undefined || !isMovable(first.dtype)) return undefined;
  const { shape: part, dtype } = first;
  for (const x of inputs) {
    tf.util.assertShapesMatch(part, x.shape, 'All tensors passed to stack must have matching shapes');
    tf.util.assert(dtype === x.dtype, () => 'All tensors passed to stack must have matching dtypes');
  }
  const layout = withAxis(backend.layoutOf(first), axis);
  const y = allocateElements(backend, part.toSpliced(axis, 0, inputs.length), dtype, layout);
  inputs.forEach((x, index) => {
    const begin = y.tensor.shape.map((_, one) => (one === axis ? index : 0));
    const { pointer, strides } = partOf(y.elements, begin);
    copyStrided(backend, part, elementsOf(backend, x), { pointer, strides: strides.toSpliced(axis, 1) });
  });
  return y.tensor;
}

defineKernel<readonly TensorInfo[], { axis: number }>(tf.Pack, ({ inputs, attrs: { axis }, backend }) => {
  const rank = (inputs[0]?.shape.length ?? 0) + 1;
  return stack(backend, inputs, axis < 0 ? axis + rank : axis);
});
