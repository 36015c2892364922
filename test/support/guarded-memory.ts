/**
 * Gives every block of memory of the native build a piece of its own, of the exact length, for `npm run sanitize`: the
 * engine's own pool hands out parts of a few large pieces, in which a sanitizer sees no end of a block.
 *
 * Mocha loads it before the tests. What a fresh block and a block given back hold is NaN, or -1.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { addonFile } from '../../src/engine/addon-file.js';
import { engineBackend, selectEngine } from '../../src/engine/index.js';
import type { Pointer } from '../../src/engine/library.js';

const addon = createRequire(import.meta.url)(addonFile()) as { addressOf(buffer: ArrayBuffer): Pointer };

const blocks = new Map<Pointer, ArrayBuffer>();
const buffers = new WeakSet<ArrayBufferLike>();

/** In the place of the storage pool. */
const pool = {
  limit: Infinity,
  liveBytes: 0,
  pooledBytes: 0,
  take(bytes: number): Pointer {
    // A block without elements has a place, too.
    const buffer = new ArrayBuffer(Math.max(bytes, 1));
    new Uint8Array(buffer).fill(255);
    const pointer = addon.addressOf(buffer);
    blocks.set(pointer, buffer);
    buffers.add(buffer);
    pool.liveBytes += bytes;
    return pointer;
  },
  give(pointer: Pointer, bytes: number): void {
    // Kernels that use the block may still wait for their turn.
    library.finish();
    const buffer = blocks.get(pointer);
    assert.equal(buffer?.byteLength, Math.max(bytes, 1), 'a block is given back that was not taken');
    new Uint8Array(buffer).fill(255);
    blocks.delete(pointer);
    pool.liveBytes -= bytes;
  },
  takeFrom: <T>(_reserve: unknown, fn: () => T): T => fn(),
  // No recording has memory of its own, so that none is repeated.
  isFrom: () => false,
  dissolve: () => undefined,
};

selectEngine('native');
const backend = engineBackend();
assert.ok(backend);
const { library } = backend;
const original = {
  float32: library.float32.bind(library),
  int32: library.int32.bind(library),
  owns: library.owns.bind(library),
};

/** The block that a place lies in, and how far from its beginning; undefined for what was taken before. */
function locate(place: Pointer): [buffer: ArrayBuffer, offset: number] | undefined {
  const exact = blocks.get(place);
  if (exact) return [exact, 0];
  for (const [pointer, buffer] of blocks) {
    if (place > pointer && place < pointer + buffer.byteLength) return [buffer, place - pointer];
  }
  return undefined;
}

Object.assign(backend, { pool });
Object.assign(library, {
  extend: (bytes: number) => pool.take(bytes),
  owns: (values: ArrayBufferView) => buffers.has(values.buffer) || original.owns(values),
  float32(pointer: Pointer, length: number) {
    library.finish();
    const place = locate(pointer);
    return place ? new Float32Array(...place, length) : original.float32(pointer, length);
  },
  int32(pointer: Pointer, length: number) {
    library.finish();
    const place = locate(pointer);
    return place ? new Int32Array(...place, length) : original.int32(pointer, length);
  },
});
