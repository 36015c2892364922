/**
 * Repeated elements.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { EngineBackend } from '../backend.js';
import type { Layout } from '../layout.js';
import { copyStrided } from '../strided-copy.js';
import { allocateElements, elementsOf, fillElements, isMovable } from './elements.js';
import { defineKernel } from './register.js';

defineKernel<{ x: TensorInfo }, { reps: number[] }>(tf.Tile, ({ inputs: { x }, attrs: { reps }, backend }) => {
  if (!isMovable(x.dtype)) return undefined;
  const source = elementsOf(backend, x);
  const shape = x.shape.map((length, axis) => length * (reps[axis] ?? 1));
  const { tensor, elements } = allocateElements(backend, shape, x.dtype, backend.layoutOf(x));
  // Each axis as two: the repetitions, and the elements.
  const box = x.shape.flatMap((length, axis) => [reps[axis] ?? 1, length]);
  const repeated = source.strides.flatMap((stride) => [0, stride]);
  const steps = elements.strides.flatMap((stride, axis) => [stride * (x.shape[axis] ?? 1), stride]);
  copyStrided(
    backend,
    box,
    { pointer: source.pointer, strides: repeated },
    { pointer: elements.pointer, strides: steps },
  );
  return tensor;
});

function filled(
  backend: EngineBackend,
  shape: readonly number[],
  dtype: DataType,
  value: number,
  layout?: Layout,
): TensorInfo | undefined {
  if (!isMovable(dtype)) return undefined;
  const y = backend.allocate(shape, dtype, layout);
  fillElements(backend, y, value);
  return y;
}

interface FillAttributes {
  readonly shape: number[];
  readonly value: number | string;
  readonly dtype?: DataType;
}

defineKernel<unknown, FillAttributes>(tf.Fill, ({ attrs: { shape, value, dtype }, backend }) =>
  typeof value === 'number' ? filled(backend, shape, dtype ?? tf.util.inferDtype(value), value) : undefined,
);

for (const [name, value] of [
  [tf.ZerosLike, 0],
  [tf.OnesLike, 1],
] as const) {
  defineKernel<{ x: TensorInfo }>(name, ({ inputs: { x }, backend }) =>
    filled(backend, x.shape, x.dtype, value, backend.layoutOf(x)),
  );
}
