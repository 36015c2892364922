/**
 * The compiled kernels.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { DeviceError, OutOfMemoryError } from '../common/errors.js';

/** A place in the kernels' memory, in bytes from its start. */
export type Pointer = number;

/** The functions of src/kernels by name; all take numbers, places in memory as {@link Pointer}. */
export interface Kernels {
  matrix_multiply(
    a: Pointer,
    b: Pointer,
    c: Pointer,
    batch: number,
    m: number,
    n: number,
    k: number,
    transposeA: number,
    transposeB: number,
    aBatchStride: number,
    bBatchStride: number,
  ): void;
  convolution(x: Pointer, filter: Pointer, y: Pointer, geometry: Pointer): void;
  convolution_filter_gradient(x: Pointer, dy: Pointer, dfilter: Pointer, geometry: Pointer): void;
  convolution_input_gradient(dy: Pointer, filter: Pointer, dx: Pointer, scratch: Pointer, geometry: Pointer): void;
  max_pool(x: Pointer, y: Pointer, indices: Pointer, windows: Pointer): void;
  max_pool_gradient(dy: Pointer, indices: Pointer, dx: Pointer, windows: Pointer): void;
  average_pool(x: Pointer, y: Pointer, divisor: number, windows: Pointer): void;
  average_pool_gradient(dy: Pointer, dx: Pointer, divisor: number, windows: Pointer): void;
  unary(operation: number, x: Pointer, y: Pointer, length: number, slope: number): void;
  activation(kind: number, x: Pointer, y: Pointer, length: number, first: number, second: number): void;
  activation_gradient(
    kind: number,
    dy: Pointer,
    saved: Pointer,
    dx: Pointer,
    length: number,
    first: number,
    second: number,
  ): void;
  binary(operation: number, a: Pointer, b: Pointer, y: Pointer, shape: Pointer): void;
  dropout(x: Pointer, y: Pointer, mask: Pointer, stream: Pointer, length: number, scale: number): void;
  dropout_gradient(dy: Pointer, mask: Pointer, dx: Pointer, length: number, scale: number): void;
  reduce(
    operation: number,
    x: Pointer,
    y: Pointer,
    scratch: Pointer,
    outer: number,
    length: number,
    inner: number,
    factor: number,
  ): void;
  place_of_extreme(x: Pointer, y: Pointer, outer: number, length: number, inner: number, sign: number): void;
  copy_strided(x: Pointer, y: Pointer, box: Pointer): void;
  transpose_planes(x: Pointer, y: Pointer, outer: number, rows: number, columns: number): void;
  pad_images(
    x: Pointer,
    y: Pointer,
    batch: number,
    height: number,
    width: number,
    channels: number,
    top: number,
    left: number,
    paddedHeight: number,
    paddedWidth: number,
    value: number,
    crop: number,
  ): void;
  scale_channels(
    x: Pointer,
    factor: Pointer,
    offset: Pointer,
    y: Pointer,
    scratch: Pointer,
    rows: number,
    channels: number,
  ): void;
  batch_norm(
    x: Pointer,
    scale: Pointer,
    shift: Pointer,
    y: Pointer,
    mean: Pointer,
    variance: Pointer,
    scratch: Pointer,
    rows: number,
    channels: number,
    epsilon: number,
  ): void;
  batch_norm_gradient(
    dy: Pointer,
    x: Pointer,
    scale: Pointer,
    mean: Pointer,
    variance: Pointer,
    dx: Pointer,
    dscale: Pointer,
    dshift: Pointer,
    scratch: Pointer,
    rows: number,
    channels: number,
    epsilon: number,
  ): void;
  sgd_step(steps: Pointer, count: number): void;
  momentum_step(steps: Pointer, count: number, momentum: number, nesterov: number): void;
  adam_step(steps: Pointer, count: number, beta1: number, beta2: number, epsilon: number): void;
  move_average(average: Pointer, value: Pointer, length: number, momentum: number, rest: number): void;
  softmax(x: Pointer, y: Pointer, outer: number, classes: number, inner: number): void;
  softmax_gradient(dy: Pointer, y: Pointer, dx: Pointer, outer: number, classes: number, inner: number): void;
  log_softmax(x: Pointer, y: Pointer, outer: number, classes: number, inner: number): void;
  log_softmax_gradient(dy: Pointer, y: Pointer, dx: Pointer, outer: number, classes: number, inner: number): void;
  softmax_cross_entropy(
    logits: Pointer,
    labels: Pointer,
    losses: Pointer,
    probabilities: Pointer,
    rows: number,
    classes: number,
    ignored: number,
  ): void;
  softmax_cross_entropy_gradient(
    dy: Pointer,
    probabilities: Pointer,
    labels: Pointer,
    dlogits: Pointer,
    rows: number,
    classes: number,
    ignored: number,
  ): void;
  /** Operations of all threads in registers alone; `result` gets their number. */
  peak(result: Pointer, iterations: number): void;
}

interface Exports extends Kernels {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global;
}

const pageSize = 65536;

/** The WebAssembly build of the kernels, with its memory. */
export class KernelLibrary {
  /** The kernels. */
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  #end: number;
  #generation = 0;

  private constructor(exports: Exports) {
    this.kernels = exports;
    this.#memory = exports.memory;
    this.#end = Math.ceil((exports.__heap_base.value as number) / 64) * 64;
  }

  /**
   * Loads the kernels.
   *
   * @throws `DeviceError` when the file is missing or this Node lacks WebAssembly SIMD
   */
  static load(): KernelLibrary {
    const file = new URL('../../generated/paddlewheel.wasm', import.meta.url);
    try {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)));
      return new KernelLibrary(instance.exports as unknown as Exports);
    } catch (error) {
      throw new DeviceError(
        `the compute kernels cannot be loaded from ${file.pathname}; build them with npm run build`,
        {
          cause: error,
        },
      );
    }
  }

  /** The memory as it is now; it becomes another buffer when it grows. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /** Changes when the memory has grown: views made before are to be made again. */
  get generation(): number {
    return this.#generation;
  }

  /** True for views of the memory. */
  owns(values: ArrayBufferView): boolean {
    return values.buffer === this.#memory.buffer;
  }

  /**
   * Takes memory from its end, aligned to 64 bytes. It is never given back to the system.
   *
   * @throws `OutOfMemoryError` when the 4 GiB of WebAssembly are used up
   */
  extend(bytes: number): Pointer {
    const pointer = this.#end;
    const end = pointer + Math.ceil(bytes / 64) * 64;
    const missing = end - this.#memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.#memory.grow(Math.ceil(missing / pageSize));
        this.#generation++;
      } catch {
        throw new OutOfMemoryError(
          `the engine needs ${bytes} more bytes than its limit of 4 GiB allows; use a smaller batch, or free tensors with dispose() or tf.tidy`,
        );
      }
    }
    this.#end = end;
    return pointer;
  }

  /** A view of floats in the memory; valid until the memory grows. */
  float32(pointer: Pointer, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, length);
  }

  /** A view of integers in the memory; valid until the memory grows. */
  int32(pointer: Pointer, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, pointer, length);
  }
}
