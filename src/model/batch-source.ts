/**
 * Where the batches of a run come from.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { describeValue } from '../common/options.js';
import { DataLoader, IterableDataset, type DataLoaderOptions, type Dataset, type OrderState } from '../io/index.js';
import { isResumable } from '../io/sampler.js';
import type { BatchField } from './fields.js';

/**
 * Data of a run: a data set, a `DataLoader`, or anything else that can be iterated over and over and gives batches, such
 * as an array of `[image, label]`. With a `length` it is the number of batches.
 */
export type BatchData = Dataset<unknown> | AsyncIterable<unknown> | Iterable<unknown>;

function isDataset(data: unknown): data is Dataset<unknown> {
  return typeof (data as { getItem?: unknown } | null)?.getItem === 'function';
}

function isIterable(data: unknown): data is AsyncIterable<unknown> | Iterable<unknown> {
  return data !== null && typeof data === 'object' && (Symbol.asyncIterator in data || Symbol.iterator in data);
}

/** Batches, how many there are, and who frees them. */
export class BatchSource {
  /** The batches; each iteration is a pass over the data. */
  readonly batches: AsyncIterable<unknown> | Iterable<unknown>;
  /** The loader of a data set. */
  readonly #own: DataLoader<unknown, unknown> | null = null;

  /**
   * @param name - name of the argument, for errors
   * @param options - how to load a data set; anything else loads itself
   */
  constructor(name: string, data: BatchData, options: DataLoaderOptions) {
    if (isDataset(data)) {
      // There is no other order than that of an iterable data set.
      this.#own = new DataLoader(data, data instanceof IterableDataset ? { ...options, shuffle: false } : options);
      this.batches = this.#own;
    } else if (isIterable(data)) {
      this.batches = data;
    } else {
      const expected = 'a Dataset, a DataLoader or an iterable of batches';
      throw new InvalidArgumentError(`${name} must be ${expected}, got ${describeValue(data)}`);
    }
  }

  /** Makes the data ready, so that its length is known. */
  async prepare(): Promise<void> {
    if (this.batches instanceof DataLoader) await this.batches.prepare();
  }

  /** Ends workers that were kept for further passes; those of a loader of the user stay. */
  async close(): Promise<void> {
    if (this.#own) await this.#own.close();
  }

  /** True when a loader makes the batches. */
  get isLoader(): boolean {
    return this.batches instanceof DataLoader;
  }

  /** Number of batches, or undefined when the data does not tell. */
  get length(): number | undefined {
    if (this.batches instanceof DataLoader && this.batches.dataset instanceof IterableDataset) return undefined;
    const { length } = this.batches as { length?: unknown };
    return typeof length === 'number' ? length : undefined;
  }

  /** What the next pass depends on; empty when the data does not tell. */
  get order(): OrderState {
    return isResumable(this.batches) ? this.batches.stateDict() : {};
  }

  /** Goes on from the order of an equal source. */
  set order(state: OrderState) {
    if (isResumable(this.batches) && Object.keys(state).length > 0) this.batches.setStateDict(state);
  }

  /**
   * A pass over the data.
   *
   * @param skip - number of batches at the beginning to leave out; a loader does not even load them
   */
  async *pass(skip = 0): AsyncGenerator<unknown, void, undefined> {
    if (this.batches instanceof DataLoader) {
      yield* this.batches.pass(skip);
      return;
    }
    let left = skip;
    for await (const batch of this.batches) {
      if (left-- > 0) continue;
      yield batch;
    }
  }

  /**
   * Frees a batch after its use. A loader makes the tensors of each batch anew and hands them to nobody but the run;
   * those of other iterables may be in use elsewhere.
   */
  release(fields: readonly BatchField[]): void {
    if (!this.isLoader) return;
    for (const field of fields) if (field instanceof tf.Tensor) field.dispose();
  }
}
