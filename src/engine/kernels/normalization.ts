/**
 * Batch normalisation.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { normalizationKernels, type BatchNormAttributes } from '../ops/normalization.js';
import { defineKernel } from './register.js';

/** Rows and channels of an input with its channels last. */
function matrixOf(x: TensorInfo): [rows: number, channels: number] {
  return [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1) ?? 1];
}

/** Length of the scratch memory: five tables, see `table_length` in src/kernels/columns.h. */
function scratchLength(channels: number): number {
  return 5 * Math.max(16384, channels);
}

defineKernel<Record<'x' | 'scale' | 'shift', TensorInfo>, BatchNormAttributes>(
  normalizationKernels.training,
  ({ inputs: { x, scale, shift }, attrs: { epsilon }, backend }) => {
    const [rows, channels] = matrixOf(x);
    const y = backend.allocate(x.shape);
    const mean = backend.allocate([channels]);
    const variance = backend.allocate([channels]);
    const [px, pscale, pshift] = [backend.pointerOf(x), backend.pointerOf(scale), backend.pointerOf(shift)];
    backend.withScratch(scratchLength(channels), (scratch) => {
      const results = [y.pointer, mean.pointer, variance.pointer] as const;
      backend.kernels.batch_norm(px, pscale, pshift, ...results, scratch, rows, channels, epsilon);
    });
    return [y, mean, variance];
  },
);

defineKernel<Record<'dy' | 'x' | 'scale' | 'mean' | 'variance', TensorInfo>, BatchNormAttributes>(
  normalizationKernels.trainingGradient,
  ({ inputs: { dy, x, scale, mean, variance }, attrs: { epsilon }, backend }) => {
    const [rows, channels] = matrixOf(x);
    const dx = backend.allocate(x.shape);
    const dscale = backend.allocate([channels]);
    const dshift = backend.allocate([channels]);
    const inputs = [
      backend.pointerOf(dy),
      backend.pointerOf(x),
      backend.pointerOf(scale),
      backend.pointerOf(mean),
      backend.pointerOf(variance),
    ] as const;
    backend.withScratch(scratchLength(channels), (scratch) => {
      const results = [dx.pointer, dscale.pointer, dshift.pointer] as const;
      backend.kernels.batch_norm_gradient(...inputs, ...results, scratch, rows, channels, epsilon);
    });
    return [dx, dscale, dshift];
  },
);

defineKernel<Record<'x' | 'mean' | 'variance' | 'scale' | 'shift', TensorInfo>, BatchNormAttributes>(
  normalizationKernels.inference,
  ({ inputs: { x, mean, variance, scale, shift }, attrs: { epsilon }, backend }) => {
    const [rows, channels] = matrixOf(x);
    const inputs = [
      backend.pointerOf(x),
      backend.pointerOf(mean),
      backend.pointerOf(variance),
      backend.pointerOf(scale),
      backend.pointerOf(shift),
    ] as const;
    const y = backend.allocate(x.shape);
    backend.withScratch(scratchLength(channels), (scratch) => {
      backend.kernels.batch_norm_inference(...inputs, y.pointer, scratch, rows, channels, epsilon);
    });
    return y;
  },
);
