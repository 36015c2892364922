/**
 * Operands in the layouts that compiled kernels read and write.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { EngineBackend, PlacedTensor } from '../backend.js';
import { physicalShape, type Layout } from '../layout.js';
import type { Pointer } from '../library.js';

/** An array in the kernels' memory: its row-major shape there, and where it begins. */
export interface Placed {
  readonly shape: readonly number[];
  readonly pointer: Pointer;
}

/** The elements of a tensor in a layout. */
export function place(backend: EngineBackend, tensor: TensorInfo, layout: Layout | undefined): Placed {
  return { shape: physicalShape(tensor.shape, layout), pointer: backend.pointerOf(tensor, layout) };
}

/** A fresh tensor whose elements lie in a layout, as an array of the given shape. */
export function placeResult(
  backend: EngineBackend,
  shape: readonly number[],
  layout: Layout | undefined,
  dtype: 'float32' | 'int32' = 'float32',
): PlacedTensor {
  return backend.allocate(layout === undefined ? shape : logicalShape(shape, layout), dtype, layout);
}

function logicalShape(shape: readonly number[], layout: Layout): number[] {
  const logical = [...shape];
  layout.forEach((axis, index) => (logical[axis] = shape[index] ?? 1));
  return logical;
}
