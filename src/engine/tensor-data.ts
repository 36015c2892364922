/**
 * The data of tensors.
 *
 * @module
 */
import type { backend_util, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelLibrary, Pointer } from './library.js';
import { layoutForShape, physicalShape, sameLayout, type Layout, type View } from './layout.js';
import type { StoragePool } from './storage-pool.js';
import { transposeArray, transposeMemory, type Elements } from './transposition.js';

/** Values of a tensor as TensorFlow.js passes them. */
export type Values = backend_util.BackendValues;

/** Where the data of tensors lies. */
export interface Memory {
  readonly library: KernelLibrary;
  readonly pool: StoragePool;
  /** Bytes moved so far because a kernel needed elements in another order than they had. */
  materializedBytes: number;
  /** Gives up memory that elements have been moved out of, once no running kernel uses it. */
  retire(storage: Storage): void;
}

/** A block of the kernels' memory that several tensors can share. */
export class Storage {
  readonly pointer: Pointer;
  readonly #pool: StoragePool;
  readonly #bytes: number;
  #users = 1;

  constructor(pool: StoragePool, length: number) {
    this.#pool = pool;
    this.#bytes = length * 4;
    this.pointer = pool.take(this.#bytes);
  }

  get isShared(): boolean {
    return this.#users > 1;
  }

  share(): this {
    this.#users++;
    return this;
  }

  /** Gives the block back when nobody else uses it. */
  release(): void {
    if (--this.#users === 0) this.#pool.give(this.pointer, this.#bytes);
  }
}

/**
 * The data of tensors: in the kernels' memory, or as an array of JavaScript until a kernel asks for it.
 *
 * In the kernels' memory the elements can lie in another order than their logical, row-major one. Reshaped tensors share
 * data, so that the order only means something together with the shape it was noted for.
 *
 * The kernels of TensorFlow.js's CPU backend read `values`.
 */
export class TensorData {
  refCount = 1;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  readonly dtype: DataType;
  readonly length: number;
  readonly #memory: Memory;
  /** Where the elements lie in the kernels' memory. */
  #storage: Storage | undefined;
  /** The order of the elements there; undefined for row-major. */
  #view: View | undefined;
  /** The elements in JavaScript: the only place of them without storage, else a view of it. */
  #values: Values | undefined;
  #generation = 0;

  private constructor(memory: Memory, dtype: DataType, length: number) {
    this.#memory = memory;
    this.dtype = dtype;
    this.length = length;
  }

  /** Data in JavaScript. The array is taken over. */
  static ofValues(memory: Memory, dtype: DataType, length: number, values: Values | undefined): TensorData {
    const data = new TensorData(memory, dtype, length);
    data.#values = values;
    return data;
  }

  /** Data in fresh memory; what it holds is undefined. */
  static allocate(memory: Memory, dtype: 'float32' | 'int32', length: number, view: View | undefined): TensorData {
    const data = new TensorData(memory, dtype, length);
    data.#storage = new Storage(memory.pool, length);
    data.#view = view;
    return data;
  }

  /** Data of its own record in the same memory, seen as `view`. */
  share(view: View | undefined): TensorData {
    const data = new TensorData(this.#memory, this.dtype, this.length);
    data.#storage = this.#resident().share();
    data.#view = view;
    return data;
  }

  /** The shape and order of the elements in memory; undefined for row-major. */
  get view(): View | undefined {
    return this.#view;
  }

  /** The elements in logical order: a view of the kernels' memory, or the array of JavaScript. Not to be changed or kept. */
  get values(): Values | undefined {
    if (this.#storage === undefined) return this.#values;
    if (this.#view) this.#move(this.#view, undefined);
    const { generation } = this.#memory.library;
    if (this.#values === undefined || this.#generation !== generation) {
      this.#values = this.#elements(this.#storage);
      this.#generation = generation;
    }
    return this.#values;
  }

  set values(values: Values | undefined) {
    this.free();
    this.#values = values;
  }

  /** A copy of the elements in logical order. The order in memory stays as it is. */
  copyValues(): Values | undefined {
    if (this.#storage === undefined || this.#view === undefined) return this.values?.slice();
    const { shape, order } = this.#view;
    const elements = this.#elements(this.#storage);
    const copy = this.dtype === 'float32' ? new Float32Array(this.length) : new Int32Array(this.length);
    const perm = shape.map((_, axis) => order.indexOf(axis));
    transposeArray(elements, copy, physicalShape(shape, order), perm);
    return copy;
  }

  /** The layout of the elements for a shape; undefined when they are row-major or have no layout for it. */
  layoutFor(shape: readonly number[]): Layout | undefined {
    if (this.#view === undefined) return undefined;
    return layoutForShape(this.#view, shape) ?? undefined;
  }

  /**
   * The place of the elements in the kernels' memory, in the given layout. They are brought there, or into that layout,
   * if need be: the values of the tensor stay what they are.
   */
  pointerFor(shape: readonly number[], layout: Layout | undefined): Pointer {
    if (this.#view !== undefined) {
      const present = layoutForShape(this.#view, shape);
      if (present === null) this.#move(this.#view, undefined);
      else if (!sameLayout(present, layout)) this.#move({ shape, order: present ?? naturalOrder(shape) }, layout);
    }
    const storage = this.#resident();
    if (layout !== undefined && this.#view === undefined) this.#move({ shape, order: naturalOrder(shape) }, layout);
    return this.#storage?.pointer ?? storage.pointer;
  }

  /** A copy in memory of its own. */
  duplicate(): TensorData {
    const copy = new TensorData(this.#memory, this.dtype, this.length);
    copy.#storage = this.#copyStorage();
    copy.#view = this.#view;
    return copy;
  }

  /** Gives the elements memory that no other record uses. */
  unshare(): void {
    if (this.#storage?.isShared) this.#replace(this.#copyStorage());
  }

  /** Gives the memory back. */
  free(): void {
    this.#storage?.release();
    this.#storage = undefined;
    this.#view = undefined;
    this.#values = undefined;
  }

  #elements({ pointer }: Storage): Elements {
    const { library } = this.#memory;
    return this.dtype === 'float32' ? library.float32(pointer, this.length) : library.int32(pointer, this.length);
  }

  #copyStorage(): Storage {
    const source = this.#resident();
    const copy = new Storage(this.#memory.pool, this.length);
    this.#elements(copy).set(this.#elements(source));
    return copy;
  }

  #replace(storage: Storage): void {
    if (this.#storage) this.#memory.retire(this.#storage);
    this.#storage = storage;
    this.#values = undefined;
  }

  /** The storage; brings the elements there if they are still in JavaScript. */
  #resident(): Storage {
    if (this.#storage === undefined) {
      const storage = new Storage(this.#memory.pool, this.length);
      this.#elements(storage).set(this.#values as Elements);
      this.#replace(storage);
      return storage;
    }
    return this.#storage;
  }

  /** Moves the elements into another layout of the shape of the view that they have. */
  #move({ shape, order }: View, layout: Layout | undefined): void {
    const { pool } = this.#memory;
    const target = new Storage(pool, this.length);
    try {
      const perm = (layout ?? naturalOrder(shape)).map((axis) => order.indexOf(axis));
      transposeMemory(this.#memory, this.#resident().pointer, target.pointer, physicalShape(shape, order), perm);
    } catch (error) {
      target.release();
      throw error;
    }
    this.#memory.materializedBytes += this.length * 4;
    this.#replace(target);
    this.#view = layout && { shape, order: layout };
  }
}

/** Row-major order. */
function naturalOrder(shape: readonly number[]): Layout {
  return shape.map((_, axis) => axis);
}
