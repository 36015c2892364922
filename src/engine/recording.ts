/**
 * Calls of kernels that are made again.
 *
 * @module
 */
import type { Variable } from '@tensorflow/tfjs-core';
import { ArgumentMemory } from './argument-memory.js';
import type { KernelLibrary, Kernels, Pointer } from './library.js';
import { Reserve } from './reserve.js';
import type { StoragePool } from './storage-pool.js';
import type { Storage } from './tensor-data.js';

/** Kernels with their arguments, in the order in which they are called. */
export interface RecordedCalls {
  readonly list: { readonly name: keyof Kernels; readonly numbers: readonly number[] }[];
  /** Bytes that they move because a kernel needs elements in another order than they have. */
  movedBytes: number;
}

/**
 * Calls of kernels that can be made again, with the memory that they work on.
 *
 * Memory that is taken while calls are recorded stays the recording's, and what is done with it is the same each time. So
 * the calls must follow from nothing but the memory that they were given: `failure` says what else they have used.
 */
export class Recording {
  /** Memory of the recording. */
  readonly reserve: Reserve;
  /** Structs and tables of the calls. */
  readonly arguments: ArgumentMemory;
  /** The kernels, which note each call, and memory that must not be looked at. */
  readonly library: KernelLibrary;
  /** Variables that the calls change. */
  readonly changed = new Set<Variable>();
  /** Where the key and the counter of each random stream are that the calls draw from. */
  readonly streams: Pointer[] = [];
  /** Why the calls cannot be made again. */
  failure: string | undefined;
  readonly #library: KernelLibrary;
  readonly #pool: StoragePool;
  readonly #known = new Set<Pointer>();
  readonly #constants: Storage[] = [];
  readonly #argumentBlocks: { readonly pointer: Pointer; readonly bytes: number }[] = [];
  #calls: RecordedCalls | undefined;
  /** Number of the first data that is made while calls are recorded. */
  #firstData = 0;
  #isDissolved = false;

  /** @param revoke - see {@link Reserve.revoke} */
  constructor(library: KernelLibrary, pool: StoragePool, revoke: () => boolean) {
    this.#library = library;
    this.#pool = pool;
    this.reserve = new Reserve(revoke, () => {
      this.fail('there is too little memory');
      this.#giveBlocks();
    });
    this.arguments = new ArgumentMemory(library, (bytes) => this.#takeBlock(bytes), true);
    this.library = this.#recordingLibrary();
  }

  /** Says why the calls cannot be made again; the first reason counts. */
  fail(reason: string): void {
    this.failure ??= reason;
  }

  /** Notes further calls. @param firstData - number of the first data that is made meanwhile */
  begin(calls: RecordedCalls, firstData: number): void {
    this.#calls = calls;
    this.#firstData = firstData;
  }

  /** Lets calls use memory that is not the recording's. */
  admit(storage: Storage): void {
    this.#known.add(storage.pointer);
  }

  /** True for memory of the recording. */
  holds(storage: Storage): boolean {
    return this.#pool.isFrom(this.reserve, storage.pointer);
  }

  /** Notes that a call uses memory. */
  use(storage: Storage): void {
    if (!this.#known.has(storage.pointer) && !this.holds(storage)) this.fail('it uses a tensor of elsewhere');
  }

  /** Keeps what JavaScript puts into memory: the elements of the data of a number. */
  keepConstant(storage: Storage, data: number): void {
    if (data < this.#firstData) this.fail('it uses a tensor of elsewhere');
    this.#constants.push(storage.share());
  }

  /** Gives the memory back. */
  dissolve(): void {
    if (this.#isDissolved) return;
    this.#isDissolved = true;
    for (const storage of this.#constants) storage.release();
    this.#giveBlocks();
    this.#pool.dissolve(this.reserve);
  }

  #takeBlock(bytes: number): Pointer {
    const pointer = this.#pool.take(bytes);
    this.#argumentBlocks.push({ pointer, bytes });
    return pointer;
  }

  #giveBlocks(): void {
    for (const { pointer, bytes } of this.#argumentBlocks.splice(0)) this.#pool.give(pointer, bytes);
  }

  #recordingLibrary(): KernelLibrary {
    const library = this.#library;
    const kernels = Object.fromEntries(
      Object.entries(library.kernels).map(([name, kernel]) => {
        const record = (...numbers: number[]) => {
          this.#calls?.list.push({ name: name as keyof Kernels, numbers });
          (kernel as (...numbers: number[]) => void)(...numbers);
        };
        return [name, record];
      }),
    ) as unknown as Kernels;
    const look = () => {
      this.fail('it looks at the elements of tensors');
    };
    return {
      kernels,
      instructionSet: library.instructionSet,
      threads: library.threads,
      get generation() {
        return library.generation;
      },
      owns: (values) => library.owns(values),
      extend: (bytes) => library.extend(bytes),
      finish: () => {
        look();
        library.finish();
      },
      float32: (pointer, length, wait = true) => {
        if (wait) look();
        return library.float32(pointer, length, wait);
      },
      int32: (pointer, length, wait = true) => {
        if (wait) look();
        return library.int32(pointer, length, wait);
      },
    };
  }
}
