/**
 * Batches of a data set.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  describeValue,
} from '../common/options.js';
import { nextStream } from '../common/random.js';
import { batchOrders } from './batch-orders.js';
import { defaultCollate, toTensors, type Collated } from './collate.js';
import type { Dataset } from './dataset.js';
import { IterableDataset } from './iterable-dataset.js';
import { readHere, readInWorkers, streamHere, streamInWorkers } from './passes.js';
import { collateBatch } from './sample-reader.js';
import {
  BatchSampler,
  isResumable,
  SequenceSampler,
  setSamplerEpoch,
  type OrderState,
  type Resumable,
  type Sized,
} from './sampler.js';
import type { StreamPass } from './worker-messages.js';
import { planWorkers } from './worker-plan.js';
import { WorkerPool } from './worker-pool.js';

/** Options of {@link DataLoader}. */
export interface DataLoaderOptions<Sample = unknown, Batch = unknown> {
  /** Batches of indices; excludes `batchSize`, `shuffle` and `dropLast`. @defaultValue null */
  readonly batchSampler?: (Iterable<number[]> & Sized) | null;
  /** Number of samples in a batch; null gives single samples. @defaultValue 1 */
  readonly batchSize?: number | null;
  /** Use the samples in random order, another one in each pass. @defaultValue false */
  readonly shuffle?: boolean;
  /** Leave the last batch out when it is not full; with an iterable data set that of each worker. @defaultValue false */
  readonly dropLast?: boolean;
  /**
   * Puts the samples of a batch together. Random numbers that it draws follow from the pass and the batch's number. In
   * workers it has to be exported and to have a property `moduleUrl`.
   * @defaultValue {@link defaultCollate}
   */
  readonly collateFn?: ((samples: Sample[]) => Batch) | null;
  /** Worker threads that load samples; 0 loads them on the main thread. @defaultValue 0 */
  readonly numWorkers?: number;
  /** Number of batches that are loaded ahead, by each worker. @defaultValue 2 */
  readonly prefetchFactor?: number;
  /** Seconds that a batch of a worker is waited for, not counting the worker's start; 0 waits for ever. @defaultValue 0 */
  readonly timeout?: number;
  /**
   * Called in each worker with its number before it loads anything. It has to be exported and to have a property
   * `moduleUrl`. @defaultValue null
   */
  readonly workerInitFn?: ((id: number) => unknown) | null;
  /** Keep the workers from one pass to the next; `close` ends them. @defaultValue false */
  readonly persistentWorkers?: boolean;
}

const optionNames = [
  'batchSampler',
  'batchSize',
  'shuffle',
  'dropLast',
  'collateFn',
  'numWorkers',
  'prefetchFactor',
  'timeout',
  'workerInitFn',
  'persistentWorkers',
];

/** Ends the workers of loaders that nobody has any more. */
const abandonedPools = new FinalizationRegistry<WorkerPool>((pool) => {
  pool.close().catch(() => undefined);
});

/**
 * Gives the batches of a data set; each `for await` is a pass over it.
 *
 * Fields become tensors, which belong to whoever gets the batch: the loader never frees one. The data set is prepared when
 * it is first needed.
 *
 * Batches, their order and the random numbers of transforms are the same for any number of workers. Leaving a pass early
 * ends its workers, unless they are persistent.
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
  readonly #indices: (Iterable<number[]> & Sized) | null;
  readonly #collateFn: ((samples: Sample[]) => Batch) | null;
  readonly #batchSize: number | null;
  readonly #dropLast: boolean;
  readonly #ahead: number;
  readonly #numWorkers: number;
  readonly #timeout: number;
  readonly #workerInitFn: ((id: number) => unknown) | null;
  readonly #persistentWorkers: boolean;
  #number = nextStream('augmentation').uint32();
  #pool: WorkerPool | undefined;
  #epoch = 0;

  constructor(dataset: Dataset<Sample>, options: DataLoaderOptions<Sample, Batch> = {}) {
    checkOptions('DataLoader', options, optionNames);
    if (typeof (dataset as { getItem?: unknown } | null)?.getItem !== 'function') {
      throw new InvalidArgumentError(`dataset must be a Dataset, got ${describeValue(dataset)}`);
    }
    this.dataset = dataset;
    this.#indices = dataset instanceof IterableDataset ? noIndices(options) : batchesOf(dataset, options);
    this.#batchSize = options.batchSize === null ? null : checkInteger('batchSize', options.batchSize ?? 1, 1);
    this.#dropLast = options.dropLast ?? false;
    this.#collateFn = options.collateFn ? checkFunction('collateFn', options.collateFn) : null;
    this.#ahead = checkInteger('prefetchFactor', options.prefetchFactor ?? 2, 1);
    this.#numWorkers = checkInteger('numWorkers', options.numWorkers ?? 0, 0);
    this.#timeout = checkNumber('timeout', options.timeout ?? 0, 0);
    this.#workerInitFn = options.workerInitFn ? checkFunction('workerInitFn', options.workerInitFn) : null;
    this.#persistentWorkers = checkBoolean('persistentWorkers', options.persistentWorkers ?? false);
  }

  /** Loads the data set, so that its length is known. */
  prepare(): Promise<void> {
    return this.dataset.prepare();
  }

  /**
   * Number of batches.
   *
   * @throws `InvalidArgumentError` for an iterable data set
   */
  get length(): number {
    return this.#indices?.length ?? this.dataset.length;
  }

  /** Sets the number of the next pass, on which order and random numbers depend. The first pass is number 0. */
  setEpoch(epoch: number): void {
    this.#epoch = checkInteger('epoch', epoch, 0);
    if (this.#indices !== null) setSamplerEpoch(this.#indices, epoch);
  }

  /** What the next pass depends on, beside the seed: a loader of the same data with this state gives the same batches. */
  stateDict(): OrderState {
    const order = isResumable(this.#indices) ? this.#indices.stateDict() : {};
    return { number: this.#number, epoch: this.#epoch, order };
  }

  /** Goes on where another loader of the same data stood. */
  setStateDict(state: OrderState): void {
    const number = checkInteger('state.number', state.number, 0);
    this.#epoch = checkInteger('state.epoch', state.epoch, 0);
    this.#number = number;
    if (isResumable(this.#indices)) this.#indices.setStateDict((state.order ?? {}) as OrderState);
  }

  /** A pass over the batches. */
  [Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    return this.pass();
  }

  /**
   * A pass over the batches.
   *
   * @param skip - number of batches at the beginning that are left out; the others are the same. Only an iterable data set
   *   loads them.
   */
  async *pass(skip = 0): AsyncGenerator<Batch, void, undefined> {
    checkInteger('skip', skip, 0);
    await this.prepare();
    const streams = `${this.#number}/${this.#epoch++}`;
    const pool = this.#startWorkers();
    try {
      yield* pool ? this.#fromWorkers(pool, streams, skip) : this.#fromHere(streams, skip);
    } finally {
      if (pool && (!this.#persistentWorkers || pool.isBroken)) await pool.close();
    }
  }

  /** Ends the workers that were kept for the next pass. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    if (pool === undefined) return;
    abandonedPools.unregister(this);
    await pool.close();
  }

  async *#fromHere(streams: string, skip: number): AsyncGenerator<Batch, void, undefined> {
    const passed =
      this.#indices === null
        ? streamHere(this.dataset as IterableDataset<Sample>, this.#streamPass(streams), skip)
        : readHere(this.dataset, batchOrders(this.#indices, streams, skip), this.#ahead);
    const collate = (samples: Sample[]) => this.#collate(samples);
    const name = this.#indices === null ? `${streams}/0` : streams;
    let number = skip;
    for await (const samples of passed) yield collateBatch(collate, samples, name, number++);
  }

  #fromWorkers(pool: WorkerPool, streams: string, skip: number): AsyncGenerator<Batch, void, undefined> {
    const passed =
      this.#indices === null
        ? streamInWorkers(pool, this.#streamPass(streams), this.#ahead, skip)
        : readInWorkers(pool, batchOrders(this.#indices, streams, skip), this.#ahead, skip);
    return passed as AsyncGenerator<Batch, void, undefined>;
  }

  #streamPass(streams: string): StreamPass {
    return { streams, count: this.#batchSize ?? 1, dropLast: this.#dropLast };
  }

  #collate(samples: Sample[]): Batch {
    if (this.#collateFn) return this.#collateFn(samples);
    return (this.#batchSize === null ? toTensors(samples[0]) : defaultCollate(samples)) as Batch;
  }

  /** The workers of a pass; undefined when it is loaded on the main thread. */
  #startWorkers(): WorkerPool | undefined {
    if (this.#numWorkers === 0) return undefined;
    if (this.#pool && !this.#pool.isBroken) return this.#pool;
    const form = this.#collateFn ? 'custom' : this.#batchSize === null ? 'single' : 'stacked';
    const job = { dataset: this.dataset, collateFn: this.#collateFn, workerInitFn: this.#workerInitFn, form } as const;
    const setups = planWorkers(job, this.#numWorkers);
    if (setups === undefined) return undefined;
    const pool = new WorkerPool(setups, this.#ahead, 1000 * this.#timeout);
    if (this.#persistentWorkers) {
      this.#pool = pool;
      abandonedPools.register(this, pool, this);
    }
    return pool;
  }
}

function noIndices({ batchSampler, shuffle }: DataLoaderOptions<never>): null {
  if (batchSampler != null) throw new InvalidArgumentError('batchSampler is not possible with an IterableDataset');
  if (shuffle) throw new InvalidArgumentError('shuffle is not possible with an IterableDataset');
  return null;
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
