/**
 * Data sets that are read from front to back.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { Dataset } from './dataset.js';
import type { Portable, WorkerCopy } from './portable.js';

/**
 * Samples one after the other, such as lines of a stream. A subclass gives `iterate`, best as a generator.
 *
 * In data workers each has a copy of the data set and goes through all of it, so samples come once per worker unless
 * `iterate` divides them by {@link getWorkerInfo}.
 *
 * @typeParam Sample - what the data set gives
 * @example
 * ```ts
 * class Lines extends IterableDataset<[string]> {
 *   static readonly moduleUrl = import.meta.url;
 *   *iterate() {
 *     const { id, numWorkers } = getWorkerInfo() ?? { id: 0, numWorkers: 1 };
 *     for (let line = id; line < 100; line += numWorkers) yield [`line ${line}`];
 *   }
 * }
 * ```
 */
export abstract class IterableDataset<Sample = unknown> extends Dataset<Sample> {
  /** A pass over the samples. */
  abstract iterate(): Iterable<Sample> | AsyncIterable<Sample>;

  /** Not known. @throws `InvalidArgumentError` */
  override get length(): number {
    throw new InvalidArgumentError(`${this.constructor.name} is an IterableDataset and has no length`);
  }

  /** Not possible. @throws `InvalidArgumentError` */
  override getItem(_index: number): Sample {
    throw new InvalidArgumentError(`${this.constructor.name} is an IterableDataset and has no samples by index`);
  }
}

/** The samples of several iterable data sets, one data set after the other. */
export class ChainDataset<Sample> extends IterableDataset<Sample> implements Portable {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  readonly #datasets: readonly IterableDataset<Sample>[];

  constructor(datasets: readonly IterableDataset<Sample>[]) {
    super();
    if (datasets.length === 0) throw new InvalidArgumentError('datasets must hold at least one data set');
    datasets.forEach((dataset, index) => {
      if (dataset instanceof IterableDataset) return;
      throw new InvalidArgumentError(`datasets[${index}] must be an IterableDataset; ConcatDataset takes the others`);
    });
    this.#datasets = datasets;
  }

  /** A pass over the samples. */
  async *iterate(): AsyncGenerator<Sample, void, undefined> {
    for (const dataset of this.#datasets) yield* dataset.iterate();
  }

  override async prepare(): Promise<void> {
    for (const dataset of this.#datasets) await dataset.prepare();
  }

  /** The data sets. */
  toWorker(): WorkerCopy {
    return { args: [this.#datasets] };
  }
}
