/**
 * Pooling and its gradients.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { poolingKernels, poolingShape, type AveragePoolingAttributes, type PoolingAttributes } from '../ops/pooling.js';
import { defineKernel } from './register.js';

/** The fields of `Windows` in src/kernels/pooling.cpp. */
function windows(x: readonly number[], attributes: PoolingAttributes): number[] {
  const { kernel, strides, padding } = attributes;
  const [, outHeight, outWidth] = poolingShape(x, attributes);
  return [...x, ...kernel, ...strides, padding[0], padding[2], outHeight, outWidth];
}

/** What a sum is divided by; 0 stands for the elements inside the image. */
function divisorOf({ kernel, exclusive, divisor }: AveragePoolingAttributes): number {
  return divisor ?? (exclusive ? 0 : kernel[0] * kernel[1]);
}

/** Attributes of a gradient kernel: those of the pooling, and the shape of its input. */
type WithShape<Attributes> = Attributes & { readonly shape: readonly number[] };

defineKernel<{ x: TensorInfo }, PoolingAttributes>(poolingKernels.max, ({ inputs: { x }, attrs, backend }) => {
  const shape = poolingShape(x.shape, attrs);
  const y = backend.allocate(shape);
  const indices = backend.allocate(shape, 'int32');
  const source = backend.pointerOf(x);
  backend.kernels.max_pool(source, y.pointer, indices.pointer, backend.struct(windows(x.shape, attrs)));
  return [y, indices];
});

defineKernel<{ dy: TensorInfo; indices: TensorInfo }, WithShape<PoolingAttributes>>(
  poolingKernels.maxGradient,
  ({ inputs: { dy, indices }, attrs, backend }) => {
    const dx = backend.allocate(attrs.shape);
    const [gradient, places] = [backend.pointerOf(dy), backend.pointerOf(indices)];
    backend.kernels.max_pool_gradient(gradient, places, dx.pointer, backend.struct(windows(attrs.shape, attrs)));
    return dx;
  },
);

defineKernel<{ x: TensorInfo }, AveragePoolingAttributes>(
  poolingKernels.average,
  ({ inputs: { x }, attrs, backend }) => {
    const y = backend.allocate(poolingShape(x.shape, attrs));
    const source = backend.pointerOf(x);
    backend.kernels.average_pool(source, y.pointer, divisorOf(attrs), backend.struct(windows(x.shape, attrs)));
    return y;
  },
);

defineKernel<{ dy: TensorInfo }, WithShape<AveragePoolingAttributes>>(
  poolingKernels.averageGradient,
  ({ inputs: { dy }, attrs, backend }) => {
    const dx = backend.allocate(attrs.shape);
    const gradient = backend.pointerOf(dy);
    const shape = backend.struct(windows(attrs.shape, attrs));
    backend.kernels.average_pool_gradient(gradient, dx.pointer, divisorOf(attrs), shape);
    return dx;
  },
);
