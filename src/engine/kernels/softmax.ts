/**
 * Softmax and cross entropy.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { crossEntropyKernels, type CrossEntropyAttributes } from '../ops/cross-entropy.js';
import { defineKernel } from './register.js';

defineKernel<{ logits: TensorInfo }, { dim: number }>(tf.Softmax, ({ inputs: { logits }, attrs: { dim }, backend }) => {
  const classes = logits.shape.at(-1) ?? 1;
  const size = sizeOf(logits.shape);
  if (logits.dtype !== 'float32' || dim !== logits.shape.length - 1 || size === 0) return undefined;
  const y = backend.allocate(logits.shape);
  backend.kernels.softmax(backend.pointerOf(logits), y.pointer, size / classes, classes, 1);
  return y;
});

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
