import { InvalidArgumentError, OutOfRangeError } from '../common/errors.js';
import { checkIndex, Dataset } from './dataset.js';
import { IterableDataset } from './iterable-dataset.js';
import type { Portable, WorkerCopy } from './portable.js';

/** The samples of several data sets, one after the other. */
export class ConcatDataset<Sample> extends Dataset<Sample> implements Portable {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  readonly #datasets: readonly Dataset<Sample>[];

  constructor(datasets: readonly Dataset<Sample>[]) {
    super();
    if (datasets.length === 0) throw new InvalidArgumentError('datasets must hold at least one data set');
    datasets.forEach((dataset, index) => {
      if (!(dataset instanceof IterableDataset)) return;
      throw new InvalidArgumentError(
        `datasets[${index}] must be a Dataset with samples by index; ChainDataset takes an IterableDataset`,
      );
    });
    this.#datasets = datasets;
  }

  get length(): number {
    return this.#datasets.reduce((sum, dataset) => sum + dataset.length, 0);
  }

  /**
   * The sample at an index.
   *
   * @param index - counted from the end when negative
   */
  getItem(index: number): Sample | Promise<Sample> {
    let rest = checkIndex(index < 0 ? index + this.length : index, this.length);
    for (const dataset of this.#datasets) {
      if (rest < dataset.length) return dataset.getItem(rest);
      rest -= dataset.length;
    }
    throw new OutOfRangeError(`index must lie between 0 and ${this.length - 1}, got ${index}`);
  }

  override async prepare(): Promise<void> {
    for (const dataset of this.#datasets) await dataset.prepare();
  }

  /** The data sets. */
  toWorker(): WorkerCopy {
    return { args: [this.#datasets] };
  }
}
