/**
 * The TensorFlow.js backend `paddlewheel`.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { DataStorage, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { sizeOf } from '../common/ndarray.js';
import { ArgumentMemory } from './argument-memory.js';
import { dataOnIds } from './data-ids.js';
import { broadcastLayout, normalizeLayout, sameLayout, transposedLayout, type Layout } from './layout.js';
import type { KernelLibrary, Kernels, Pointer } from './library.js';
import { Recording, type RecordedCalls } from './recording.js';
import { StoragePool } from './storage-pool.js';
import { copyStrided, stridesOf } from './strided-copy.js';
import { TensorData, type Deferred, type Memory, type Storage, type Values } from './tensor-data.js';

/** Names under which the backend is registered, one for each build of the kernels. */
export const backendNames = { native: 'paddlewheel-native', wasm: 'paddlewheel' } as const;

// The CPU backend with its first use over, in which it prints the advice to install another package.
tf.removeBackend('cpu');
tf.registerBackend('cpu', () => {
  const backend = new MathBackendCPU();
  Object.assign(backend, { firstUse: false });
  return backend;
});

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

/** Bytes of the largest array that is passed to a kernel by value. */
const largestPassed = 2 ** 18;

/** Elements of the largest array that JavaScript keeps a copy of. */
const mostGiven = 1024;

/** A tensor with its place in the kernels' memory. */
export type PlacedTensor = TensorInfo & { readonly pointer: Pointer };

/**
 * Runs operations on the kernels of src/kernels, and those that these lack on the kernels of TensorFlow.js's CPU backend.
 */
export class EngineBackend extends MathBackendCPU implements Memory {
  readonly #library: KernelLibrary;
  /** Memory of tensors. */
  readonly pool: StoragePool;
  /** Bytes moved so far because a kernel needed elements in another order than they had. */
  materializedBytes = 0;
  readonly #arguments: ArgumentMemory;
  /** What notes the calls of kernels. */
  #recording: Recording | undefined;
  #runningKernels = 0;
  /** What {@link EngineBackend.allocate} has made for the kernels that run. */
  readonly #results: object[] = [];
  /** Memory that the kernels that run may still use. */
  readonly #retired: Storage[] = [];

  constructor(library: KernelLibrary) {
    super();
    this.#library = library;
    Object.assign(this.data, { data: dataOnIds(this) });
    this.pool = new StoragePool(library);
    this.#arguments = new ArgumentMemory(library, (bytes) => library.extend(bytes), false);
  }

  /** The compiled kernels. */
  get library(): KernelLibrary {
    return this.#recording?.library ?? this.#library;
  }

  /** The kernels' functions. */
  get kernels(): Kernels {
    return this.library.kernels;
  }

  /** What kernels get besides numbers. */
  get arguments(): ArgumentMemory {
    const recording = this.#recording;
    return recording && recording.failure === undefined ? recording.arguments : this.#arguments;
  }

  /** True while calls of kernels are recorded. */
  get isRecording(): boolean {
    return this.#recording !== undefined;
  }

  /**
   * A recording without calls.
   *
   * @param revoke - gives the recording up when memory is short; false while it is in use
   */
  newRecording(revoke: () => boolean): Recording {
    return new Recording(this.#library, this.pool, revoke);
  }

  /** Runs `fn` and notes in `calls` the kernels that it calls, in the memory of the recording. */
  record<T>(recording: Recording, calls: RecordedCalls, fn: () => T): T {
    const moved = this.materializedBytes;
    recording.begin(calls, TensorData.made);
    this.#recording = recording;
    try {
      return this.pool.takeFrom(recording.reserve, fn);
    } finally {
      this.#recording = undefined;
      calls.movedBytes = this.materializedBytes - moved;
    }
  }

  /** Makes recorded calls again. */
  replay({ list, movedBytes }: RecordedCalls): void {
    const kernels = this.kernels as unknown as Record<string, (...numbers: readonly number[]) => void>;
    for (const { name, numbers } of list) kernels[name]!(...numbers);
    this.materializedBytes += movedBytes;
  }

  /** A tensor with elements that others have, too, seen as in `data`. */
  adopt(data: TensorData, shape: readonly number[]): TensorInfo {
    return { dataId: this.#add(data.share(data.view)), shape: [...shape], dtype: data.dtype };
  }

  /** Copies a tensor's elements, in row-major order, into memory of its size. */
  copyInto(target: Storage, tensor: TensorInfo): void {
    const source = this.layoutOf(tensor);
    const { shape } = tensor;
    const from = { pointer: this.pointerOf(tensor, source), strides: stridesOf(shape, source) };
    copyStrided(this, shape, from, { pointer: target.pointer, strides: stridesOf(shape, undefined) });
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
    if (!isResident(dtype)) return this.#add(TensorData.ofValues(this, dtype, values.length, values.slice()));
    const data = TensorData.ofValues(this, dtype, values.length, values);
    // Brings the elements into the kernels' memory.
    data.pointerFor(shape, undefined);
    return this.#add(data);
  }

  /** Stores the result of a kernel written in JavaScript, which gives the values away. */
  override makeTensorInfo(shape: number[], dtype: DataType, values?: Values | string[]): TensorInfo {
    if (dtype === 'string' && typeof values?.[0] === 'string') return super.makeTensorInfo(shape, dtype, values);
    const given = values as Float32Array | undefined;
    // Some kernels return a part of their input, which lies in memory that will be used again.
    const own = given && this.library.owns(given) ? given.slice() : toElements(given, dtype);
    return { dataId: this.#add(TensorData.ofValues(this, dtype, sizeOf(shape), own)), shape, dtype };
  }

  /**
   * A fresh tensor in the kernels' memory; what it holds is undefined.
   *
   * @param layout - the order in which a kernel will write the elements; row-major when left out
   */
  allocate(shape: readonly number[], dtype: 'float32' | 'int32' = 'float32', layout?: Layout): PlacedTensor {
    const order = layout && normalizeLayout(shape, layout);
    const own = [...shape];
    const data = TensorData.allocate(this, dtype, sizeOf(shape), order && { shape: own, order });
    const dataId = this.#add(data);
    if (this.#runningKernels > 0) this.#results.push(dataId);
    return { dataId, shape: own, dtype, pointer: data.pointerFor(shape, order) };
  }

  /**
   * A fresh tensor of floats that is computed once something needs its elements.
   *
   * @param layout - the order in which they will be written; row-major when left out
   */
  defer(shape: readonly number[], layout: Layout | undefined, deferred: Deferred): TensorInfo {
    const order = layout && normalizeLayout(shape, layout);
    const own = [...shape];
    const data = TensorData.defer(this, sizeOf(shape), order && { shape: own, order }, deferred);
    return { dataId: this.#add(data), shape: own, dtype: 'float32' };
  }

  /** The data of a tensor. */
  dataOf({ dataId }: TensorInfo): TensorData {
    return this.#store.get(dataId);
  }

  /** The layout of a tensor's elements; undefined when they are row-major, or have to be made so for the tensor's shape. */
  layoutOf(tensor: TensorInfo): Layout | undefined {
    return this.#store.get(tensor.dataId).layoutFor(tensor.shape);
  }

  /**
   * The place of a tensor's elements in the kernels' memory.
   *
   * The elements are moved when they have another layout. That changes how the tensor is stored, not its values.
   *
   * @param layout - the layout wanted, of a shape that the tensor's can be broadcast to; row-major when left out
   */
  pointerOf(tensor: TensorInfo, layout?: Layout): Pointer {
    return this.storageOf(tensor, layout).pointer;
  }

  /** The memory of {@link EngineBackend.pointerOf}. */
  storageOf(tensor: TensorInfo, layout?: Layout): Storage {
    const { shape, dataId } = tensor;
    return this.#store.get(dataId).storageFor(shape, layout && broadcastLayout(shape, layout));
  }

  /**
   * The layout to compute an elementwise function in: the one in which the least has to be moved. It belongs to
   * `shape`, which all tensors are broadcast to.
   */
  commonLayout(tensors: readonly TensorInfo[], shape: readonly number[]): Layout | undefined {
    const layouts = tensors.map((tensor) => this.layoutOf(tensor));
    if (layouts.every((layout) => layout === undefined)) return undefined;
    let best: Layout | undefined;
    let least = Infinity;
    const consider = (candidate: Layout | undefined) => {
      const moved = tensors.reduce((bytes, tensor, index) => {
        const needed = candidate && broadcastLayout(tensor.shape, candidate);
        return sameLayout(layouts[index], needed) ? bytes : bytes + sizeOf(tensor.shape);
      }, 0);
      if (moved < least) [best, least] = [candidate, moved];
    };
    layouts.forEach((layout, index) => {
      const added = shape.length - (tensors[index]?.shape.length ?? 0);
      if (layout === undefined || least === 0) return;
      consider(normalizeLayout(shape, [...shape.slice(0, added).keys(), ...layout.map((axis) => axis + added)]));
    });
    if (least > 0) consider(undefined);
    return best;
  }

  /** A tensor with the elements of `tensor` in the same memory, its axis `i` being axis `perm[i]` of it. */
  transposed(tensor: TensorInfo, perm: readonly number[]): TensorInfo {
    const data = this.#store.get(tensor.dataId);
    const shape = perm.map((axis) => tensor.shape[axis] ?? 1);
    const layout = data.layoutFor(tensor.shape);
    if (data.view && layout === undefined) data.pointerFor(tensor.shape, undefined);
    const order = transposedLayout(tensor.shape, layout, perm);
    return { dataId: this.#add(data.share(order && { shape, order })), shape, dtype: tensor.dtype };
  }

  /** A tensor of another shape with the elements of `tensor`, in the same memory. */
  reshaped(tensor: TensorInfo, shape: number[]): TensorInfo {
    const data = this.#store.get(tensor.dataId);
    return { dataId: this.#add(data.share(data.view)), shape, dtype: tensor.dtype };
  }

  /** A copy of a tensor, stored as it is. */
  duplicate(tensor: TensorInfo): TensorInfo {
    const copy = this.#store.get(tensor.dataId).duplicate();
    return { dataId: this.#add(copy), shape: tensor.shape, dtype: tensor.dtype };
  }

  /** Gives a tensor memory that no other tensor uses, unless others share its data id. */
  unshare(tensor: TensorInfo): void {
    this.#store.get(tensor.dataId).unshare();
  }

  /**
   * Runs a kernel. Places that it has asked for stay valid until it ends, also when the elements are moved meanwhile. When
   * it fails, what it has allocated is given back.
   */
  runKernel<T, Call>(kernel: (call: Call) => T, call: Call): T {
    const [results, retired] = [this.#results.length, this.#retired.length];
    this.#runningKernels++;
    try {
      return kernel(call);
    } catch (error) {
      for (const dataId of this.#results.slice(results)) this.disposeData(dataId, true);
      throw error;
    } finally {
      this.#runningKernels--;
      this.#results.length = results;
      for (; this.#retired.length > retired; this.#retired.length--) this.#retired.at(-1)?.release();
    }
  }

  retire(storage: Storage): void {
    if (this.#runningKernels > 0) this.#retired.push(storage);
    else storage.release();
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
    return this.arguments.passIntegers(fields);
  }

  override move(dataId: object, values: Values, shape: number[], dtype: DataType, refCount: number): void {
    const data = TensorData.ofValues(this, dtype, sizeOf(shape), values);
    data.refCount = refCount;
    this.#store.set(dataId, data);
  }

  override readSync(dataId: object): Values {
    const data = this.#store.get(dataId);
    if (data.complexTensorInfos) return super.readSync(dataId);
    return (data.dtype === 'string' ? data.values : data.copyValues()) ?? [];
  }

  upload(storage: Storage, { dtype, length, number }: TensorData, values: Values): void {
    this.#recording?.keepConstant(storage, number);
    const elements = values as Float32Array;
    if (elements.byteLength > largestPassed) {
      this.#library[dtype === 'float32' ? 'float32' : 'int32'](storage.pointer, length).set(elements);
      storage.isWrittenByKernels = false;
      return;
    }
    if (length <= mostGiven) {
      storage.isWrittenByKernels = false;
      storage.given = elements.slice();
    }
    // A kernel copies them in its turn, so that nobody waits for those which may still use this memory.
    const words = new Int32Array(elements.buffer, elements.byteOffset, length);
    const { kernels } = this.#library;
    const arrays = [this.#arguments.passIntegers(words), storage.pointer] as const;
    kernels.copy_strided(...arrays, this.#arguments.passIntegers([1, length, 1, 1]));
  }

  noteUse(storage: Storage): void {
    this.#recording?.use(storage);
  }

  /** Called with each variable that a kernel changes in place. */
  noteChange(variable: tf.Variable): void {
    this.#recording?.changed.add(variable);
  }

  /** Called with the place of the key and the counter of each random stream that a kernel draws from. */
  noteStream(stream: Pointer): void {
    this.#recording?.streams.push(stream);
  }

  override async time(f: () => void): Promise<tf.BackendTimingInfo> {
    return super.time(() => {
      f();
      this.library.finish();
    });
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

/** Bytes that the active engine has moved so far because a kernel needed elements in another order than they had. */
export function materializedBytes(): number {
  return engineBackend()?.materializedBytes ?? 0;
}
