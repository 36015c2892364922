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
