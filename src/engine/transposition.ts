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
  const strides: number[] = [];
  merged.shape.reduceRight((stride, length, axis) => {
    strides[axis] = stride;
    return stride * length;
  }, 1);
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
  const merged = mergeTransposition(shape, perm);
  const size = merged.shape.reduce((product, length) => product * length, 1);
  if (size === 0) return;
  const [first = 1, second = 1, third = 1] = merged.shape;
  switch (merged.perm.join()) {
    case '1,0':
      return library.kernels.transpose_planes(source, target, 1, first, second);
    case '0,2,1':
      return library.kernels.transpose_planes(source, target, first, second, third);
    case '2,1,0': {
      // [a, b, c] -> [c, a, b] -> [c, b, a]
      const scratch = pool.take(size * 4);
      library.kernels.transpose_planes(source, scratch, 1, first * second, third);
      library.kernels.transpose_planes(scratch, target, third, first, second);
      return pool.give(scratch, size * 4);
    }
    default:
      return transposeArray(library.int32(source, size), library.int32(target, size), shape, perm);
  }
}
