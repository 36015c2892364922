/**
 * The native build of the kernels.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { DeviceError, OutOfMemoryError } from '../common/errors.js';
import { checkChoice } from '../common/options.js';
import { addonFile, packagedAddon } from './addon-file.js';
import { probe } from './addon-probe.js';
import { configuredThreads, type KernelLibrary, type Kernels, type Pointer } from './library.js';
import { availableMemory } from './system-memory.js';

/** What src/kernels/native/addon.cpp exports. */
interface Addon {
  startThreads(count: number): number;
  finish(): void;
  addressOf(buffer: ArrayBuffer): Pointer;
  readonly kernels: Readonly<Record<string, Kernels>>;
}

/** A piece of memory that tensors are placed in. */
interface Slab {
  readonly buffer: ArrayBuffer;
  readonly address: Pointer;
}

const smallestSlab = 64 * 2 ** 20;
const largestSlab = 2 ** 30;

/** The kernels as machine code, with the widest vectors that this machine has. */
export class NativeLibrary implements KernelLibrary {
  /** The file that the kernels come from. */
  readonly file: string;
  readonly generation = 0;
  readonly instructionSet: string;
  /** The instruction sets that both this machine and the build have, the fastest first. */
  readonly instructionSets: readonly string[];
  readonly kernels: Kernels;
  readonly threads: number;
  readonly #addon: Addon;
  readonly #slabs: Slab[] = [];
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  #next: Pointer = 0;
  #end: Pointer = 0;

  private constructor(file: string, addon: Addon, threads: number) {
    this.file = file;
    this.instructionSets = Object.keys(addon.kernels);
    const asked = process.env.PADDLEWHEEL_INSTRUCTION_SET;
    this.instructionSet = asked
      ? checkChoice('PADDLEWHEEL_INSTRUCTION_SET', asked, this.instructionSets)
      : this.instructionSets[0]!;
    this.#addon = addon;
    this.kernels = addon.kernels[this.instructionSet]!;
    this.threads = addon.startThreads(threads);
  }

  /**
   * Loads the kernels.
   *
   * @throws `DeviceError` saying why when there is no native build for this platform or it does not work
   */
  static load(file: string = addonFile()): NativeLibrary {
    const threads = configuredThreads();
    if (!existsSync(file)) {
      throw new DeviceError(
        file === packagedAddon
          ? `there is no native build for ${process.platform}-${process.arch}; make one with npx paddlewheel build, which needs a C++ compiler`
          : `there is no native build at ${file}, which PADDLEWHEEL_ADDON names`,
      );
    }
    probe(file);
    const addon = { exports: {} };
    try {
      process.dlopen(addon, file);
    } catch (error) {
      throw new DeviceError(`the native build ${file} cannot be loaded: ${(error as Error).message}`, { cause: error });
    }
    return new NativeLibrary(file, addon.exports as Addon, threads);
  }

  owns(values: ArrayBufferView): boolean {
    return this.#buffers.has(values.buffer);
  }

  extend(bytes: number): Pointer {
    const size = Math.ceil(bytes / 64) * 64;
    if (this.#next + size > this.#end) this.#addSlab(size);
    const pointer = this.#next;
    this.#next += size;
    return pointer;
  }

  finish(): void {
    this.#addon.finish();
  }

  float32(pointer: Pointer, length: number, wait = true): Float32Array {
    if (wait) this.finish();
    const { buffer, address } = this.#slabOf(pointer);
    return new Float32Array(buffer, pointer - address, length);
  }

  int32(pointer: Pointer, length: number, wait = true): Int32Array {
    if (wait) this.finish();
    const { buffer, address } = this.#slabOf(pointer);
    return new Int32Array(buffer, pointer - address, length);
  }

  #slabOf(pointer: Pointer): Slab {
    const slab = this.#slabs.findLast(
      ({ address, buffer }) => pointer >= address && pointer < address + buffer.byteLength,
    );
    if (!slab) throw new RangeError(`no memory at ${pointer}`);
    return slab;
  }

  /** Adds a slab as large as all before, so that there are few. Memory that is not used yet costs nothing. */
  #addSlab(bytes: number): void {
    const total = this.#slabs.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    const least = bytes + 64;
    const available = availableMemory();
    const wanted = Math.min(Math.max(total, smallestSlab), largestSlab, available);
    let buffer: ArrayBuffer | undefined;
    try {
      if (least <= available) buffer = new ArrayBuffer(Math.max(least, wanted));
    } catch {
      // The system has less than it says, or the process a limit of its own.
    }
    if (buffer === undefined) {
      throw new OutOfMemoryError(
        `the system has no ${bytes} more bytes for the engine; use a smaller batch, or free tensors with dispose() or tf.tidy`,
      );
    }
    const address = this.#addon.addressOf(buffer);
    this.#slabs.push({ buffer, address });
    this.#buffers.add(buffer);
    this.#next = Math.ceil(address / 64) * 64;
    this.#end = address + buffer.byteLength;
  }
}
