/**
 * Memory for tensors.
 *
 * @module
 */
import type { KernelLibrary, Pointer } from './library.js';

/**
 * The size that a request is rounded up to: four sizes in each power of two, so that at most a fifth is wasted and
 * blocks can be used again for tensors of similar size.
 */
function roundUp(bytes: number): number {
  if (bytes <= 64) return 64;
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  const unit = Math.max(step, 64);
  return Math.ceil(bytes / unit) * unit;
}

/** Hands out blocks of the kernels' memory and takes them back. A freed block serves the next request of its size. */
export class StoragePool {
  readonly #library: KernelLibrary;
  readonly #free = new Map<number, Pointer[]>();
  #liveBytes = 0;
  #pooledBytes = 0;

  constructor(library: KernelLibrary) {
    this.#library = library;
  }

  /** Bytes in use. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Bytes that wait to be used again. */
  get pooledBytes(): number {
    return this.#pooledBytes;
  }

  /** Takes a block of at least `bytes` bytes; what it holds is undefined. */
  take(bytes: number): Pointer {
    const size = roundUp(bytes);
    const pooled = this.#free.get(size)?.pop();
    const pointer = pooled ?? this.#library.extend(size);
    if (pooled !== undefined) this.#pooledBytes -= size;
    this.#liveBytes += size;
    return pointer;
  }

  /** Gives a block back; `bytes` as in {@link StoragePool.take}. */
  give(pointer: Pointer, bytes: number): void {
    const size = roundUp(bytes);
    const list = this.#free.get(size);
    if (list) list.push(pointer);
    else this.#free.set(size, [pointer]);
    this.#liveBytes -= size;
    this.#pooledBytes += size;
  }
}
