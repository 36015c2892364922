import { InvalidArgumentError } from '../common/errors.js';
import { describeValue } from '../common/options.js';
import { checkIndex, Dataset } from './dataset.js';
import { IterableDataset } from './iterable-dataset.js';
import type { Portable, WorkerCopy } from './portable.js';

/** The fields of samples one after the other; a sample that is no list is one field. */
export type JoinedFields<Samples extends readonly unknown[]> = Samples extends readonly [infer First, ...infer Rest]
  ? [...(First extends readonly unknown[] ? First : [First]), ...JoinedFields<Rest>]
  : [];

/** Data sets of the given samples. */
export type DatasetsOf<Samples extends readonly unknown[]> = {
  readonly [Key in keyof Samples]: Dataset<Samples[Key]>;
};

const fieldsOf = (sample: unknown): readonly unknown[] => (Array.isArray(sample) ? sample : [sample]);

/**
 * Samples with the fields of several data sets of equal length: `[image, label]` and `[depth]` give `[image, label, depth]`.
 *
 * @typeParam Samples - the samples of each data set
 */
export class ComposeDataset<Samples extends readonly unknown[]>
  extends Dataset<JoinedFields<Samples>>
  implements Portable
{
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  readonly #datasets: readonly Dataset[];

  /** @param datasets - their lengths are compared when one is first needed */
  constructor(datasets: DatasetsOf<Samples>) {
    super();
    if (!Array.isArray(datasets) || datasets.length === 0) {
      throw new InvalidArgumentError(`datasets must hold at least one data set, got ${describeValue(datasets)}`);
    }
    this.#datasets = datasets as readonly Dataset[];
    this.#datasets.forEach((dataset, index) => {
      if (typeof dataset.getItem === 'function' && !(dataset instanceof IterableDataset)) return;
      throw new InvalidArgumentError(
        `datasets[${index}] must be a Dataset with samples by index, got ${describeValue(dataset)}`,
      );
    });
  }

  get length(): number {
    const [first = 0, ...others] = this.#datasets.map(({ length }) => length);
    if (others.every((length) => length === first)) return first;
    throw new InvalidArgumentError(`datasets must be equally long, got ${[first, ...others].join(' and ')} samples`);
  }

  getItem(index: number): JoinedFields<Samples> | Promise<JoinedFields<Samples>> {
    checkIndex(index, this.length);
    const samples = this.#datasets.map((dataset) => dataset.getItem(index));
    if (!samples.some((sample) => sample instanceof Promise)) return samples.flatMap(fieldsOf) as JoinedFields<Samples>;
    return Promise.all(samples).then((settled) => settled.flatMap(fieldsOf) as JoinedFields<Samples>);
  }

  override async prepare(): Promise<void> {
    for (const dataset of this.#datasets) await dataset.prepare();
  }

  /** The data sets. */
  toWorker(): WorkerCopy {
    return { args: [this.#datasets] };
  }
}
