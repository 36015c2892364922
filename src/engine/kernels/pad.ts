/**
 * Tensors with something around them.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { copyStrided, partOf } from '../strided-copy.js';
import { allocateElements, elementsOf, fillElements, isMovable } from './elements.js';
import { defineKernel } from './register.js';

type Paddings = readonly (readonly [before: number, after: number])[];

/** Shape with padding. */
function paddedShape(shape: readonly number[], paddings: Paddings): number[] {
  return shape.map((length, axis) => {
    const [before, after] = paddings[axis] ?? [0, 0];
    return before + length + after;
  });
}

interface PadAttributes {
  readonly paddings: Paddings;
  readonly constantValue: number;
}

defineKernel<{ x: TensorInfo }, PadAttributes>(
  tf.PadV2,
  ({ inputs: { x }, attrs: { paddings, constantValue }, backend }) => {
    if (!isMovable(x.dtype)) return undefined;
    const source = elementsOf(backend, x);
    const y = allocateElements(backend, paddedShape(x.shape, paddings), x.dtype, backend.layoutOf(x));
    fillElements(backend, y.tensor, constantValue);
    const begin = paddings.map(([before]) => before);
    copyStrided(backend, x.shape, source, partOf(y.elements, begin));
    return y.tensor;
  },
);

interface MirrorPadAttributes {
  readonly paddings: Paddings;
  readonly mode: 'reflect' | 'symmetric';
}

defineKernel<{ x: TensorInfo }, MirrorPadAttributes>(
  tf.MirrorPad,
  ({ inputs: { x }, attrs: { paddings, mode }, backend }) => {
    if (!isMovable(x.dtype)) return undefined;
    const source = elementsOf(backend, x);
    const y = allocateElements(backend, paddedShape(x.shape, paddings), x.dtype, backend.layoutOf(x));
    // The region that is complete grows by one axis after the other, from what it has itself.
    const begin = paddings.map(([before]) => before);
    const size = [...x.shape];
    copyStrided(backend, size, source, partOf(y.elements, begin));
    const edge = mode === 'reflect' ? 1 : 0;
    paddings.forEach(([before, after], axis) => {
      const [first, end] = [before, before + (x.shape[axis] ?? 0)];
      const steps = size.map((_, one) => (one === axis ? -1 : 1));
      const mirror = (length: number, from: number, to: number) => {
        const reversed = partOf(y.elements, begin.with(axis, from), steps);
        copyStrided(backend, size.with(axis, length), reversed, partOf(y.elements, begin.with(axis, to)));
      };
      mirror(before, 2 * first - 1 + edge, 0);
      mirror(after, end - 1 - edge, end);
      begin[axis] = 0;
      size[axis] = y.tensor.shape[axis] ?? 0;
    });
    return y.tensor;
  },
);
