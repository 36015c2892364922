/**
 * Tables of numbers that kernels look things up in.
 *
 * @module
 */
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';
import type { Taps } from '../ops/regions.js';
import { bitsOf } from './elements.js';

/** Runs `fn` with tables of integers in the kernels' memory. */
export function withTables<T>(
  backend: EngineBackend,
  tables: readonly ArrayLike<number>[],
  fn: (...pointers: Pointer[]) => T,
): T {
  return fn(...tables.map((table) => backend.arguments.passIntegers(table)));
}

/** The fields of `Taps` in src/kernels/axis_tables.h. */
export function tableOf(taps: Taps): number[] {
  const all = taps.flat();
  let end = 0;
  const starts = [0, ...taps.map(({ length }) => (end += length))];
  return [...starts, ...all.map(({ source }) => source), ...all.map(({ weight }) => bitsOf(weight, 'float32'))];
}
