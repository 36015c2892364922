import assert from 'node:assert/strict';
import '../support/setup.js';
import { seed } from '../../src/common/random.js';
import {
  ChainDataset,
  ComposeDataset,
  ConcatDataset,
  DataLoader,
  Dataset,
  getWorkerInfo,
  IterableDataset,
  randomSplit,
  Subset,
} from '../../src/io/index.js';
import { captureWarnings } from '../support/warnings.js';
import { batchesOf } from './support/contents.js';

/** Sample i is `start + i`. */
class Numbers extends Dataset<number> {
  prepared = false;
  constructor(
    readonly length: number,
    readonly start = 0,
  ) {
    super();
  }
  getItem(index: number): number | Promise<number> {
    return this.start + index;
  }
  override prepare(): Promise<void> {
    this.prepared = true;
    return Promise.resolve();
  }
}

/** The numbers from 1 to `last`; the iterator counts how often it was closed. */
class Stream extends IterableDataset<number> {
  closed = 0;
  constructor(readonly last: number) {
    super();
  }
  *iterate(): Generator<number> {
    try {
      for (let i = 1; i <= this.last; i++) yield i;
    } finally {
      this.closed++;
    }
  }
}

/** A stream that breaks off after its first number. */
class BrokenStream extends Stream {
  override *iterate(): Generator<number> {
    yield 1;
    throw new TypeError(`no more than ${this.last}`);
  }
}

const numbersOf = async (batches: AsyncIterable<unknown>) =>
  (await batchesOf(batches)).map((batch) => (batch as { data: number[] }).data);
const itemsOf = async <Sample>(dataset: Dataset<Sample>) =>
  Promise.all(Array.from({ length: dataset.length }, (_, index) => dataset.getItem(index)));

describe('IterableDataset', () => {
  it('is read in batches, from its beginning in each pass', async () => {
    const loader = new DataLoader(new Stream(5), { batchSize: 2 });
    for (let pass = 0; pass < 2; pass++) assert.deepEqual(await numbersOf(loader), [[1, 2], [3, 4], [5]]);
    assert.deepEqual(await numbersOf(loader.pass(1)), [[3, 4], [5]]);
  });

  it('gives single samples without a batch size', async () => {
    const all: unknown[] = [];
    for await (const sample of new DataLoader(new Stream(3), { batchSize: null })) all.push(sample);
    assert.deepEqual(all, [1, 2, 3]);
  });

  it('is closed when a pass is left', async () => {
    const dataset = new Stream(50);
    for await (const batch of new DataLoader(dataset)) {
      assert.ok(batch);
      break;
    }
    assert.equal(dataset.closed, 1);
  });

  it('names the sample of an error', async () => {
    await assert.rejects(
      batchesOf(new DataLoader(new BrokenStream(1))),
      /^TypeError: sample 1 of the pass: no more than 1/,
    );
  });

  it('has no length, no samples by index and no other order', () => {
    const dataset = new Stream(3);
    assert.throws(() => dataset.length, /Stream is an IterableDataset and has no length/);
    assert.throws(() => dataset.getItem(0), /no samples by index/);
    assert.throws(() => new DataLoader(dataset).length, /has no length/);
    assert.throws(() => new DataLoader(dataset, { shuffle: true }), /shuffle is not possible with an IterableDataset/);
    assert.throws(() => new DataLoader(dataset, { batchSampler: [[0]] }), /batchSampler is not possible/);
  });

  it('has no worker on the main thread', () => assert.equal(getWorkerInfo(), null));
});

describe('ChainDataset', () => {
  it('gives one data set after the other', async () => {
    const chain = new ChainDataset([new Stream(2), new Stream(0), new Stream(1)]);
    assert.deepEqual(await numbersOf(new DataLoader(chain, { batchSize: 2 })), [[1, 2], [1]]);
  });

  it('refuses nothing, and data sets that are not iterable', () => {
    assert.throws(() => new ChainDataset([]), /at least one data set/);
    assert.throws(
      () => new ChainDataset([new Stream(1), new Numbers(1) as unknown as Stream]),
      /datasets\[1\] must be an IterableDataset/,
    );
  });
});

describe('ComposeDataset', () => {
  it('joins the fields of samples', async () => {
    class Pairs extends Numbers {
      override getItem(index: number): Promise<number> {
        return Promise.resolve([index, 'text'] as unknown as number);
      }
    }
    const here = new ComposeDataset([new Numbers(2), new Numbers(2, 10)]);
    assert.deepEqual(here.getItem(1), [1, 11]);
    const later = new ComposeDataset([new Numbers(2), new Pairs(2)]);
    assert.deepEqual(await later.getItem(1), [1, 1, 'text']);
    assert.equal(later.length, 2);
    assert.throws(() => later.getItem(2), { code: 'OUT_OF_RANGE' });
  });

  it('prepares all, and compares their lengths', async () => {
    const parts = [new Numbers(2), new Numbers(3)] as const;
    const dataset = new ComposeDataset(parts);
    await dataset.prepare();
    assert.ok(parts.every(({ prepared }) => prepared));
    assert.throws(() => dataset.length, /datasets must be equally long, got 2 and 3 samples/);
    assert.throws(() => new ComposeDataset([]), /at least one data set/);
    assert.throws(() => new ComposeDataset([new Stream(1)]), /datasets\[0\] must be a Dataset with samples by index/);
  });
});

describe('ConcatDataset', () => {
  it('refuses iterable data sets', () => {
    assert.throws(() => new ConcatDataset([new Stream(1)]), /datasets\[0\] must be a Dataset with samples by index/);
  });
});

describe('randomSplit', () => {
  const lengths = (parts: readonly Subset<number>[]) => parts.map(({ length }) => length);

  it('divides by numbers, without an overlap, by the seed', async () => {
    const split = async () => {
      seed(8);
      return Promise.all(randomSplit(new Numbers(20), [12, 0, 8]).map((part) => itemsOf(part)));
    };
    const parts = await split();
    assert.deepEqual(
      parts.map(({ length }) => length),
      [12, 0, 8],
    );
    assert.deepEqual(
      parts.flat().sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
    );
    assert.notDeepEqual(
      parts.flat(),
      Array.from({ length: 20 }, (_, i) => i),
    );
    assert.deepEqual(await split(), parts);
  });

  it('divides by fractions, the rest to the first parts', async () => {
    assert.deepEqual(lengths(randomSplit(new Numbers(11), [0.5, 0.25, 0.25])), [6, 3, 2]);
    let parts: Subset<number>[] = [];
    const warnings = await captureWarnings(() => {
      parts = randomSplit(new Numbers(5), [0.3, 0, 0.7]);
    });
    assert.deepEqual(lengths(parts), [2, 0, 3]);
    assert.deepEqual(warnings, ['randomSplit: lengths[1] gives a part without samples']);
  });

  const refused: [string, number[], RegExp][] = [
    ['a wrong sum', [1, 4], /lengths must add up to 6, the number of samples, or to 1, got \[1, 4\]/],
    ['nothing', [], /lengths must add up to 6/],
    ['a negative fraction', [-0.2, 1.2], /lengths\[0\] must be a number between 0 and 1, got -0.2/],
    ['a negative number', [8, -2], /lengths\[1\] must be a non-negative integer, got -2/],
  ];
  for (const [what, parts, message] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => randomSplit(new Numbers(6), parts), message));
  }
});
