/**
 * Element types of tensors.
 *
 * @module
 */
import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import type { DType } from '../common/ndarray.js';
import { checkChoice } from '../common/options.js';

/**
 * Element types that tensor functions accept. TensorFlow.js computes in `float32`, `int32` and `bool`: the 64-bit types
 * give the 32-bit ones, the small integers `int32`.
 */
export type TensorDType = DType;

const tensorTypes: Readonly<Record<TensorDType, DataType>> = {
  float32: 'float32',
  float64: 'float32',
  int32: 'int32',
  int64: 'int32',
  int16: 'int32',
  uint16: 'int32',
  int8: 'int32',
  uint8: 'int32',
  bool: 'bool',
};

/** The type that a tensor of the given element type has in TensorFlow.js. */
export function tensorDType(dtype: TensorDType): DataType {
  return tensorTypes[checkChoice('dtype', dtype, Object.keys(tensorTypes) as TensorDType[])];
}

const savedAsInt64 = new WeakSet<Tensor>();

/** Has a tensor of `int32` saved as `int64`, where Paddle asks for that. */
export function saveAsInt64(tensor: Tensor): void {
  savedAsInt64.add(tensor);
}

/** True when {@link saveAsInt64} was called for the tensor. */
export function isSavedAsInt64(tensor: Tensor): boolean {
  return savedAsInt64.has(tensor);
}
