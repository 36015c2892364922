/**
 * Data sets.
 *
 * @module
 */
import { NotPreparedError, OutOfRangeError } from '../common/errors.js';
import { checkInteger } from '../common/options.js';
import type { Portable, WorkerCopy } from './portable.js';

/**
 * Samples by index.
 *
 * A sample is an array of fields (`[image, label]`): arrays, numbers, texts, or nestings of them. A subclass gives
 * `length` and `getItem`; files are loaded in `prepare`, which loaders and `Model` await by themselves.
 *
 * @typeParam Sample - what `getItem` gives
 */
export abstract class Dataset<Sample = unknown> {
  /** Number of samples. */
  abstract get length(): number;

  /** The sample at an index, 0 to length - 1; it may come as a promise. */
  abstract getItem(index: number): Sample | Promise<Sample>;

  /** Loads what the samples need. Calling it again does nothing. */
  prepare(): Promise<void> {
    return Promise.resolve();
  }
}

/** The sample that a data set gives. */
export type SampleOf<D> = D extends Dataset<infer Sample> ? Sample : never;

/** Throws unless `index` is one of `length` samples. */
export function checkIndex(index: number, length: number): number {
  checkInteger('index', index);
  if (index < 0 || index >= length) {
    throw new OutOfRangeError(`index must lie between 0 and ${length - 1}, got ${index}`);
  }
  return index;
}

/** The data of a data set that loads in `prepare`, or an error that says so. */
export function prepared<T>(dataset: object, data: T | undefined): T {
  if (data !== undefined) return data;
  throw new NotPreparedError(
    `${dataset.constructor.name} is not loaded yet; call await dataset.prepare() before its length or samples are used`,
  );
}

/** Some samples of a data set, in a given order; an index may occur several times. */
export class Subset<Sample> extends Dataset<Sample> implements Portable {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  readonly #dataset: Dataset<Sample>;
  readonly #indices: readonly number[];

  constructor(dataset: Dataset<Sample>, indices: readonly number[]) {
    super();
    indices.forEach((index, position) => checkInteger(`indices[${position}]`, index, 0));
    this.#dataset = dataset;
    this.#indices = indices;
  }

  get length(): number {
    return this.#indices.length;
  }

  getItem(index: number): Sample | Promise<Sample> {
    return this.#dataset.getItem(this.#indices[checkIndex(index, this.length)] ?? 0);
  }

  override prepare(): Promise<void> {
    return this.#dataset.prepare();
  }

  /** The data set and the indices. */
  toWorker(): WorkerCopy {
    return { args: [this.#dataset, this.#indices] };
  }
}
