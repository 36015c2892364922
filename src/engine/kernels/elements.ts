/**
 * Tensors as strided arrays, for kernels that only move elements.
 *
 * @module
 */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend, PlacedTensor } from '../backend.js';
import type { Layout } from '../layout.js';
import { stridesOf, type StridedArray } from '../strided-copy.js';

/** Types whose elements can be moved in the kernels' memory. */
export type MovableType = 'float32' | 'int32';

/** True for types whose elements can be moved in the kernels' memory. */
export function isMovable(dtype: DataType): dtype is MovableType {
  return dtype === 'float32' || dtype === 'int32';
}

/** The elements of a tensor where they lie, in whatever layout. */
export function elementsOf(backend: EngineBackend, tensor: TensorInfo): StridedArray {
  const layout = backend.layoutOf(tensor);
  return { pointer: backend.pointerOf(tensor, layout), strides: stridesOf(tensor.shape, layout) };
}

/** A fresh tensor and its elements, which lie in the given layout. */
export function allocateElements(
  backend: EngineBackend,
  shape: readonly number[],
  dtype: MovableType,
  layout?: Layout,
): { readonly tensor: PlacedTensor; readonly elements: StridedArray } {
  const tensor = backend.allocate(shape, dtype, layout);
  return { tensor, elements: { pointer: tensor.pointer, strides: stridesOf(shape, layout) } };
}

/** The 32 bits of a number as an integer. */
export function bitsOf(value: number, dtype: DataType): number {
  return dtype === 'float32' ? (new Int32Array(Float32Array.of(value).buffer)[0] ?? 0) : value;
}

/** Sets all elements of a fresh tensor. */
export function fillElements(backend: EngineBackend, { pointer, shape, dtype }: PlacedTensor, value: number): void {
  backend.kernels.fill_words(pointer, bitsOf(value, dtype), sizeOf(shape));
}
