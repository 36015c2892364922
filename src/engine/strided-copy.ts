/**
 * Copies between strided arrays: what slices, joins, padding and transpositions come down to.
 *
 * @module
 */
import type { Kernels, Pointer } from './library.js';

/** Elements of four bytes in the kernels' memory: where the first one lies, and the steps along each axis in elements. */
export interface StridedArray {
  readonly pointer: Pointer;
  readonly strides: readonly number[];
}

/** The steps along the axes of a shape whose elements lie in the order `layout` of the axes, row-major by default. */
export function stridesOf(shape: readonly number[], layout: readonly number[] = [...shape.keys()]): number[] {
  const strides = shape.map(() => 0);
  layout.reduceRight((stride, axis) => {
    strides[axis] = stride;
    return stride * (shape[axis] ?? 1);
  }, 1);
  return strides;
}

/** The part of an array that begins at an index and takes every `steps[axis]`th element, 1 by default. */
export function partOf(
  { pointer, strides }: StridedArray,
  begin: readonly number[],
  steps?: readonly number[],
): StridedArray {
  const offset = begin.reduce((sum, index, axis) => sum + index * (strides[axis] ?? 0), 0);
  return {
    pointer: pointer + 4 * offset,
    strides: steps === undefined ? strides : strides.map((stride, axis) => stride * (steps[axis] ?? 1)),
  };
}

/** What a copy needs of the engine. */
interface Engine {
  readonly kernels: Kernels;
  struct(fields: readonly number[]): Pointer;
}

/** `kMaxAxes` in src/kernels/strided_copy.cpp. */
const maxAxes = 20;

/** Copies the elements of a box of the given shape. Source and target do not overlap, unless they are the same. */
export function copyStrided(
  engine: Engine,
  shape: readonly number[],
  source: StridedArray,
  target: StridedArray,
): void {
  if (shape.includes(0)) return;
  const axes = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  if (axes.length > maxAxes) {
    const [first = 0] = axes;
    const inner = shape.map((length, axis) => (axis === first ? 1 : length));
    for (let index = 0; index < (shape[first] ?? 0); index++) {
      const begin = shape.map((_, axis) => (axis === first ? index : 0));
      copyStrided(engine, inner, partOf(source, begin), partOf(target, begin));
    }
    return;
  }
  const fields = axes.flatMap((axis) => [shape[axis] ?? 1, source.strides[axis] ?? 0, target.strides[axis] ?? 0]);
  engine.kernels.copy_strided(source.pointer, target.pointer, engine.struct([axes.length, ...fields]));
}

/** The elements of a box of an array outside the kernels' memory, or within, into a row-major array. */
export function readStrided(
  source: Float32Array | Int32Array,
  target: Float32Array | Int32Array,
  shape: readonly number[],
  strides: readonly number[],
): void {
  // From the innermost axis on; those that follow each other in the source become one.
  const axes: { length: number; readonly stride: number }[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const [length = 1, stride = 0] = [shape[axis], strides[axis]];
    const inner = axes.at(-1);
    if (inner && stride === inner.stride * inner.length) inner.length *= length;
    else if (length !== 1) axes.push({ length, stride });
  }
  const { length: run, stride: step } = axes.shift() ?? { length: 1, stride: 1 };
  const index = axes.map(() => 0);
  let from = 0;
  for (let to = 0; to < target.length; to += run) {
    for (let i = 0; i < run; i++) target[to + i] = source[from + i * step] ?? 0;
    for (let axis = 0; axis < axes.length; axis++) {
      const { length, stride } = axes[axis] ?? { length: 1, stride: 0 };
      from += stride;
      index[axis] = (index[axis] ?? 0) + 1;
      if (index[axis] !== length) break;
      index[axis] = 0;
      from -= length * stride;
    }
  }
}
