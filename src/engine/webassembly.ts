/**
 * The WebAssembly build of the kernels.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { DeviceError, OutOfMemoryError } from '../common/errors.js';
import { configuredThreads, type KernelLibrary, type Kernels, type Pointer } from './library.js';

interface Exports extends Kernels {
  readonly __heap_base: WebAssembly.Global;
  readonly __tls_size: WebAssembly.Global;
  readonly __wasm_init_tls: (address: Pointer) => void;
  set_thread_count(threads: number): void;
}

const pageSize = 65536;
const stackSize = 262144;
const initialPages = 64;
/** 4 GiB, all that 32-bit addresses reach. */
const maximumPages = 65536;

/**
 * What a thread does: it makes an instance of the module with a stack and thread-local variables of its own, and serves
 * until the process ends.
 */
const threadSource = `
  const { module, memory, number, stack, storage } = require('node:worker_threads').workerData;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports.__stack_pointer.value = stack;
  exports.__wasm_init_tls(storage);
  exports.serve(number);
`;

/** The kernels as WebAssembly with SIMD, on threads that share one memory. */
export class WebAssemblyLibrary implements KernelLibrary {
  readonly instructionSet = 'WebAssembly SIMD128';
  readonly kernels: Kernels;
  readonly threads: number;
  readonly #memory: WebAssembly.Memory;
  #end: number;
  #generation = 0;

  private constructor(module: WebAssembly.Module, threads: number) {
    this.#memory = new WebAssembly.Memory({ initial: initialPages, maximum: maximumPages, shared: true });
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    const exports = instance.exports as unknown as Exports;
    this.kernels = exports;
    this.threads = threads;
    this.#end = Math.ceil((exports.__heap_base.value as number) / 64) * 64;
    const storageSize = exports.__tls_size.value as number;
    exports.__wasm_init_tls(this.extend(storageSize));
    exports.set_thread_count(threads);
    for (let number = 1; number < threads; number++) {
      const stack = this.extend(stackSize) + stackSize;
      const storage = this.extend(storageSize);
      // Work does not wait for threads to be up: until then the caller does their part.
      new Worker(threadSource, {
        eval: true,
        execArgv: [],
        name: `paddlewheel ${number}`,
        workerData: { module, memory: this.#memory, number, stack, storage },
      }).unref();
    }
  }

  /**
   * Loads the kernels.
   *
   * @throws `DeviceError` when the file is missing or this Node lacks WebAssembly SIMD and threads
   */
  static load(): WebAssemblyLibrary {
    const threads = configuredThreads();
    const file = new URL('../../generated/paddlewheel.wasm', import.meta.url);
    try {
      return new WebAssemblyLibrary(new WebAssembly.Module(readFileSync(file)), threads);
    } catch (error) {
      throw new DeviceError(
        `the compute kernels cannot be loaded from ${file.pathname} (${(error as Error).message}); where the file is missing, install the package anew or run npm run build`,
        { cause: error },
      );
    }
  }

  get generation(): number {
    return this.#generation;
  }

  owns(values: ArrayBufferView): boolean {
    // The buffer is another object each time the memory has grown, of the same memory.
    return values.buffer instanceof SharedArrayBuffer;
  }

  extend(bytes: number): Pointer {
    const pointer = this.#end;
    const end = pointer + Math.ceil(bytes / 64) * 64;
    const missing = end - this.#memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.#memory.grow(Math.ceil(missing / pageSize));
      } catch {
        throw new OutOfMemoryError(
          `the engine needs ${bytes} more bytes than its limit of 4 GiB allows; use a smaller batch, or free tensors with dispose() or tf.tidy`,
        );
      }
      this.#generation++;
    }
    this.#end = end;
    return pointer;
  }

  finish(): void {
    // Calls return when the kernel has run.
  }

  float32(pointer: Pointer, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, length);
  }

  int32(pointer: Pointer, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, pointer, length);
  }
}
