/** Data sets that tests give to workers, which import this module. */
import { NdArray } from '../../../src/common/ndarray.js';
import { nextStream } from '../../../src/common/random.js';
import { Dataset } from '../../../src/io/dataset.js';
import { IterableDataset } from '../../../src/io/iterable-dataset.js';
import { getWorkerInfo } from '../../../src/io/worker-info.js';

const moduleUrl = import.meta.url;

/** Sample i is an array of i and two random numbers, and the label i. */
export class Noisy extends Dataset<[NdArray<'float32'>, number]> {
  static readonly moduleUrl = moduleUrl;

  constructor(readonly length: number) {
    super();
  }

  getItem(index: number): [NdArray<'float32'>, number] {
    const draw = () => nextStream('augmentation').uniform();
    return [new NdArray(Float32Array.of(index, draw(), draw()), [3]), index];
  }
}

/** The same, with samples that come later, the first ones last. */
export class NoisyLater extends Dataset<[NdArray<'float32'>, number]> {
  static readonly moduleUrl = moduleUrl;

  constructor(readonly length: number) {
    super();
  }

  async getItem(index: number): Promise<[NdArray<'float32'>, number]> {
    await new Promise((resolve) => setTimeout(resolve, (7 * index) % 5));
    return new Noisy(this.length).getItem(index);
  }
}

/** What can go wrong with a sample. */
export type Trouble = 'throws' | 'exits' | 'hangs' | 'ends the stream';

/** Sample `at` makes trouble; the others are their index. */
export class Troublesome extends Dataset<[number]> {
  static readonly moduleUrl = moduleUrl;

  constructor(
    readonly length: number,
    readonly at: number,
    readonly trouble: Trouble,
  ) {
    super();
  }

  getItem(index: number): [number] {
    if (index === this.at) makeTrouble(this.trouble);
    return [index];
  }
}

function makeTrouble(trouble: Trouble): void {
  if (trouble === 'exits') process.exit(3);
  while (trouble === 'hangs');
  throw Object.assign(new RangeError('no such picture'), { code: 'NO_PICTURE' });
}

/** Numbers up to a limit, divided between the workers on demand. */
export class Counting extends IterableDataset<[number, number]> {
  static readonly moduleUrl = moduleUrl;

  constructor(
    readonly limit: number,
    readonly divided: boolean,
  ) {
    super();
  }

  *iterate(): Generator<[number, number]> {
    const { id, numWorkers } = (this.divided ? getWorkerInfo() : null) ?? { id: 0, numWorkers: 1 };
    for (let i = id; i < this.limit; i += numWorkers) yield [i, nextStream('augmentation').uniform()];
  }
}

/** Numbers that come late, with how often the data set was begun; the first time it may fail at one of them. */
export class Restarting extends IterableDataset<[number, number]> {
  static readonly moduleUrl = moduleUrl;
  begun = 0;

  constructor(
    readonly limit: number,
    readonly failsAt = -1,
  ) {
    super();
  }

  async *iterate(): AsyncGenerator<[number, number]> {
    const begun = ++this.begun;
    for (let i = 0; i < this.limit; i++) {
      await new Promise((resolve) => setTimeout(resolve, (7 * i) % 5));
      if (begun === 1 && i === this.failsAt) makeTrouble('throws');
      yield [i, begun];
    }
  }
}

/** Sample i tells who read it: the worker's number, their number, the data set's `start`, and what `startAt` made of it. */
export class Telling extends Dataset<[number, number, number]> {
  static readonly moduleUrl = moduleUrl;
  start = 0;

  constructor(readonly length: number) {
    super();
  }

  getItem(): [number, number, number] {
    const info = getWorkerInfo();
    return [info?.id ?? -1, info?.numWorkers ?? -1, this.start];
  }
}

/** Makes `start` of the worker's data set 100 more than its number. */
export function startAt(id: number): void {
  (getWorkerInfo()?.dataset as Telling).start = 100 + id;
}
startAt.moduleUrl = moduleUrl;

/** The labels of a batch, and their sum as an array. */
export function sumLabels(samples: [NdArray<'float32'>, number][]): { labels: number[]; sum: NdArray } {
  const labels = samples.map(([, label]) => label);
  const sum = labels.reduce((total, label) => total + label, 0);
  return { labels, sum: new NdArray(Int32Array.of(sum), [1]) };
}
sumLabels.moduleUrl = moduleUrl;

/** Sample i is an image [1, 64, 64] of random numbers, and a label 0 or 1. */
export class Images extends Dataset<[NdArray<'float32'>, number]> {
  static readonly moduleUrl = moduleUrl;

  constructor(readonly length: number) {
    super();
  }

  getItem(index: number): [NdArray<'float32'>, number] {
    return [new NdArray(nextStream('augmentation').fillUniform(new Float32Array(4096)), [1, 64, 64]), index % 2];
  }
}
