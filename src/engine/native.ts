/**
 * The native build of the kernels.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { DeviceError, OutOfMemoryError } from '../common/errors.js';
import { checkChoice } from '../common/options.js';
import { addonFile } from './addon-file.js';
import { configuredThreads, type KernelLibrary, type Kernels, type Pointer } from './library.js';

/** What src/kernels/native/addon.cpp exports. */
interface Addon {
  startThreads(count: number): number;
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

/** Multiplies two matrices with every instruction set; run in a process of its own. */
const probeSource = `
  const addon = require(process.argv[1]);
  const size = 40, buffer = new ArrayBuffer(4 * 3 * size * size), address = addon.addressOf(buffer);
  const values = new Float32Array(buffer);
  for (const { matrix_multiply: multiply } of Object.values(addon.kernels)) {
    for (let i = 0; i < 2 * size * size; i++) values[i] = (i % 7) - 3;
    multiply(address, address + 4 * size * size, 0, address + 8 * size * size, 1, size, size, size, 0, 0, 0, 0);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let sum = 0;
        for (let k = 0; k < size; k++) sum += values[i * size + k] * values[size * size + k * size + j];
        if (values[2 * size * size + i * size + j] !== sum) throw new Error('it computes wrong products');
      }
    }
  }
`;

/**
 * Tries the addon in a process of its own, since a foreign or broken one can end the process that loads it. A file that
 * has passed is not tried again by this version of Node.
 */
function probe(file: string): void {
  const { mtimeMs, size } = statSync(file);
  const folder = path.join(homedir(), '.cache', 'paddlewheel');
  const key = Buffer.from(`${file} ${mtimeMs} ${size} ${process.version}`).toString('base64url').slice(-120);
  const mark = path.join(folder, `probed-${key}`);
  if (existsSync(mark)) return;
  try {
    execFileSync(process.execPath, ['-e', probeSource, file], { stdio: 'pipe', timeout: 20_000, env: {} });
  } catch (error) {
    const { stderr, signal } = error as { stderr?: Buffer; signal?: string | null };
    const reason = signal ? `it ends the process with ${signal}` : /^\w*Error: .*/m.exec(stderr?.toString() ?? '')?.[0];
    throw new DeviceError(`the native build ${file} does not work here (${reason ?? 'it cannot be loaded'})`, {
      cause: error,
    });
  }
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(mark, '');
  } catch {
    // Without the mark the next process tries again.
  }
}

/** The kernels as machine code, with the widest vectors that this machine has. */
export class NativeLibrary implements KernelLibrary {
  readonly generation = 0;
  readonly instructionSet: string;
  readonly kernels: Kernels;
  readonly threads: number;
  readonly #addon: Addon;
  readonly #slabs: Slab[] = [];
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  #next: Pointer = 0;
  #end: Pointer = 0;

  private constructor(addon: Addon, threads: number) {
    const names = Object.keys(addon.kernels);
    const asked = process.env.PADDLEWHEEL_INSTRUCTION_SET;
    this.instructionSet = asked ? checkChoice('PADDLEWHEEL_INSTRUCTION_SET', asked, names) : (names[0] ?? '');
    this.#addon = addon;
    this.kernels = addon.kernels[this.instructionSet]!;
    this.threads = addon.startThreads(threads);
  }

  /**
   * Loads the kernels.
   *
   * @throws `DeviceError` saying why when there is no native build for this platform or it does not work
   */
  static load(file: string = addonFile): NativeLibrary {
    const threads = configuredThreads();
    if (!existsSync(file)) {
      throw new DeviceError(
        `there is no native build for ${process.platform}-${process.arch}; make one with npx paddlewheel build, which needs a C++ compiler`,
      );
    }
    probe(file);
    return new NativeLibrary(createRequire(import.meta.url)(file) as Addon, threads);
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

  float32(pointer: Pointer, length: number): Float32Array {
    const { buffer, address } = this.#slabOf(pointer);
    return new Float32Array(buffer, pointer - address, length);
  }

  int32(pointer: Pointer, length: number): Int32Array {
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
    const size = Math.max(bytes + 64, Math.min(Math.max(total, smallestSlab), largestSlab));
    let buffer: ArrayBuffer;
    try {
      buffer = new ArrayBuffer(size);
    } catch {
      throw new OutOfMemoryError(
        `the system gives the engine no ${size} more bytes; use a smaller batch, or free tensors with dispose() or tf.tidy`,
      );
    }
    const address = this.#addon.addressOf(buffer);
    this.#slabs.push({ buffer, address });
    this.#buffers.add(buffer);
    this.#next = Math.ceil(address / 64) * 64;
    this.#end = address + size;
  }
}
