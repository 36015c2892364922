/**
 * Parts of tensors that are copied only if something else than an elementwise function needs them.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import { sameLayout, type Layout } from '../layout.js';
import type { Pointer } from '../library.js';
import { copyStrided } from '../strided-copy.js';
import type { Deferred, Storage } from '../tensor-data.js';

/** Rows of neighbouring elements, at equal distances. */
interface Rows {
  /** Elements before the first row. */
  readonly offset: number;
  readonly count: number;
  readonly length: number;
  /** Elements from one row to the next. */
  readonly stride: number;
}

/** Shorter rows are copied at once: kernels take rows one by one. */
const shortestRow = 16;

/** A part of what lies in some memory. It owns a share of that. */
class DeferredPart implements Deferred {
  readonly rows: Rows;
  readonly #backend: EngineBackend;
  readonly #source: Storage;

  constructor(backend: EngineBackend, source: Storage, rows: Rows) {
    this.rows = rows;
    this.#backend = backend;
    this.#source = source.share();
  }

  /** Where the first row lies, for a kernel. */
  get pointer(): Pointer {
    this.#backend.noteUse(this.#source);
    return this.#source.pointer + 4 * this.rows.offset;
  }

  compute(target: Pointer): void {
    const { count, length, stride } = this.rows;
    const source = { pointer: this.pointer, strides: [stride, 1] };
    copyStrided(this.#backend, [count, length], source, { pointer: target, strides: [length, 1] });
  }

  release(): void {
    this.#source.release();
  }
}

/**
 * The part of a tensor of floats from `begin` on, of the shape `size`, which waits for whoever needs it. Undefined where
 * that is no gain: for a part of less than half, which would hold on to much more memory than it has, and for short rows.
 */
export function deferPart(
  backend: EngineBackend,
  x: TensorInfo,
  begin: readonly number[],
  size: readonly number[],
): TensorInfo | undefined {
  const cut = x.shape.flatMap((length, axis) => (size[axis] === length ? [] : [axis]));
  const [axis = 0] = cut;
  if (x.dtype !== 'float32' || cut.length !== 1 || 2 * sizeOf(size) < sizeOf(x.shape)) return undefined;
  const layout = backend.layoutOf(x);
  const order = layout ?? [...x.shape.keys()];
  const lengths = (axes: readonly number[]) => sizeOf(axes.map((one) => x.shape[one] ?? 1));
  const place = order.indexOf(axis);
  const inner = lengths(order.slice(place + 1));
  const rows: Rows = {
    offset: (begin[axis] ?? 0) * inner,
    count: lengths(order.slice(0, place)),
    length: (size[axis] ?? 0) * inner,
    stride: (x.shape[axis] ?? 0) * inner,
  };
  if (rows.length < shortestRow || rows.count === 0) return undefined;
  return backend.defer(size, layout, new DeferredPart(backend, backend.storageOf(x, layout), rows));
}

/** The part that a tensor still is, if its elements have the given layout. */
function partOf(backend: EngineBackend, tensor: TensorInfo, layout: Layout | undefined): DeferredPart | undefined {
  const { deferred } = backend.dataOf(tensor);
  return deferred instanceof DeferredPart && sameLayout(backend.layoutOf(tensor), layout) ? deferred : undefined;
}

/** Two operands of one shape, of which at least one is a part, as kernels take them. */
interface PartOperands {
  readonly pointers: readonly [Pointer, Pointer];
  readonly rows: number;
  readonly length: number;
  /** Elements from one row to the next, of each operand. */
  readonly strides: readonly [number, number];
}

/** Operands of one shape in a layout, if one is a part that can be read where it lies. */
export function partOperands(
  backend: EngineBackend,
  a: TensorInfo,
  b: TensorInfo,
  layout: Layout | undefined,
): PartOperands | undefined {
  const [left, right] = [partOf(backend, a, layout), partOf(backend, b, layout)];
  const rows = (left ?? right)?.rows;
  if (rows === undefined) return undefined;
  const { count, length } = rows;
  const operand = (tensor: TensorInfo, part: DeferredPart | undefined): [Pointer, number] =>
    part?.rows.count === count && part.rows.length === length
      ? [part.pointer, part.rows.stride]
      : [backend.pointerOf(tensor, layout), length];
  const [[pointerA, strideA], [pointerB, strideB]] = [operand(a, left), operand(b, right)];
  return { pointers: [pointerA, pointerB], rows: count, length, strides: [strideA, strideB] };
}
