import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { NdArray } from '../../src/common/ndarray.js';
import { seed } from '../../src/common/random.js';
import {
  BatchSampler,
  ConcatDataset,
  DataLoader,
  Dataset,
  defaultCollate,
  RandomSampler,
  SequenceSampler,
  Subset,
  TensorDataset,
  type OrderState,
} from '../../src/io/index.js';

/** Sample i is `[array [2] of i, i]`. */
class Numbers extends Dataset<[NdArray, number]> {
  prepared = 0;
  constructor(readonly length: number) {
    super();
  }
  getItem(index: number): [NdArray, number] {
    return [new NdArray(Float32Array.of(index, index), [2]), index];
  }
  override prepare(): Promise<void> {
    this.prepared++;
    return Promise.resolve();
  }
}

/** Samples that come as promises. */
class Promised extends Dataset<number> {
  readonly length = 5;
  async getItem(index: number): Promise<number> {
    await Promise.resolve();
    if (index === 3) throw new TypeError('no such picture');
    return index;
  }
}

const values = (tensor: Tensor) => Array.from(tensor.dataSync());

/** The labels of all batches of a pass. */
async function labelsOf(loader: AsyncIterable<[Tensor, Tensor]>): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const [, label] of loader) batches.push(values(label));
  return batches;
}

describe('DataLoader', () => {
  it('gives batches in order, the last one short', async () => {
    const loader = new DataLoader(new Numbers(5), { batchSize: 2 });
    assert.equal(loader.length, 3);
    assert.deepEqual(await labelsOf(loader), [[0, 1], [2, 3], [4]]);
    assert.deepEqual(await labelsOf(loader), [[0, 1], [2, 3], [4]]);
  });

  it('stacks arrays and makes numbers int32', async () => {
    for await (const [array, label] of new DataLoader(new Numbers(2), { batchSize: 2 })) {
      assert.deepEqual(array.shape, [2, 2]);
      assert.deepEqual(values(array), [0, 0, 1, 1]);
      assert.equal(label.dtype, 'int32');
    }
  });

  it('goes on with the order of another loader, also within a pass', async () => {
    const make = () => new DataLoader(new Numbers(20), { batchSize: 3, shuffle: true });
    const [first, second] = [make(), make()];
    await labelsOf(first);
    second.setStateDict(JSON.parse(JSON.stringify(first.stateDict())) as OrderState);
    const whole = await labelsOf(first);
    const rest: unknown[] = [];
    for await (const [, label] of second.pass(2)) rest.push(values(label));
    assert.deepEqual(rest, whole.slice(2));
    assert.deepEqual(await labelsOf(second), await labelsOf(first));
    const other = new DataLoader(new Numbers(5)).stateDict();
    assert.deepEqual(other, { number: other.number, epoch: 0, order: {} });
  });

  it('leaves a short batch out on demand', async () => {
    const loader = new DataLoader(new Numbers(5), { batchSize: 2, dropLast: true });
    assert.equal(loader.length, 2);
    assert.deepEqual(await labelsOf(loader), [
      [0, 1],
      [2, 3],
    ]);
  });

  it('shuffles anew in each pass, by the seed', async () => {
    const orders = async () => {
      seed(4);
      const loader = new DataLoader(new Numbers(20), { batchSize: 20, shuffle: true });
      return [await labelsOf(loader), await labelsOf(loader)].map((pass) => pass.flat());
    };
    const [first = [], second = []] = await orders();
    assert.deepEqual(
      [...first].sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
    );
    assert.notDeepEqual(first, second);
    assert.deepEqual(await orders(), [first, second]);
  });

  it('takes batches of indices', async () => {
    const loader = new DataLoader(new Numbers(5), { batchSampler: [[4, 0], [2]] });
    assert.deepEqual(await labelsOf(loader), [[4, 0], [2]]);
  });

  it('gives single samples without a batch size', async () => {
    const shapes: number[][] = [];
    for await (const [array, label] of new DataLoader(new Numbers(2), { batchSize: null })) {
      shapes.push(array.shape);
      assert.equal(typeof label, 'number');
    }
    assert.deepEqual(shapes, [[2], [2]]);
  });

  it('puts samples together with a function of the user', async () => {
    const loader = new DataLoader(new Numbers(3), {
      batchSize: 2,
      collateFn: (samples) => samples.map(([, label]) => label),
    });
    const batches: number[][] = [];
    for await (const batch of loader) batches.push(batch);
    assert.deepEqual(batches, [[0, 1], [2]]);
  });

  it('prepares the data set', async () => {
    const dataset = new Numbers(1);
    await labelsOf(new DataLoader(dataset));
    assert.equal(dataset.prepared, 1);
  });

  it('names the sample of an error, when its batch is due', async () => {
    const got: number[] = [];
    await assert.rejects(
      async () => {
        for await (const batch of new DataLoader(new Promised(), { prefetchFactor: 4 })) got.push(...values(batch));
      },
      { name: 'TypeError', message: 'sample 3: no such picture' },
    );
    assert.deepEqual(got, [0, 1, 2]);
  });

  it('loads no more than it was told ahead', async () => {
    const asked: number[] = [];
    class Watched extends Numbers {
      override getItem(index: number): [NdArray, number] {
        asked.push(index);
        return super.getItem(index);
      }
    }
    const iterator = new DataLoader(new Watched(10), { prefetchFactor: 3 })[Symbol.asyncIterator]();
    await iterator.next();
    assert.deepEqual(asked, [0, 1, 2]);
    await iterator.return();
  });

  it('keeps batches that somebody holds, and frees nothing twice', async () => {
    const held: Tensor[] = [];
    for await (const [array] of new DataLoader(new Numbers(3))) held.push(array);
    assert.deepEqual(
      held.map((tensor) => values(tensor)[0]),
      [0, 1, 2],
    );
  });

  const refused: [string, () => unknown, RegExp][] = [
    [
      'a batch size of 0',
      () => new DataLoader(new Numbers(1), { batchSize: 0 }),
      /batchSize must be a positive integer, got 0/,
    ],
    [
      'an unknown option',
      () => new DataLoader(new Numbers(1), { batch_size: 2 } as object),
      /did you mean 'batchSize'/,
    ],
    ['no data set', () => new DataLoader([1] as unknown as Numbers), /dataset must be a Dataset/],
    [
      'a sampler beside a batch size',
      () => new DataLoader(new Numbers(1), { batchSampler: [[0]], batchSize: 2 }),
      /batchSampler excludes/,
    ],
    ['a fraction of workers', () => new DataLoader(new Numbers(1), { numWorkers: 0.5 }), /numWorkers must be/],
    [
      'nothing to load ahead',
      () => new DataLoader(new Numbers(1), { prefetchFactor: 0 }),
      /prefetchFactor must be a positive/,
    ],
    [
      'a collate function that is none',
      () => new DataLoader(new Numbers(1), { collateFn: 1 as unknown as null }),
      /collateFn must be a function/,
    ],
  ];
  for (const [what, run, message] of refused) it(`refuses ${what}`, () => assert.throws(run, message));
});

describe('defaultCollate', () => {
  const one = new NdArray(Float32Array.of(1, 2), [2]);

  it('goes into lists and plain objects, and keeps texts', () => {
    const batch = defaultCollate([
      { name: 'a', parts: [one, 1.5] as [NdArray, number] },
      { name: 'b', parts: [one, 2] as [NdArray, number] },
    ]);
    assert.deepEqual(batch.name, ['a', 'b']);
    assert.deepEqual(batch.parts[0].shape, [2, 2]);
    assert.equal(batch.parts[1].dtype, 'float32');
    assert.deepEqual(values(batch.parts[1]), [1.5, 2]);
  });

  it('takes tensors, big integers and booleans', () => {
    assert.deepEqual(defaultCollate([tf.scalar(1), tf.scalar(2)]).shape, [2]);
    assert.equal(defaultCollate([1n, 2n]).dtype, 'int32');
    assert.equal(defaultCollate([true, false]).dtype, 'bool');
  });

  it('keeps every element of arrays of any shape', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 3 }), fc.integer({ min: 1, max: 5 }), (shape, count) => {
        const size = shape.reduce((product, length) => product * length, 1);
        const arrays = Array.from({ length: count }, (_, i) => {
          return new NdArray(
            Float32Array.from({ length: size }, (_unused, j) => i * 100 + j),
            shape,
          );
        });
        const batch = defaultCollate(arrays);
        assert.deepEqual(batch.shape, [count, ...shape]);
        assert.deepEqual(
          values(batch),
          arrays.flatMap(({ data }) => Array.from(data, Number)),
        );
      }),
      { numRuns: 30 },
    );
  });

  const refused: [string, () => unknown, RegExp][] = [
    [
      'arrays of two shapes',
      () => defaultCollate([one, new NdArray(Float32Array.of(1), [1])]),
      /one shape and type, got float32 \[2\] and float32 \[1\]/,
    ],
    [
      'samples of two kinds',
      () => defaultCollate<unknown>([one, 1]),
      /the first has an array, sample 1 of the batch 1/,
    ],
    ['lists of two lengths', () => defaultCollate([[1], [1, 2]]), /equally many fields, got 1 and 2/],
    ['a field of no known kind', () => defaultCollate([new Map()]), /got an instance of Map/],
  ];
  for (const [what, run, message] of refused) it(`refuses ${what}`, () => assert.throws(run, message));
});

describe('data sets', () => {
  it('Subset gives the samples of its indices', () => {
    const subset = new Subset(new Numbers(5), [4, 4, 1]);
    assert.equal(subset.length, 3);
    assert.deepEqual(
      [0, 1, 2].map((i) => (subset.getItem(i) as [NdArray, number])[1]),
      [4, 4, 1],
    );
    assert.throws(() => subset.getItem(3), { code: 'OUT_OF_RANGE' });
  });

  it('ConcatDataset joins, also with an empty part', () => {
    const joined = new ConcatDataset([new Numbers(2), new Numbers(0), new Numbers(3)]);
    assert.equal(joined.length, 5);
    assert.equal((joined.getItem(2) as [NdArray, number])[1], 0);
    assert.equal((joined.getItem(-1) as [NdArray, number])[1], 2);
    assert.throws(() => joined.getItem(5), { code: 'OUT_OF_RANGE' });
    assert.throws(() => new ConcatDataset([]), /at least one data set/);
  });

  it('TensorDataset gives rows', () => {
    const dataset = new TensorDataset([
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      tf.tensor1d([5, 6]),
    ]);
    assert.equal(dataset.length, 2);
    const [row, number] = dataset.getItem(1);
    assert.deepEqual(values(row!), [3, 4]);
    assert.deepEqual(number!.shape, []);
    assert.throws(() => new TensorDataset([tf.zeros([2]), tf.zeros([3])]), /equally long/);
  });
});

describe('samplers', () => {
  it('SequenceSampler counts', () => {
    assert.deepEqual([...new SequenceSampler({ length: 3 })], [0, 1, 2]);
  });

  it('RandomSampler permutes, draws with replacement, or follows a generator', () => {
    assert.deepEqual(
      [...new RandomSampler({ length: 50 })].sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => i),
    );
    const drawn = [...new RandomSampler({ length: 3 }, { replacement: true, numSamples: 100 })];
    assert.equal(drawn.length, 100);
    assert.deepEqual([...new Set(drawn)].sort(), [0, 1, 2]);
    assert.deepEqual([...new RandomSampler({ length: 9 }, { generator: [5, 6] })], [5, 6]);
  });

  it('RandomSampler repeats the order of an epoch', () => {
    const sampler = new RandomSampler({ length: 20 });
    const first = [...sampler];
    assert.notDeepEqual([...sampler], first);
    sampler.setEpoch(0);
    assert.deepEqual([...sampler], first);
  });

  it('BatchSampler fills batches for any length', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.integer({ min: 1, max: 7 }), fc.boolean(), (length, batchSize, dropLast) => {
        const sampler = new BatchSampler({ dataset: { length }, batchSize, dropLast });
        const batches = [...sampler];
        assert.equal(batches.length, sampler.length);
        const used = dropLast ? Math.floor(length / batchSize) * batchSize : length;
        assert.deepEqual(
          batches.flat(),
          Array.from({ length: used }, (_, i) => i),
        );
        assert.ok(batches.slice(0, -1).every((batch) => batch.length === batchSize));
      }),
    );
  });

  const refused: [string, () => unknown, RegExp][] = [
    ['more samples than there are', () => new RandomSampler({ length: 3 }, { numSamples: 4 }).length, /at most 3/],
    ['no samples', () => new RandomSampler({ length: 3 }, { numSamples: 0 }), /numSamples must be a positive/],
    [
      'replacement that is no boolean',
      () => new RandomSampler({ length: 3 }, { replacement: 1 as unknown as boolean }),
      /replacement must be true or false/,
    ],
    ['neither data set nor sampler', () => new BatchSampler(), /either dataset or sampler/],
    ['shuffling a sampler', () => new BatchSampler({ sampler: [1, 2], shuffle: true }), /shuffle has no effect/],
  ];
  for (const [what, run, message] of refused) it(`refuse ${what}`, () => assert.throws(run, message));
});
