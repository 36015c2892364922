/**
 * The samples of a deformable convolution, and their gradients.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';
import {
  columnsShape,
  deformationKernels,
  type DeformationAttributes,
  type DeformationImageAttributes,
} from '../ops/deformed-columns.js';
import { defineKernel } from './register.js';

/** The fields of `Deformation` in src/kernels/deformed_columns.cpp. */
function deformationFields(
  backend: EngineBackend,
  shape: readonly number[],
  { kernel, strides, padding, dilations, groups, size }: DeformationAttributes,
): Pointer {
  return backend.struct([...shape, groups, ...size, ...kernel, ...strides, ...padding, ...dilations]);
}

defineKernel<Record<'x' | 'offsets' | 'factors', TensorInfo>, DeformationAttributes>(
  deformationKernels.forward,
  ({ inputs: { x, offsets, factors }, attrs, backend }) => {
    const sources = [backend.pointerOf(x), backend.pointerOf(offsets), backend.pointerOf(factors)] as const;
    const columns = backend.allocate(columnsShape(x.shape, attrs));
    backend.kernels.deformed_columns(...sources, columns.pointer, deformationFields(backend, x.shape, attrs));
    return columns;
  },
);

defineKernel<Record<'dy' | 'x' | 'offsets' | 'factors', TensorInfo>, DeformationAttributes>(
  deformationKernels.offsetGradient,
  ({ inputs: { dy, x, offsets, factors }, attrs, backend }) => {
    const sources = [
      backend.pointerOf(dy),
      backend.pointerOf(x),
      backend.pointerOf(offsets),
      backend.pointerOf(factors),
    ] as const;
    const doffsets = backend.allocate(offsets.shape);
    const dfactors = backend.allocate(factors.shape);
    const fields = deformationFields(backend, x.shape, attrs);
    backend.kernels.deformed_columns_offset_gradient(...sources, doffsets.pointer, dfactors.pointer, fields);
    return [doffsets, dfactors];
  },
);

defineKernel<Record<'dy' | 'offsets' | 'factors', TensorInfo>, DeformationImageAttributes>(
  deformationKernels.imageGradient,
  ({ inputs: { dy, offsets, factors }, attrs, backend }) => {
    const sources = [backend.pointerOf(dy), backend.pointerOf(offsets), backend.pointerOf(factors)] as const;
    const dx = backend.allocate(attrs.shape);
    const fields = deformationFields(backend, attrs.shape, attrs);
    backend.kernels.deformed_columns_image_gradient(...sources, dx.pointer, fields);
    return dx;
  },
);
