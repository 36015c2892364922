/**
 * Moving elements from one order of axes to another.
 *
 * @module
 */
import type { KernelLibrary, Pointer } from './library.js';
import { mergeTransposition } from './layout.js';
import type { StoragePool } from './storage-pool.js';

/** An array of elements of four bytes. */
export type Elements = Float32Array | Int32Array;

/** Distances between neighbours along each axis of a row-major array. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}

/**
 * Copies elements to the order in which axis `i` is axis `perm[i]` of the source.
 *
 * @param shape - shape of the source, which is row-major
 */
export function transposeArray(
  source: Elements,
  target: Elements,
  shape: readonly number[],
  perm: readonly number[],
): void {
  const merged = mergeTransposition(shape, perm);
  const strides = stridesOf(merged.shape);
  const lengths = merged.perm.map((axis) => merged.shape[axis] ?? 1);
  const steps = merged.perm.map((axis) => strides[axis] ?? 1);
  const inner = lengths.pop() ?? 1;
  const innerStep = steps.pop() ?? 1;
  const index = lengths.map(() => 0);
  let from = 0;
  for (let to = 0; to < target.length; to += inner) {
    if (innerStep === 1) target.set(source.subarray(from, from + inner), to);
    else for (let i = 0; i < inner; i++) target[to + i] = source[from + i * innerStep] ?? 0;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      const [length = 1, step = 0] = [lengths[axis], steps[axis]];
      index[axis] = (index[axis] ?? 0) + 1;
      from += step;
      if (index[axis] !== length) break;
      index[axis] = 0;
      from -= length * step;
    }
  }
}

/** As {@link transposeArray}, in the kernels' memory. */
export function transposeMemory(
  { library, pool }: { readonly library: KernelLibrary; readonly pool: StoragePool },
  source: Pointer,
  target: Pointer,
  shape: readonly number[],
  perm: readonly number[],
): void {
  const sourceStrides = stridesOf(shape);
  const targetStrides = stridesOf(perm.map((axis) => shape[axis] ?? 1));
  // The fields of `Box` in src/kernels/strided_copy.cpp.
  const axes = perm.flatMap((axis, place) => [shape[axis] ?? 1, sourceStrides[axis] ?? 0, targetStrides[place] ?? 0]);
  const fields = [perm.length, ...axes];
  const box = pool.take(fields.length * 4);
  library.int32(box, fields.length).set(fields);
  library.kernels.copy_strided(source, target, box);
  pool.give(box, fields.length * 4);
}
