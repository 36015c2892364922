/**
 * Batch normalisation.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { imageLayout } from '../ops/channel-order.js';
import { normalizationKernels, type BatchNormAttributes } from '../ops/normalization.js';
import { place, placeResult, type Placed } from './place.js';
import { defineKernel } from './register.js';

/** Rows and channels of an input. */
function matrixOf({ shape }: Placed): [rows: number, channels: number] {
  return [sizeOf(shape.slice(0, -1)), shape.at(-1) ?? 1];
}

/** Length of the scratch memory: five tables, see `table_length` in src/kernels/columns.h. */
function scratchLength(channels: number): number {
  return 5 * Math.max(16384, channels);
}

defineKernel<Record<'x' | 'scale' | 'shift', TensorInfo>, BatchNormAttributes>(
  normalizationKernels.training,
  ({ inputs: { x, scale, shift }, attrs, backend }) => {
    const layout = imageLayout(attrs, x.shape.length);
    const input = place(backend, x, layout);
    const [rows, channels] = matrixOf(input);
    const y = placeResult(backend, input.shape, layout);
    const mean = backend.allocate([channels]);
    const variance = backend.allocate([channels]);
    const inputs = [input.pointer, backend.pointerOf(scale), backend.pointerOf(shift)] as const;
    backend.withScratch(scratchLength(channels), (scratch) => {
      const results = [y.pointer, mean.pointer, variance.pointer] as const;
      backend.kernels.batch_norm(...inputs, ...results, scratch, rows, channels, attrs.epsilon);
    });
    return [y, mean, variance];
  },
);

defineKernel<Record<'dy' | 'x' | 'scale' | 'mean' | 'variance', TensorInfo>, BatchNormAttributes>(
  normalizationKernels.trainingGradient,
  ({ inputs: { dy, x, scale, mean, variance }, attrs, backend }) => {
    const layout = imageLayout(attrs, x.shape.length);
    const input = place(backend, x, layout);
    const [rows, channels] = matrixOf(input);
    const dx = placeResult(backend, input.shape, layout);
    const dscale = backend.allocate([channels]);
    const dshift = backend.allocate([channels]);
    const inputs = [
      backend.pointerOf(dy, layout),
      input.pointer,
      backend.pointerOf(scale),
      backend.pointerOf(mean),
      backend.pointerOf(variance),
    ] as const;
    backend.withScratch(scratchLength(channels), (scratch) => {
      const results = [dx.pointer, dscale.pointer, dshift.pointer] as const;
      backend.kernels.batch_norm_gradient(...inputs, ...results, scratch, rows, channels, attrs.epsilon);
    });
    return [dx, dscale, dshift];
  },
);

defineKernel<Record<'x' | 'mean' | 'variance' | 'scale' | 'shift', TensorInfo>, BatchNormAttributes>(
  normalizationKernels.inference,
  ({ inputs: { x, mean, variance, scale, shift }, attrs, backend }) => {
    const layout = imageLayout(attrs, x.shape.length);
    const input = place(backend, x, layout);
    const [rows, channels] = matrixOf(input);
    const inputs = [
      input.pointer,
      backend.pointerOf(mean),
      backend.pointerOf(variance),
      backend.pointerOf(scale),
      backend.pointerOf(shift),
    ] as const;
    const y = placeResult(backend, input.shape, layout);
    backend.withScratch(scratchLength(channels), (scratch) => {
      backend.kernels.batch_norm_inference(...inputs, y.pointer, scratch, rows, channels, attrs.epsilon);
    });
    return y;
  },
);
