/**
 * Memory that is kept aside for work that is done again and again.
 *
 * @module
 */
import type { Pointer } from './library.js';

/** Blocks of a {@link StoragePool} that belong to one recording and are used by nothing else, in use or not. */
export class Reserve {
  /** Gives up the recording when memory is short, so that the blocks can serve others; false while it is in use. */
  readonly revoke: () => boolean;
  /** Called when memory is short while blocks are taken: they can serve others from then on. */
  readonly lose: () => void;
  readonly #free = new Map<number, Pointer[]>();

  constructor(revoke: () => boolean, lose: () => void) {
    this.revoke = revoke;
    this.lose = lose;
  }

  /** A free block of a size, if there is one. */
  take(size: number): Pointer | undefined {
    return this.#free.get(size)?.pop();
  }

  /** Takes a block back. */
  keep(pointer: Pointer, size: number): void {
    const list = this.#free.get(size);
    if (list) list.push(pointer);
    else this.#free.set(size, [pointer]);
  }

  /** Free blocks by their size. */
  get free(): ReadonlyMap<number, readonly Pointer[]> {
    return this.#free;
  }
}
