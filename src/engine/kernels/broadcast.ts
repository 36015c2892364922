/**
 * How the axes of two operands meet.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sameShape, sizeOf } from '../../common/ndarray.js';
import { physicalShape, type Layout } from '../layout.js';

/** Axes of a result that both operands have or lack alike, as one. */
interface BroadcastAxis {
  length: number;
  readonly inA: boolean;
  readonly inB: boolean;
}

/** Shape with ones in front, to `rank` axes. */
const extended = (shape: readonly number[], rank: number) => [
  ...new Array<number>(rank - shape.length).fill(1),
  ...shape,
];

/** The axes of a result in the order of memory, merged where that is possible. */
function broadcastAxes(
  a: readonly number[],
  b: readonly number[],
  shape: readonly number[],
  layout: Layout | undefined,
): BroadcastAxis[] {
  if (sameShape(a, b)) return [{ length: sizeOf(shape), inA: true, inB: true }];
  const left = physicalShape(extended(a, shape.length), layout);
  const right = physicalShape(extended(b, shape.length), layout);
  const axes: BroadcastAxis[] = [];
  physicalShape(shape, layout).forEach((length, axis) => {
    if (length === 1) return;
    const inA = left[axis] === length;
    const inB = right[axis] === length;
    const last = axes.at(-1);
    if (last?.inA === inA && last.inB === inB) last.length *= length;
    else axes.push({ length, inA, inB });
  });
  return axes.length === 0 ? [{ length: 1, inA: true, inB: true }] : axes;
}

/** As `kMostAxes` in src/kernels/broadcast.h. */
const mostAxes = 8;

/** Shape of the result of an elementwise function. @throws an error of TensorFlow.js when the shapes do not fit */
export function broadcastShape(a: TensorInfo, b: TensorInfo): number[] {
  return sameShape(a.shape, b.shape) ? a.shape : tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
}

/**
 * The fields of `Broadcast` in src/kernels/broadcast.h for operands that both lie in `layout`, a layout of `shape`;
 * undefined when there are too many axes for a kernel.
 */
export function broadcastFields(
  a: TensorInfo,
  b: TensorInfo,
  shape: readonly number[],
  layout?: Layout,
): number[] | undefined {
  const axes = broadcastAxes(a.shape, b.shape, shape, layout);
  if (axes.length > mostAxes) return undefined;
  const lengths = new Array<number>(mostAxes).fill(0);
  const strides = { inA: [...lengths], inB: [...lengths] };
  const next = { inA: 1, inB: 1 };
  for (let index = axes.length - 1; index >= 0; index--) {
    const axis = axes[index]!;
    lengths[index] = axis.length;
    for (const operand of ['inA', 'inB'] as const) {
      if (!axis[operand]) continue;
      strides[operand][index] = next[operand];
      next[operand] *= axis.length;
    }
  }
  return [axes.length, ...lengths, ...strides.inA, ...strides.inB];
}

/** The fields of `Broadcast` for operands of one shape, in rows that lie apart: the elements from one row to the next. */
export function rowFields(rows: number, length: number, [a, b]: readonly [number, number]): number[] {
  const axes = (first: number, second: number) => [first, second, ...new Array<number>(mostAxes - 2).fill(0)];
  return [2, ...axes(rows, length), ...axes(a, 1), ...axes(b, 1)];
}
