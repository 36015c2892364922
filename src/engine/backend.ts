/**
 * The TensorFlow.js backend `paddlewheel`.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { backend_util, DataStorage, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { sizeOf } from '../common/ndarray.js';
import { KernelLibrary, type Kernels, type Pointer } from './library.js';
import { StoragePool } from './storage-pool.js';

/** Name under which the backend is registered. */
export const backendName = 'paddlewheel';

type Values = backend_util.BackendValues;

/** True for types whose elements can lie in the kernels' memory. */
function isResident(dtype: DataType): dtype is 'float32' | 'int32' {
  return dtype === 'float32' || dtype === 'int32';
}

/** Values as an array of their type; kernels written in JavaScript do not always give one. */
function toElements(values: Values | undefined, dtype: DataType): Values | undefined {
  if (dtype === 'float32' && !(values instanceof Float32Array))
    return values && Float32Array.from(values as Int32Array);
  if (dtype === 'int32' && !(values instanceof Int32Array)) return values && Int32Array.from(values as Float32Array);
  return values;
}

/**
 * The data of tensors: in the kernels' memory, or as an array of JavaScript until a kernel asks for it.
 *
 * The kernels of TensorFlow.js's CPU backend read `values`.
 */
class TensorData {
  refCount = 1;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  readonly #backend: EngineBackend;
  readonly dtype: DataType;
  readonly length: number;
  #pointer: Pointer | undefined;
  #values: Values | undefined;

  constructor(backend: EngineBackend, dtype: DataType, length: number, values: Values | undefined, pointer?: Pointer) {
    this.#backend = backend;
    this.dtype = dtype;
    this.length = length;
    this.#values = values;
    this.#pointer = pointer;
  }

  /** The elements: a view of the kernels' memory, or the array of JavaScript. Not to be changed or kept. */
  get values(): Values | undefined {
    const { buffer } = this.#backend.library;
    if (this.#pointer === undefined || (this.#values as Float32Array | undefined)?.buffer === buffer) {
      return this.#values;
    }
    const View = this.dtype === 'float32' ? Float32Array : Int32Array;
    this.#values = new View(buffer, this.#pointer, this.length);
    return this.#values;
  }

  set values(values: Values | undefined) {
    this.free();
    this.#values = values;
  }

  /** The place of the elements in the kernels' memory; brings them there first if need be. */
  get pointer(): Pointer {
    if (this.#pointer === undefined) {
      const values = this.#values as Float32Array;
      this.#pointer = this.#backend.pool.take(this.length * 4);
      const view =
        this.dtype === 'float32'
          ? this.#backend.library.float32(this.#pointer, this.length)
          : this.#backend.library.int32(this.#pointer, this.length);
      view.set(values);
      this.#values = view;
    }
    return this.#pointer;
  }

  /** Gives the memory back. */
  free(): void {
    if (this.#pointer !== undefined) this.#backend.pool.give(this.#pointer, this.length * 4);
    this.#pointer = undefined;
    this.#values = undefined;
  }
}

/**
 * Runs operations on the kernels of src/kernels, and those that these lack on the kernels of TensorFlow.js's CPU backend.
 */
export class EngineBackend extends MathBackendCPU {
  /** The compiled kernels. */
  readonly library: KernelLibrary;
  /** Memory of tensors. */
  readonly pool: StoragePool;
  #parameters: Pointer | undefined;

  constructor() {
    super();
    this.library = KernelLibrary.load();
    this.pool = new StoragePool(this.library);
  }

  /** The kernels' functions. */
  get kernels(): Kernels {
    return this.library.kernels;
  }

  get #store(): DataStorage<TensorData> {
    return this.data as unknown as DataStorage<TensorData>;
  }

  #add(data: TensorData): object {
    const dataId = {};
    this.#store.set(dataId, data);
    return dataId;
  }

  /** Stores values that stay the caller's: they are copied. */
  override write(values: Values, shape: number[], dtype: DataType): object {
    const data = new TensorData(this, dtype, values.length, isResident(dtype) ? values : values.slice());
    if (isResident(dtype)) void data.pointer;
    return this.#add(data);
  }

  /** Stores the result of a kernel written in JavaScript, which gives the values away. */
  override makeTensorInfo(shape: number[], dtype: DataType, values?: Values | string[]): TensorInfo {
    if (dtype === 'string' && typeof values?.[0] === 'string') return super.makeTensorInfo(shape, dtype, values);
    const given = values as Float32Array | undefined;
    // Some kernels return a part of their input, which lies in memory that will be used again.
    const own = given?.buffer === this.library.buffer ? given?.slice() : toElements(given, dtype);
    return { dataId: this.#add(new TensorData(this, dtype, sizeOf(shape), own)), shape, dtype };
  }

  /** A fresh tensor in the kernels' memory; what it holds is undefined. */
  allocate(
    shape: readonly number[],
    dtype: 'float32' | 'int32' = 'float32',
  ): TensorInfo & { readonly pointer: Pointer } {
    const length = sizeOf(shape);
    const pointer = this.pool.take(length * 4);
    const dataId = this.#add(new TensorData(this, dtype, length, undefined, pointer));
    return { dataId, shape: [...shape], dtype, pointer };
  }

  /** The place of a tensor's elements in the kernels' memory. */
  pointerOf(tensor: TensorInfo): Pointer {
    return this.#store.get(tensor.dataId).pointer;
  }

  /** Runs `fn` with scratch memory. */
  withScratch<T>(floats: number, fn: (pointer: Pointer) => T): T {
    const pointer = this.pool.take(floats * 4);
    try {
      return fn(pointer);
    } finally {
      this.pool.give(pointer, floats * 4);
    }
  }

  /** Puts the fields of a C++ struct of integers into memory, for the one call that follows. */
  struct(fields: readonly number[]): Pointer {
    this.#parameters ??= this.pool.take(256);
    this.library.int32(this.#parameters, fields.length).set(fields);
    return this.#parameters;
  }

  override move(dataId: object, values: Values, shape: number[], dtype: DataType, refCount: number): void {
    const data = new TensorData(this, dtype, sizeOf(shape), values);
    data.refCount = refCount;
    this.#store.set(dataId, data);
  }

  override readSync(dataId: object): Values {
    const { dtype, values, complexTensorInfos } = this.#store.get(dataId);
    if (complexTensorInfos) return super.readSync(dataId);
    return dtype === 'string' || values === undefined ? (values ?? []) : values.slice();
  }

  override async read(dataId: object): Promise<Values> {
    return Promise.resolve(this.readSync(dataId));
  }

  override disposeData(dataId: object, force = false): boolean {
    const data = this.#store.has(dataId) ? this.#store.get(dataId) : undefined;
    const released = super.disposeData(dataId, force);
    if (released) data?.free();
    return released;
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: false, reasons: [] };
  }
}

/** The active backend when it is the engine's own. */
export function engineBackend(): EngineBackend | undefined {
  const backend = tf.backend();
  return backend instanceof EngineBackend ? backend : undefined;
}
