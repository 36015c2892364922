/**
 * Batches of a data set.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { InvalidArgumentError } from '../common/errors.js';
import { NdArray } from '../common/ndarray.js';
import { checkBoolean, checkFunction, checkInteger, checkOptions, describeValue } from '../common/options.js';
import { warn } from '../common/warn.js';
import { toTensor } from '../tensor/creation.js';
import { defaultCollate, type Collated } from './collate.js';
import type { Dataset } from './dataset.js';
import { BatchSampler, isResumable, SequenceSampler, type OrderState, type Resumable, type Sized } from './sampler.js';

/** Options of {@link DataLoader}. */
export interface DataLoaderOptions<Sample = unknown, Batch = unknown> {
  /** Batches of indices; excludes `batchSize`, `shuffle` and `dropLast`. @defaultValue null */
  readonly batchSampler?: (Iterable<number[]> & Sized) | null;
  /** Number of samples in a batch; null gives single samples. @defaultValue 1 */
  readonly batchSize?: number | null;
  /** Use the samples in random order, another one in each pass. @defaultValue false */
  readonly shuffle?: boolean;
  /** Leave the last batch out when it is not full. @defaultValue false */
  readonly dropLast?: boolean;
  /** Puts the samples of a batch together. @defaultValue {@link defaultCollate} */
  readonly collateFn?: ((samples: Sample[]) => Batch) | null;
  /** Worker threads that load samples. Samples are loaded on the main thread whatever it says. @defaultValue 0 */
  readonly numWorkers?: number;
  /** Number of batches that are loaded ahead. @defaultValue 2 */
  readonly prefetchFactor?: number;
}

const optionNames = ['batchSampler', 'batchSize', 'shuffle', 'dropLast', 'collateFn', 'numWorkers', 'prefetchFactor'];

let warnedAboutWorkers = false;

/** True when there is nothing to wait for. */
function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/**
 * Gives the batches of a data set; each `for await` is a pass over it.
 *
 * Fields become tensors, which belong to whoever gets the batch: the loader never frees one. The data set is prepared when
 * it is first needed.
 *
 * @example
 * ```ts
 * const loader = new DataLoader(new MNIST({ transform: new ToTensor() }), { batchSize: 64, shuffle: true });
 * for await (const [image, label] of loader) train(image, label);
 * ```
 */
export class DataLoader<Sample, Batch = Collated<Sample>> implements AsyncIterable<Batch>, Resumable {
  /** The data set. */
  readonly dataset: Dataset<Sample>;
  readonly #batches: Iterable<number[]> & Sized;
  readonly #collate: (samples: Sample[]) => Batch;
  readonly #ahead: number;

  constructor(dataset: Dataset<Sample>, options: DataLoaderOptions<Sample, Batch> = {}) {
    checkOptions('DataLoader', options, optionNames);
    if (typeof (dataset as { getItem?: unknown } | null)?.getItem !== 'function') {
      throw new InvalidArgumentError(`dataset must be a Dataset, got ${describeValue(dataset)}`);
    }
    this.dataset = dataset;
    this.#batches = batchesOf(dataset, options);
    const single = options.batchSize === null;
    const standard = single
      ? ([sample]: Sample[]) => unbatched(sample) as Batch
      : (samples: Sample[]) => defaultCollate(samples) as unknown as Batch;
    this.#collate = options.collateFn ? checkFunction('collateFn', options.collateFn) : standard;
    this.#ahead = checkInteger('prefetchFactor', options.prefetchFactor ?? 2, 1);
    if (checkInteger('numWorkers', options.numWorkers ?? 0, 0) > 0 && !warnedAboutWorkers) {
      warnedAboutWorkers = true;
      warn('numWorkers is not used: samples are loaded on the main thread');
    }
  }

  /** Loads the data set, so that its length is known. */
  prepare(): Promise<void> {
    return this.dataset.prepare();
  }

  /** Number of batches. */
  get length(): number {
    return this.#batches.length;
  }

  /** What the next pass depends on, beside the seed: a loader of the same data with this state gives the same batches. */
  stateDict(): OrderState {
    return isResumable(this.#batches) ? this.#batches.stateDict() : {};
  }

  /** Goes on where another loader of the same data stood. */
  setStateDict(state: OrderState): void {
    if (isResumable(this.#batches)) this.#batches.setStateDict(state);
  }

  /** A pass over the batches. */
  [Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    return this.pass();
  }

  /**
   * A pass over the batches.
   *
   * @param skip - number of batches at the beginning that are left out without being loaded; the others are the same
   */
  async *pass(skip = 0): AsyncGenerator<Batch, void, undefined> {
    checkInteger('skip', skip, 0);
    await this.prepare();
    const order = this.#batches[Symbol.iterator]();
    for (let batch = 0; batch < skip; batch++) order.next();
    const loading: Promise<Sample[]>[] = [];
    for (;;) {
      while (loading.length < this.#ahead) {
        const batch = order.next();
        if (batch.done) break;
        const samples = this.#load(batch.value);
        // A failure surfaces when its batch is due.
        samples.catch(() => undefined);
        loading.push(samples);
      }
      const next = loading.shift();
      if (next === undefined) return;
      const samples = await next;
      // Timers and the finalisers of tensors run between batches.
      await setImmediate();
      yield this.#collate(samples);
    }
  }

  async #load(indices: readonly number[]): Promise<Sample[]> {
    const samples: Sample[] = [];
    for (const index of indices) {
      try {
        const sample = this.dataset.getItem(index);
        samples.push(isPromise(sample) ? await sample : sample);
      } catch (error) {
        throw withIndex(error, index);
      }
    }
    return samples;
  }
}

/** Notes in an error which sample it came from. */
function withIndex(error: unknown, index: number): unknown {
  if (error instanceof Error) error.message = `sample ${index}: ${error.message}`;
  return error;
}

/** A sample by itself: arrays become tensors, everything else stays. */
function unbatched(sample: unknown): unknown {
  if (Array.isArray(sample)) return sample.map(unbatched);
  return sample instanceof NdArray ? toTensor(sample) : sample;
}

function batchesOf(dataset: Sized, options: DataLoaderOptions<never>): Iterable<number[]> & Sized {
  const { batchSampler, batchSize = 1, shuffle = false, dropLast = false } = options;
  checkBoolean('shuffle', shuffle);
  checkBoolean('dropLast', dropLast);
  if (batchSampler != null) {
    if (batchSize !== 1 || shuffle || dropLast) {
      throw new InvalidArgumentError('batchSampler excludes batchSize, shuffle and dropLast');
    }
    return batchSampler;
  }
  if (batchSize === null) return new BatchSampler({ sampler: new SequenceSampler(dataset), batchSize: 1 });
  return new BatchSampler({ dataset, batchSize, shuffle, dropLast });
}
