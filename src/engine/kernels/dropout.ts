/**
 * Dropout.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { dropoutKernels, type DropoutAttributes } from '../ops/dropout.js';
import { defineKernel } from './register.js';

/** The kernel writes masks in groups of 64 bits. */
const maskLength = (elements: number) => 2 * Math.ceil(elements / 64);

defineKernel<{ x: TensorInfo }, DropoutAttributes>(dropoutKernels.forward, ({ inputs: { x }, attrs, backend }) => {
  const length = sizeOf(x.shape);
  // Words belong to elements in the order of the shape.
  const source = backend.pointerOf(x);
  const y = backend.allocate(x.shape);
  const mask = backend.allocate([maskLength(length)], 'int32');
  // The fields of `Stream` in src/kernels/dropout.cpp.
  const stream = backend.struct([...attrs.key, ...attrs.counter, attrs.threshold]);
  backend.noteStream(stream);
  backend.kernels.dropout(source, y.pointer, mask.pointer, stream, length, attrs.scale);
  return [y, mask];
});

defineKernel<{ dy: TensorInfo; mask: TensorInfo }, DropoutAttributes>(
  dropoutKernels.gradient,
  ({ inputs: { dy, mask }, attrs, backend }) => {
    const [gradient, bits] = [backend.pointerOf(dy), backend.pointerOf(mask)];
    const dx = backend.allocate(dy.shape);
    backend.kernels.dropout_gradient(gradient, bits, dx.pointer, sizeOf(dy.shape), attrs.scale);
    return dx;
  },
);
