/**
 * Elements in order.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { defineOperation, hasKernel, runKernel, runKernels } from './dispatch.js';
import { takeAlong, takeAlongKernels } from './take-along.js';

/** Name of the kernel behind {@link sorted}; the elements and their places are its results. */
export const sortKernel = 'PaddlewheelSort';

/** Attributes of the kernel. */
export interface SortAttributes {
  /** The axis, at least 0. */
  readonly axis: number;
  /** Largest first. */
  readonly descending: boolean;
}

tf.registerGradient({
  kernelName: sortKernel,
  outputsToSave: [false, true],
  gradFunc: (dys, saved, attributes) => {
    const [dy] = dys as [Tensor];
    const [places] = saved as [Tensor];
    const { axis } = attributes as unknown as SortAttributes;
    return {
      x: () => runKernel(takeAlongKernels.gradient, { dy, indices: places }, { axis, shape: dy.shape }),
    };
  },
});

/** Negative where `a` comes before `b`: NaN is the largest of all. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return Number(a > b) - Number(a < b);
}

function generalOrder(x: Tensor, { axis, descending }: SortAttributes): Tensor {
  const values = x.dataSync();
  const length = x.shape[axis] ?? 1;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const order = new Int32Array(values.length);
  const sign = descending ? -1 : 1;
  for (let row = 0; row < values.length / Math.max(length, 1); row++) {
    const start = Math.floor(row / inner) * length * inner + (row % inner);
    const value = (i: number) => values[start + i * inner]!;
    const sorted = Array.from({ length }, (_, i) => i).sort((i, j) => sign * compare(value(i), value(j)));
    sorted.forEach((from, i) => (order[start + i * inner] = from));
  }
  return tf.tensor(order, x.shape, 'int32');
}

/**
 * The elements along an axis in order, and their places, int32. Equal ones keep their order, and NaN counts as the
 * largest, as in Paddle.
 */
export const sorted = defineOperation(
  'sorted',
  (x: Tensor, attributes: SortAttributes): [values: Tensor, places: Tensor] => {
    if ((x.dtype === 'float32' || x.dtype === 'int32') && hasKernel(sortKernel)) {
      return runKernels(sortKernel, { x }, attributes) as [Tensor, Tensor];
    }
    const places = generalOrder(x, attributes);
    return [takeAlong(x, places, attributes.axis), places];
  },
);
