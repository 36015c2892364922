/**
 * Sums, products, extremes and running sums along axes.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import type { Layout } from '../layout.js';
import type { Pointer } from '../library.js';
import { mapAlong, sizesAlong } from './axis.js';
import { defineKernel } from './register.js';

/** Neighbouring axes in memory, all of them reduced or none. */
interface AxisRun {
  length: number;
  readonly reduced: boolean;
}

/** The axes of a tensor as runs in the order of memory. */
function axisRuns(shape: readonly number[], order: Layout, axes: readonly number[]): AxisRun[] {
  const runs: AxisRun[] = [];
  for (const axis of order) {
    const length = shape[axis] ?? 1;
    if (length === 1) continue;
    const reduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.reduced === reduced) last.length *= length;
    else runs.push({ length, reduced });
  }
  // Where nothing is left to reduce, elements become results one by one.
  if (!runs.some(({ reduced }) => reduced)) runs.push({ length: 1, reduced: true });
  return runs;
}

const product = (runs: readonly AxisRun[]) => runs.reduce((size, { length }) => size * length, 1);

/** Length of a table of src/kernels/columns.h. */
const tableLength = (channels: number) => Math.max(16384, channels);

/** Reduces run after run, the last one first. */
function reduceRuns(
  backend: EngineBackend,
  operation: number,
  runs: readonly AxisRun[],
  source: Pointer,
  target: Pointer,
  factor: number,
): void {
  const index = runs.findLastIndex(({ reduced }) => reduced);
  const [before, after] = [runs.slice(0, index), runs.slice(index + 1)];
  const [outer, length, inner] = [product(before), runs[index]?.length ?? 1, product(after)];
  const rest = [...before, ...after];
  const reduce = (to: Pointer, times: number) => {
    backend.withScratch(tableLength(inner), (scratch) => {
      backend.kernels.reduce(operation, source, to, scratch, outer, length, inner, times);
    });
  };
  if (!rest.some(({ reduced }) => reduced)) {
    reduce(target, factor);
    return;
  }
  backend.withScratch(product(rest), (between) => {
    reduce(between, 1);
    reduceRuns(backend, operation, rest, between, target, factor);
  });
}

/** A shape without some axes, and the layout of what is left. */
function withoutAxes(
  shape: readonly number[],
  order: Layout,
  axes: readonly number[],
  keepDims: boolean,
): { shape: number[]; layout: Layout } {
  if (keepDims) return { shape: shape.map((length, axis) => (axes.includes(axis) ? 1 : length)), layout: order };
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  return {
    shape: kept.map((axis) => shape[axis] ?? 1),
    layout: order.filter((axis) => !axes.includes(axis)).map((axis) => kept.indexOf(axis)),
  };
}

interface ReduceAttributes {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

// The order is that of `Reduction` in src/kernels/reduction.cpp.
const reductions = [tf.Sum, tf.Prod, tf.Max, tf.Min];

function defineReduction(name: string, operation: number, factorOf: (count: number) => number): void {
  defineKernel<{ x: TensorInfo }, ReduceAttributes>(name, ({ inputs: { x }, attrs, backend }) => {
    const axes = tf.util.parseAxisParam(attrs.axis ?? attrs.reductionIndices ?? [...x.shape.keys()], x.shape);
    if (x.dtype !== 'float32' || sizeOf(x.shape) === 0) return undefined;
    const layout = backend.layoutOf(x);
    const order = layout ?? [...x.shape.keys()];
    const source = backend.pointerOf(x, layout);
    const result = withoutAxes(x.shape, order, axes, attrs.keepDims ?? false);
    const y = backend.allocate(result.shape, 'float32', result.layout);
    const factor = factorOf(sizeOf(x.shape) / sizeOf(result.shape));
    reduceRuns(backend, operation, axisRuns(x.shape, order, axes), source, y.pointer, factor);
    return y;
  });
}

reductions.forEach((name, operation) => defineReduction(name, operation, () => 1));
defineReduction(tf.Mean, 0, (count) => 1 / count);

/** Places of the largest (`sign` 1) or the smallest (-1) elements. */
function definePlaces(name: string, sign: number): void {
  defineKernel<{ x: TensorInfo }, { axis: number | number[] }>(name, ({ inputs: { x }, attrs, backend }) => {
    const [axis = 0] = tf.util.parseAxisParam(attrs.axis, x.shape);
    if (x.dtype !== 'float32' || sizeOf(x.shape) === 0) return undefined;
    const layout = backend.layoutOf(x);
    const order = layout ?? [...x.shape.keys()];
    const source = backend.pointerOf(x, layout);
    const result = withoutAxes(x.shape, order, [axis], false);
    const y = backend.allocate(result.shape, 'int32', result.layout);
    backend.kernels.place_of_extreme(source, y.pointer, ...sizesAlong(x.shape, layout, axis), sign);
    return y;
  });
}

definePlaces(tf.ArgMax, 1);
definePlaces(tf.ArgMin, -1);

interface CumsumAttributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

defineKernel<{ x: TensorInfo }, CumsumAttributes>(tf.Cumsum, ({ inputs: { x }, attrs, backend }) => {
  const [axis = 0] = tf.util.parseAxisParam(attrs.axis, x.shape);
  if (x.dtype !== 'float32') return undefined;
  return mapAlong(backend, [x], axis, ([source = 0], target, sizes) => {
    backend.kernels.running_sum(source, target, ...sizes, Number(attrs.exclusive), Number(attrs.reverse));
  });
});
