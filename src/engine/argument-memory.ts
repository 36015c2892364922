/**
 * What kernels get besides numbers.
 *
 * @module
 */
import type { KernelLibrary, Pointer } from './library.js';

/** Alignment of what is passed, in bytes. */
const alignment = 16;

/** The least memory to take at once, in bytes. */
const smallest = 2 ** 18;

/**
 * Memory for structs and tables that are passed to one call of a kernel each. Calls may still wait for their turn while
 * the next ones are passed, so that memory is used again only after all calls have run.
 */
export class ArgumentMemory {
  readonly #library: KernelLibrary;
  readonly #allocate: (bytes: number) => Pointer;
  readonly #isLasting: boolean;
  #start: Pointer = 0;
  #words: Int32Array = new Int32Array();
  #doubles: Float64Array = new Float64Array();
  /** Where the next argument goes, in bytes from the start. */
  #end = 0;

  /**
   * @param allocate - gives memory
   * @param isLasting - true where the calls will be made again: what was passed stays as it is
   */
  constructor(library: KernelLibrary, allocate: (bytes: number) => Pointer, isLasting: boolean) {
    this.#library = library;
    this.#allocate = allocate;
    this.#isLasting = isLasting;
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

  /** Finds a place for an argument; the arguments of one call all fit in. */
  #place(bytes: number): number {
    if (bytes > this.#words.byteLength / 8) {
      this.#extend(Math.max(2 ** Math.ceil(Math.log2(bytes * 16)), smallest));
    } else if (this.#end + bytes > this.#words.byteLength) {
      if (this.#isLasting) this.#extend(this.#words.byteLength);
      else this.#library.finish();
      this.#end = 0;
    }
    const offset = this.#end;
    this.#end += Math.ceil(bytes / alignment) * alignment;
    return offset;
  }

  #extend(bytes: number): void {
    this.#start = this.#allocate(bytes);
    this.#words = this.#library.int32(this.#start, bytes / 4);
    this.#doubles = new Float64Array(this.#words.buffer, this.#words.byteOffset, bytes / 8);
    this.#end = 0;
  }
}
