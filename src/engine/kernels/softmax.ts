/**
 * Softmax and cross entropy.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';
import { crossEntropyKernels, type CrossEntropyAttributes } from '../ops/cross-entropy.js';
import { softmaxKernels, type SoftmaxAttributes } from '../ops/softmax.js';
import { defineKernel } from './register.js';

type Sizes = readonly [outer: number, classes: number, inner: number];

/** Runs a kernel along an axis of tensors of one shape, in the order in which they lie. */
function alongAxis(
  backend: EngineBackend,
  tensors: readonly TensorInfo[],
  axis: number,
  run: (sources: readonly Pointer[], target: Pointer, sizes: Sizes) => void,
): TensorInfo {
  const shape = tensors[0]?.shape ?? [];
  const layout = backend.commonLayout(tensors, shape);
  const order = layout ?? [...shape.keys()];
  const lengthOf = (axes: readonly number[]) => sizeOf(axes.map((one) => shape[one] ?? 1));
  const position = order.indexOf(axis);
  const sizes = [lengthOf(order.slice(0, position)), shape[axis] ?? 1, lengthOf(order.slice(position + 1))] as const;
  const sources = tensors.map((tensor) => backend.pointerOf(tensor, layout));
  const result = backend.allocate(shape, 'float32', layout);
  if (sizeOf(shape) > 0) run(sources, result.pointer, sizes);
  return result;
}

function softmax(backend: EngineBackend, x: TensorInfo, axis: number): TensorInfo {
  return alongAxis(backend, [x], axis, ([source = 0], y, sizes) => backend.kernels.softmax(source, y, ...sizes));
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
    alongAxis(backend, [dy, y], axis, ([from = 0, at = 0], dx, sizes) => {
      backend.kernels.softmax_gradient(from, at, dx, ...sizes);
    }),
);

defineKernel<OneInput, SoftmaxAttributes>(softmaxKernels.logSoftmax, ({ inputs: { x }, attrs: { axis }, backend }) =>
  alongAxis(backend, [x], axis, ([source = 0], y, sizes) => backend.kernels.log_softmax(source, y, ...sizes)),
);

defineKernel<Gradient, SoftmaxAttributes>(
  softmaxKernels.logSoftmaxGradient,
  ({ inputs: { dy, y }, attrs: { axis }, backend }) =>
    alongAxis(backend, [dy, y], axis, ([from = 0, at = 0], dx, sizes) => {
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
