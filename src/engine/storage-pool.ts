/**
 * Memory for tensors.
 *
 * @module
 */
import { OutOfMemoryError } from '../common/errors.js';
import type { Pointer } from './library.js';
import type { Reserve } from './reserve.js';

/** All blocks are multiples of this many bytes, and aligned to it. */
const grain = 64;

/** The distance between the sizes of blocks around `bytes`: there are 4 sizes in each power of two, from 1 MiB on 16. */
function sizeStep(bytes: number): number {
  const sizes = bytes < 2 ** 20 ? 4 : 16;
  return Math.max(2 ** Math.floor(Math.log2(bytes)) / sizes, grain);
}

/**
 * The size that a request is rounded up to, so that little is wasted and blocks can be used again for tensors of similar
 * size.
 */
function roundUp(bytes: number): number {
  if (bytes <= grain) return grain;
  const step = sizeStep(bytes - 1);
  return Math.ceil(bytes / step) * step;
}

/** The largest size of a block that fits into `bytes`, at least {@link grain}. */
function roundDown(bytes: number): number {
  const step = sizeStep(bytes);
  return Math.floor(bytes / step) * step;
}

/** Free memory. */
interface Region {
  readonly pointer: Pointer;
  readonly bytes: number;
}

/** Where memory comes from. What it gives for two requests touches only if it is one array. */
export interface MemorySource {
  /** Takes fresh memory, aligned to 64 bytes. @throws `OutOfMemoryError` when there is no more */
  extend(bytes: number): Pointer;
}

/**
 * Hands out blocks of the kernels' memory and takes them back. A freed block serves the next request of its size. Only
 * when there is no fresh memory left are free blocks joined and cut for requests of another size.
 */
export class StoragePool {
  /** Bytes to take from the source at most; the source may have a limit of its own. */
  limit = Infinity;
  readonly #source: MemorySource;
  readonly #free = new Map<number, Pointer[]>();
  /** Blocks that belong to a reserve. */
  readonly #reserved = new Map<Pointer, Reserve>();
  #reserve: Reserve | undefined;
  #liveBytes = 0;
  #pooledBytes = 0;

  constructor(source: MemorySource) {
    this.#source = source;
  }

  /** Bytes in use, and those of reserves. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Bytes that wait to be used again. */
  get pooledBytes(): number {
    return this.#pooledBytes;
  }

  /**
   * Takes a block of at least `bytes` bytes; what it holds is undefined.
   *
   * @throws `OutOfMemoryError` when there is neither fresh memory nor a free region of that size
   */
  take(bytes: number): Pointer {
    const size = roundUp(bytes);
    const reserved = this.#reserve?.take(size);
    if (reserved !== undefined) return reserved;
    let pointer = this.#free.get(size)?.pop();
    if (pointer === undefined) {
      try {
        pointer = this.#extend(size);
      } catch (error) {
        if (!(error instanceof OutOfMemoryError) || !(this.#carve(size) || this.#dissolveOne())) throw error;
        return this.take(bytes);
      }
    } else {
      this.#pooledBytes -= size;
    }
    this.#liveBytes += size;
    if (this.#reserve) this.#reserved.set(pointer, this.#reserve);
    return pointer;
  }

  /** Gives a block back; `bytes` as in {@link StoragePool.take}. */
  give(pointer: Pointer, bytes: number): void {
    const size = roundUp(bytes);
    const reserve = this.#reserved.size > 0 ? this.#reserved.get(pointer) : undefined;
    if (reserve) reserve.keep(pointer, size);
    else this.#recycle(pointer, size);
  }

  /** While `fn` runs, takes all blocks from a reserve, which grows as needed. */
  takeFrom<T>(reserve: Reserve, fn: () => T): T {
    const before = this.#reserve;
    this.#reserve = reserve;
    try {
      return fn();
    } finally {
      this.#reserve = before;
    }
  }

  /** True for a block that belongs to a reserve. */
  isFrom(reserve: Reserve, pointer: Pointer): boolean {
    return this.#reserved.get(pointer) === reserve;
  }

  /** Makes the blocks of a reserve like all others; those in use when they are given back. */
  dissolve(reserve: Reserve): void {
    for (const [pointer, owner] of this.#reserved) if (owner === reserve) this.#reserved.delete(pointer);
    for (const [size, pointers] of reserve.free) for (const pointer of pointers) this.#recycle(pointer, size);
  }

  /** Dissolves a reserve that is not in use, at last the one that blocks are taken from; false when there is none. */
  #dissolveOne(): boolean {
    const active = this.#reserve;
    for (const reserve of new Set(this.#reserved.values())) if (reserve !== active && reserve.revoke()) return true;
    if (active === undefined) return false;
    active.lose();
    this.dissolve(active);
    this.#reserve = undefined;
    return true;
  }

  #recycle(pointer: Pointer, size: number): void {
    this.#liveBytes -= size;
    this.#pooledBytes += size;
    this.#keep(pointer, size);
  }

  #extend(size: number): Pointer {
    if (this.#liveBytes + this.#pooledBytes + size > this.limit) {
      throw new OutOfMemoryError(
        `the engine needs ${size} more bytes than its limit of ${this.limit} allows; use a smaller batch, or free tensors with dispose() or tf.tidy`,
      );
    }
    return this.#source.extend(size);
  }

  #keep(pointer: Pointer, size: number): void {
    const list = this.#free.get(size);
    if (list) list.push(pointer);
    else this.#free.set(size, [pointer]);
  }

  /** Free memory, neighbours joined. */
  #freeRegions(): Region[] {
    const blocks = Array.from(this.#free, ([bytes, pointers]) =>
      pointers.map((pointer) => ({ pointer, bytes })),
    ).flat();
    blocks.sort((a, b) => a.pointer - b.pointer);
    const regions: { pointer: Pointer; bytes: number }[] = [];
    for (const block of blocks) {
      const last = regions.at(-1);
      if (last && last.pointer + last.bytes === block.pointer) last.bytes += block.bytes;
      else regions.push(block);
    }
    return regions;
  }

  /** Cuts a free block of the given size out of the smallest region that has one; false when there is none. */
  #carve(size: number): boolean {
    const regions = this.#freeRegions().sort((a, b) => a.bytes - b.bytes);
    const chosen = regions.findIndex(({ bytes }) => bytes >= size);
    if (chosen < 0) return false;
    this.#free.clear();
    regions.forEach((region, index) => {
      let { pointer, bytes } = region;
      while (bytes > 0) {
        const block = index === chosen && pointer === region.pointer ? size : roundDown(bytes);
        this.#keep(pointer, block);
        pointer += block;
        bytes -= block;
      }
    });
    return true;
  }
}
