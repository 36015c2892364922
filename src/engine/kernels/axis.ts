/**
 * Kernels that work along one axis.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend, PlacedTensor } from '../backend.js';
import type { Layout } from '../layout.js';
import type { Pointer } from '../library.js';

/** Lengths of what lies in memory outside an axis, of the axis, and of what lies inside. */
export type AxisSizes = readonly [outer: number, length: number, inner: number];

/** The sizes for an axis of a tensor in a layout. */
export function sizesAlong(shape: readonly number[], layout: Layout | undefined, axis: number): AxisSizes {
  const order = layout ?? [...shape.keys()];
  const lengthOf = (axes: readonly number[]) => sizeOf(axes.map((one) => shape[one] ?? 1));
  const position = order.indexOf(axis);
  return [lengthOf(order.slice(0, position)), shape[axis] ?? 1, lengthOf(order.slice(position + 1))];
}

/** Runs a kernel along an axis of tensors of one shape, in the order in which they lie; the result is one like them. */
export function mapAlong(
  backend: EngineBackend,
  tensors: readonly TensorInfo[],
  axis: number,
  run: (sources: readonly Pointer[], target: Pointer, sizes: AxisSizes) => void,
): PlacedTensor {
  const shape = tensors[0]?.shape ?? [];
  const layout = backend.commonLayout(tensors, shape);
  const sources = tensors.map((tensor) => backend.pointerOf(tensor, layout));
  const result = backend.allocate(shape, 'float32', layout);
  if (sizeOf(shape) > 0) run(sources, result.pointer, sizesAlong(shape, layout, axis));
  return result;
}
