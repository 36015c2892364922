/**
 * Elements in order.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { sortKernel, type SortAttributes } from '../ops/sort.js';
import { sizesAlong } from './axis.js';
import type { MovableType } from './elements.js';
import { defineKernel } from './register.js';

defineKernel<{ x: TensorInfo }, SortAttributes>(
  sortKernel,
  ({ inputs: { x }, attrs: { axis, descending }, backend }) => {
    const layout = backend.layoutOf(x);
    const source = backend.pointerOf(x, layout);
    const values = backend.allocate(x.shape, x.dtype as MovableType, layout);
    const places = backend.allocate(x.shape, 'int32', layout);
    if (sizeOf(x.shape) === 0) return [values, places];
    const sizes = sizesAlong(x.shape, layout, axis);
    const threads = Math.min(backend.library.threads, sizes[0] * sizes[2]);
    backend.withScratch(4 * sizes[1] * threads, (scratch) => {
      const kernel = x.dtype === 'float32' ? 'sort' : 'sort_int';
      backend.kernels[kernel](source, values.pointer, places.pointer, scratch, ...sizes, Number(descending));
    });
    return [values, places];
  },
);
