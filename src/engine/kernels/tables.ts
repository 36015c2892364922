/**
 * Tables of numbers that kernels look things up in.
 *
 * @module
 */
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';

/** Runs `fn` with tables of integers in the kernels' memory. */
export function withTables<T>(
  backend: EngineBackend,
  tables: readonly (readonly number[])[],
  fn: (...pointers: Pointer[]) => T,
): T {
  const numbers = tables.flat();
  return backend.withScratch(numbers.length, (start) => {
    backend.library.int32(start, numbers.length).set(numbers);
    let end = start;
    const pointers = tables.map(({ length }) => {
      const pointer = end;
      end += 4 * length;
      return pointer;
    });
    return fn(...pointers);
  });
}
