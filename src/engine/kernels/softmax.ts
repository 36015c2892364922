/**
 * Softmax and cross entropy.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { EngineBackend } from '../backend.js';
import { crossEntropyKernels, type CrossEntropyAttributes } from '../ops/cross-entropy.js';
import { softmaxKernels, type SoftmaxAttributes } from '../ops/softmax.js';
import { mapAlong } from './axis.js';
import { defineKernel } from './register.js';

function softmax(backend: EngineBackend, x: TensorInfo, axis: number): TensorInfo {
  return mapAlong(backend, [x], axis, ([source = 0], y, sizes) => backend.kernels.softmax(source, y, ...sizes));
}

defineKernel<{ logits: TensorInfo }, { dim: number }>(tf.Softmax, ({ inputs: { logits }, attrs: { dim }, backend }) => {
  // The general kernel has the error message.
  if (logits.dtype !== 'float32' || dim !== logits.shape.length - 1) return undefined;
  return softmax(backend, logits, dim);
});

interface OneInput {
  x: TensorInfo;
}
interface Gradient {
  dy: TensorInfo;
  y: TensorInfo;
}

defineKernel<OneInput, SoftmaxAttributes>(softmaxKernels.softmax, ({ inputs: { x }, attrs: { axis }, backend }) =>
  softmax(backend, x, axis),
);

defineKernel<Gradient, SoftmaxAttributes>(
  softmaxKernels.softmaxGradient,
  ({ inputs: { dy, y }, attrs: { axis }, backend }) =>
    mapAlong(backend, [dy, y], axis, ([from = 0, at = 0], dx, sizes) => {
      backend.kernels.softmax_gradient(from, at, dx, ...sizes);
    }),
);

defineKernel<OneInput, SoftmaxAttributes>(softmaxKernels.logSoftmax, ({ inputs: { x }, attrs: { axis }, backend }) =>
  mapAlong(backend, [x], axis, ([source = 0], y, sizes) => backend.kernels.log_softmax(source, y, ...sizes)),
);

defineKernel<Gradient, SoftmaxAttributes>(
  softmaxKernels.logSoftmaxGradient,
  ({ inputs: { dy, y }, attrs: { axis }, backend }) =>
    mapAlong(backend, [dy, y], axis, ([from = 0, at = 0], dx, sizes) => {
      backend.kernels.log_softmax_gradient(from, at, dx, ...sizes);
    }),
);

defineKernel<{ logits: TensorInfo; labels: TensorInfo }, CrossEntropyAttributes>(
  crossEntropyKernels.forward,
  ({ inputs: { logits, labels }, attrs: { ignoreIndex }, backend }) => {
    const [rows = 0, classes = 0] = logits.shape;
    const losses = backend.allocate([rows]);
    const probabilities = backend.allocate(logits.shape);
    const [px, plabels] = [backend.pointerOf(logits), backend.pointerOf(labels)];
    const results = [losses.pointer, probabilities.pointer] as const;
    backend.kernels.softmax_cross_entropy(px, plabels, ...results, rows, classes, ignoreIndex);
    return [losses, probabilities];
  },
);

defineKernel<Record<'dy' | 'probabilities' | 'labels', TensorInfo>, CrossEntropyAttributes>(
  crossEntropyKernels.gradient,
  ({ inputs: { dy, probabilities, labels }, attrs: { ignoreIndex }, backend }) => {
    const [rows = 0, classes = 0] = probabilities.shape;
    const dlogits = backend.allocate(probabilities.shape);
    const inputs = [backend.pointerOf(dy), backend.pointerOf(probabilities), backend.pointerOf(labels)] as const;
    backend.kernels.softmax_cross_entropy_gradient(...inputs, dlogits.pointer, rows, classes, ignoreIndex);
    return dlogits;
  },
);
