/**
 * What kernels get besides numbers.
 *
 * @module
 */
import type { KernelLibrary, Pointer } from './library.js';

/** Alignment of what is passed, in bytes. */
const alignment = 16;

/**
 * Memory for structs and tables that are passed to one call of a kernel each. Calls may still wait for their turn while
 * the next ones are passed, so that memory is used again only after all calls have run.
 */
export class ArgumentMemory {
  readonly #library: KernelLibrary;
  #start: Pointer;
  #words: Int32Array;
  #doubles: Float64Array;
  /** Where the next argument goes, in bytes from the start. */
  #end = 0;

  constructor(library: KernelLibrary, bytes: number) {
    this.#library = library;
    [this.#start, this.#words, this.#doubles] = this.#take(bytes);
  }

  /** Puts integers into memory, for the one call that follows. */
  passIntegers(values: ArrayLike<number>): Pointer {
    const offset = this.#place(4 * values.length);
    this.#words.set(values, offset / 4);
    return this.#start + offset;
  }

  /** Puts doubles into memory, for the one call that follows. */
  passDoubles(values: ArrayLike<number>): Pointer {
    const offset = this.#place(8 * values.length);
    this.#doubles.set(values, offset / 8);
    return this.#start + offset;
  }

  #take(bytes: number): [start: Pointer, words: Int32Array, doubles: Float64Array] {
    const start = this.#library.extend(bytes);
    const words = this.#library.int32(start, bytes / 4);
    return [start, words, new Float64Array(words.buffer, words.byteOffset, bytes / 8)];
  }

  /** Finds a place for an argument; the arguments of one call all fit in. */
  #place(bytes: number): number {
    if (bytes > this.#words.byteLength / 8) {
      const larger = 2 ** Math.ceil(Math.log2(bytes * 16));
      [this.#start, this.#words, this.#doubles] = this.#take(larger);
      this.#end = 0;
    } else if (this.#end + bytes > this.#words.byteLength) {
      this.#library.finish();
      this.#end = 0;
    }
    const offset = this.#end;
    this.#end += Math.ceil(bytes / alignment) * alignment;
    return offset;
  }
}
