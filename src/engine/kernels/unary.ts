/**
 * Functions of one number, element by element.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend, PlacedTensor } from '../backend.js';
import type { Pointer } from '../library.js';
import { defineKernel } from './register.js';

/** Computes a tensor from tensors of its shape, element by element, in the order in which most of them lie. */
export function mapElements(
  backend: EngineBackend,
  sources: readonly TensorInfo[],
  run: (sources: readonly Pointer[], target: Pointer, length: number) => void,
): PlacedTensor {
  const shape = sources[0]?.shape ?? [];
  const [first] = sources;
  const layout = sources.length === 1 && first ? backend.layoutOf(first) : backend.commonLayout(sources, shape);
  const pointers = sources.map((source) => backend.pointerOf(source, layout));
  const result = backend.allocate(shape, 'float32', layout);
  run(pointers, result.pointer, sizeOf(shape));
  return result;
}

// The order is that of `Unary` in src/kernels/unary.cpp.
const unaryOperations = [
  tf.Abs,
  tf.Ceil,
  tf.Erf,
  tf.Exp,
  tf.Expm1,
  tf.Floor,
  tf.Log,
  tf.Log1p,
  tf.Neg,
  tf.Reciprocal,
  tf.Rsqrt,
  tf.Round,
  tf.Sign,
  tf.Sqrt,
  tf.Square,
  tf.Step,
];

unaryOperations.forEach((name, operation) => {
  defineKernel<{ x: TensorInfo }, { alpha: number } | undefined>(name, ({ inputs: { x }, attrs, backend }) => {
    if (x.dtype !== 'float32') return undefined;
    return mapElements(backend, [x], ([source = 0], target, length) => {
      backend.kernels.unary(operation, source, target, length, attrs?.alpha ?? 0);
    });
  });
});
