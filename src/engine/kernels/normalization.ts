/**
 * Batch normalisation.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { imageLayout } from '../ops/channel-order.js';
import { normalizationKernels, type BatchNormAttributes } from '../ops/normalization.js';
import type { EngineBackend } from '../backend.js';
import { physicalShape, sameLayout, type Layout } from '../layout.js';
import { Storage } from '../tensor-data.js';
import {
  DeferredNormalization,
  DeferredRectifierGradient,
  rectifierNumber,
  tablesLength,
} from './deferred-normalization.js';
import { placeResult } from './place.js';
import { defineKernel } from './register.js';

/** Rows and channels of an input. */
function matrixOf(shape: readonly number[]): [rows: number, channels: number] {
  return [sizeOf(shape.slice(0, -1)), shape.at(-1) ?? 1];
}

/** The parameters of a normalisation. */
type Parameters = Record<'mean' | 'variance' | 'scale' | 'shift', TensorInfo>;

/** The normalisation of x, which waits for what follows it. */
function deferNormalization(
  backend: EngineBackend,
  x: TensorInfo,
  layout: Layout | undefined,
  { mean, variance, scale, shift }: Parameters,
  epsilon: number,
): TensorInfo {
  const [rows, channels] = matrixOf(physicalShape(x.shape, layout));
  const moments = [backend.pointerOf(mean), backend.pointerOf(variance)] as const;
  const affine = [backend.pointerOf(scale), backend.pointerOf(shift)] as const;
  const input = backend.storageOf(x, layout);
  const line = new Storage(backend.pool, 2 * channels);
  backend.kernels.batch_norm_line(...moments, ...affine, line.pointer, channels, epsilon);
  const deferred = new DeferredNormalization(backend, { x: input.share(), line, rows, channels });
  return backend.defer(x.shape, layout, deferred);
}

defineKernel<Record<'x' | 'scale' | 'shift', TensorInfo>, BatchNormAttributes>(
  normalizationKernels.training,
  ({ inputs: { x, scale, shift }, attrs, backend }) => {
    const layout = imageLayout(attrs, x.shape.length);
    const input = backend.pointerOf(x, layout);
    const [rows, channels] = matrixOf(physicalShape(x.shape, layout));
    const mean = backend.allocate([channels]);
    const variance = backend.allocate([channels]);
    backend.withScratch(tablesLength(2, channels), (scratch) => {
      backend.kernels.batch_norm_moments(input, mean.pointer, variance.pointer, scratch, rows, channels);
    });
    return [deferNormalization(backend, x, layout, { mean, variance, scale, shift }, attrs.epsilon), mean, variance];
  },
);

defineKernel<Record<'dy' | 'x' | 'scale' | 'mean' | 'variance', TensorInfo>, BatchNormAttributes>(
  normalizationKernels.trainingGradient,
  ({ inputs: { dy, x, scale, mean, variance }, attrs, backend }) => {
    const layout = imageLayout(attrs, x.shape.length);
    const input = backend.storageOf(x, layout);
    const shape = physicalShape(x.shape, layout);
    const [rows, channels] = matrixOf(shape);
    const { deferred } = backend.dataOf(dy);
    const waits = deferred instanceof DeferredRectifierGradient && deferred.follows(input);
    const rectified = waits && sameLayout(backend.layoutOf(dy), backend.layoutOf(x)) ? deferred : undefined;
    const dx = placeResult(backend, shape, layout);
    const dscale = backend.allocate([channels]);
    const dshift = backend.allocate([channels]);
    const inputs = [
      rectified?.dy.pointer ?? backend.pointerOf(dy, layout),
      input.pointer,
      rectified?.line.pointer ?? 0,
      backend.pointerOf(scale),
      backend.pointerOf(mean),
      backend.pointerOf(variance),
    ] as const;
    const rectifier = rectifierNumber(rectified?.rectifier ?? 'none');
    backend.withScratch(tablesLength(7, channels), (scratch) => {
      const results = [dx.pointer, dscale.pointer, dshift.pointer] as const;
      backend.kernels.batch_norm_gradient(...inputs, ...results, scratch, rectifier, rows, channels, attrs.epsilon);
    });
    return [dx, dscale, dshift];
  },
);

defineKernel<Record<'x', TensorInfo> & Parameters, BatchNormAttributes>(
  normalizationKernels.inference,
  ({ inputs: { x, ...parameters }, attrs, backend }) =>
    deferNormalization(backend, x, imageLayout(attrs, x.shape.length), parameters, attrs.epsilon),
);
