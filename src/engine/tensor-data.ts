/**
 * The data of tensors.
 *
 * @module
 */
import type { backend_util, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelLibrary, Kernels, Pointer } from './library.js';
import { layoutForShape, sameLayout, type Layout, type View } from './layout.js';
import type { StoragePool } from './storage-pool.js';
import { copyStrided, readStrided, stridesOf } from './strided-copy.js';

/** Elements of four bytes. */
type Elements = Float32Array | Int32Array;

/** Values of a tensor as TensorFlow.js passes them. */
export type Values = backend_util.BackendValues;

/** Where the data of tensors lies. */
export interface Memory {
  readonly library: KernelLibrary;
  readonly kernels: Kernels;
  readonly pool: StoragePool;
  /** Puts the fields of a C++ struct of integers into memory, for the one call that follows. */
  struct(fields: readonly number[]): Pointer;
  /** Bytes moved so far because a kernel needed elements in another order than they had. */
  materializedBytes: number;
  /** Gives up memory that elements have been moved out of, once no running kernel uses it. */
  retire(storage: Storage): void;
  /** Puts elements into memory that nothing has used yet. */
  upload(storage: Storage, data: TensorData, values: Values): void;
  /** Called before a kernel gets memory that was in use already. */
  noteUse(storage: Storage): void;
}

/** A block of the kernels' memory that several tensors can share. */
export class Storage {
  readonly pointer: Pointer;
  /** False as long as no kernel writes here: the elements were put here by JavaScript. */
  isWrittenByKernels = true;
  /** The elements that a kernel copies here from JavaScript, as long as no other one writes. */
  given: Elements | undefined;
  readonly #pool: StoragePool;
  readonly #bytes: number;
  #users = 1;

  constructor(pool: StoragePool, length: number) {
    this.#pool = pool;
    this.#bytes = length * 4;
    this.pointer = pool.take(this.#bytes);
  }

  /** True when the block has been given back. */
  get isReleased(): boolean {
    return this.#users === 0;
  }

  /** How many share the block. */
  get users(): number {
    return this.#users;
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
    if (this.#users === 0) throw new Error('memory is released more often than it is shared');
    if (--this.#users === 0) this.#pool.give(this.pointer, this.#bytes);
  }
}

/** Elements that are computed once something needs them. */
export interface Deferred {
  /** Computes the elements into fresh memory, in the order of the data's view. */
  compute(target: Pointer): void;
  /** Gives up what it holds. */
  release(): void;
}

/**
 * The data of tensors: in the kernels' memory, as an array of JavaScript until a kernel asks for it, or deferred.
 *
 * In the kernels' memory the elements can lie in another order than their logical, row-major one. Reshaped tensors share
 * data, so that the order only means something together with the shape it was noted for.
 *
 * The kernels of TensorFlow.js's CPU backend read `values`.
 */
export class TensorData {
  /** How many there have been. */
  static made = 0;

  refCount = 1;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  readonly dtype: DataType;
  readonly length: number;
  readonly memory: Memory;
  /** Grows from one to the next. */
  readonly number = TensorData.made++;
  /** What the elements were computed from, for kernels that can use it; it is released with the elements. */
  origin: { release(): void } | undefined;
  /** How the elements are computed, as long as nothing has needed them. */
  #deferred: Deferred | undefined;
  /** Where the elements lie in the kernels' memory. */
  #storage: Storage | undefined;
  /** The order of the elements there; undefined for row-major. */
  #view: View | undefined;
  /** The elements in JavaScript: the only place of them without storage, else a view of it. */
  #values: Values | undefined;
  #generation = 0;

  private constructor(memory: Memory, dtype: DataType, length: number) {
    this.memory = memory;
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

  /** Float data that is computed once something needs it, in the order of `view`. */
  static defer(memory: Memory, length: number, view: View | undefined, deferred: Deferred): TensorData {
    const data = new TensorData(memory, 'float32', length);
    data.#deferred = deferred;
    data.#view = view;
    return data;
  }

  /** How the elements are computed, as long as nothing has needed them. */
  get deferred(): Deferred | undefined {
    return this.#deferred;
  }

  /** Data of its own record in the same memory, seen as `view`. */
  share(view: View | undefined): TensorData {
    const data = new TensorData(this.memory, this.dtype, this.length);
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
    this.#settle();
    if (this.#storage === undefined) return this.#values;
    if (this.#view) this.#move(this.#view.shape, this.#view.order, undefined);
    const { library } = this.memory;
    const { generation } = library;
    if (this.#storage.isWrittenByKernels) library.finish();
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
    this.#settle();
    if (this.#storage === undefined || this.#view === undefined) return this.values?.slice();
    const { shape, order } = this.#view;
    const copy = this.dtype === 'float32' ? new Float32Array(this.length) : new Int32Array(this.length);
    readStrided(this.#elements(this.#storage), copy, shape, stridesOf(shape, order));
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
    return this.storageFor(shape, layout).pointer;
  }

  /** The memory of {@link TensorData.pointerFor}. */
  storageFor(shape: readonly number[], layout: Layout | undefined): Storage {
    if (this.#storage) this.memory.noteUse(this.#storage);
    if (this.#view !== undefined) {
      const present = layoutForShape(this.#view, shape);
      if (present === null) this.#move(this.#view.shape, this.#view.order, undefined);
      else if (!sameLayout(present, layout)) this.#move(shape, present, layout);
    }
    if (layout !== undefined && this.#view === undefined) this.#move(shape, undefined, layout);
    return this.#resident();
  }

  /** True when the elements lie in `storage`, seen as `view`. */
  isAt(storage: Storage, view: View | undefined): boolean {
    return this.#storage === storage && this.#view === view;
  }

  /** The memory of the elements, which are computed if that was deferred. */
  get storage(): Storage {
    return this.#resident();
  }

  /** A copy in memory of its own. */
  duplicate(): TensorData {
    const copy = new TensorData(this.memory, this.dtype, this.length);
    copy.#storage = this.#copyStorage();
    copy.#view = this.#view;
    return copy;
  }

  /** Gives the elements memory that no other record uses, for a kernel that changes them. */
  unshare(): void {
    if (this.#storage?.isShared) this.#replace(this.#copyStorage());
    if (this.#storage === undefined) return;
    this.#storage.isWrittenByKernels = true;
    if (this.#storage.given === undefined) return;
    this.#storage.given = undefined;
    this.#values = undefined;
  }

  /** Gives the memory back. */
  free(): void {
    this.#deferred?.release();
    this.#storage?.release();
    this.origin?.release();
    this.#deferred = undefined;
    this.origin = undefined;
    this.#storage = undefined;
    this.#view = undefined;
    this.#values = undefined;
  }

  #elements({ pointer, isWrittenByKernels, given }: Storage): Elements {
    if (given) return given;
    const { library } = this.memory;
    return this.dtype === 'float32'
      ? library.float32(pointer, this.length, isWrittenByKernels)
      : library.int32(pointer, this.length, isWrittenByKernels);
  }

  #copyStorage(): Storage {
    const source = this.#resident();
    const copy = new Storage(this.memory.pool, this.length);
    const at = ({ pointer }: Storage) => ({ pointer, strides: [1] });
    copyStrided(this.memory, [this.length], at(source), at(copy));
    return copy;
  }

  #replace(storage: Storage): void {
    if (this.#storage) this.memory.retire(this.#storage);
    this.#storage = storage;
    this.#values = undefined;
  }

  /** Computes the elements if that was deferred. */
  #settle(): void {
    const deferred = this.#deferred;
    if (deferred === undefined) return;
    const storage = new Storage(this.memory.pool, this.length);
    deferred.compute(storage.pointer);
    this.#deferred = undefined;
    this.#storage = storage;
    deferred.release();
  }

  /** The storage; brings the elements there if they are still in JavaScript. */
  #resident(): Storage {
    this.#settle();
    if (this.#storage === undefined) {
      const storage = new Storage(this.memory.pool, this.length);
      this.memory.upload(storage, this, this.#values!);
      this.#replace(storage);
      return storage;
    }
    return this.#storage;
  }

  /** Moves the elements from the layout that they have for a shape into another one. */
  #move(shape: readonly number[], from: Layout | undefined, to: Layout | undefined): void {
    const source = this.#resident();
    const target = new Storage(this.memory.pool, this.length);
    const arrayOf = ({ pointer }: Storage, layout: Layout | undefined) => ({
      pointer,
      strides: stridesOf(shape, layout),
    });
    copyStrided(this.memory, shape, arrayOf(source, from), arrayOf(target, to));
    this.memory.materializedBytes += this.length * 4;
    this.#replace(target);
    this.#view = to && { shape, order: to };
  }
}
