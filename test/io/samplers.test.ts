import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { NdArray } from '../../src/common/ndarray.js';
import { seed } from '../../src/common/random.js';
import {
  BatchSampler,
  DistributedBatchSampler,
  RandomSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type DistributedBatchSamplerOptions,
  type Resumable,
  type SampleWeights,
} from '../../src/io/index.js';

const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);
const range = (length: number) => Array.from({ length }, (_, i) => i);

describe('WeightedRandomSampler', () => {
  it('draws in proportion to the weights', () => {
    seed(1);
    const weights = [1, 0, 3, 6];
    const count = 20000;
    const drawn = [...new WeightedRandomSampler(weights, count)];
    assert.equal(drawn.length, count);
    weights.forEach((weight, index) => {
      const share = drawn.filter((value) => value === index).length / count;
      // Five standard deviations of a binomial share.
      assert.ok(Math.abs(share - weight / 10) <= 5 * Math.sqrt(0.25 / count), `${index}: ${share}`);
    });
    assert.ok(!drawn.includes(1));
  });

  it('draws without replacement, the next in proportion to what is left', () => {
    seed(1);
    const sampler = new WeightedRandomSampler([1, 0, 3], 2, { replacement: false });
    let heavyFirst = 0;
    const passes = 4000;
    for (let pass = 0; pass < passes; pass++) {
      const drawn = [...sampler];
      assert.deepEqual(sorted(drawn), [0, 2]);
      if (drawn[0] === 2) heavyFirst++;
    }
    assert.ok(Math.abs(heavyFirst / passes - 0.75) <= 5 * Math.sqrt(0.25 / passes), `${heavyFirst}`);
  });

  it('takes arrays and tensors of one axis', () => {
    const kinds = [Float32Array.of(0, 2), new NdArray(Int32Array.of(0, 2), [2]), tf.tensor1d([0, 2])];
    for (const weights of kinds) assert.deepEqual([...new WeightedRandomSampler(weights, 2)], [1, 1]);
  });

  const refused: [string, SampleWeights, number, object, RegExp][] = [
    ['no samples', [1], 0, {}, /numSamples must be a positive integer, got 0/],
    ['replacement that is no boolean', [1], 1, { replacement: 1 }, /replacement must be true or false/],
    ['a negative weight', [1, -1], 1, {}, /weights\[1\] must be a number of at least 0, got -1/],
    ['a weight that is no number', [NaN], 1, {}, /weights\[0\] must be/],
    ['zeros', [0, 0], 1, {}, /must have a positive number/],
    ['too few positive weights', [1, 0, 2], 3, { replacement: false }, /at least numSamples \(3\) .* got 2/],
    ['two axes', tf.ones([2, 2]), 1, {}, /weights must have one axis/],
    ['a text', 'abc' as unknown as number[], 1, {}, /weights must be an array of numbers, got "abc"/],
  ];
  for (const [what, weights, count, options, message] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => new WeightedRandomSampler(weights, count, options), message));
  }
});

describe('SubsetRandomSampler', () => {
  it('permutes its indices, anew in each pass', () => {
    seed(5);
    const sampler = new SubsetRandomSampler(range(30).map((i) => 2 * i));
    assert.equal(sampler.length, 30);
    const first = [...sampler];
    assert.deepEqual(
      sorted(first),
      range(30).map((i) => 2 * i),
    );
    assert.notDeepEqual([...sampler], first);
    assert.throws(() => new SubsetRandomSampler([]), /indices must hold at least one index/);
    assert.throws(() => new SubsetRandomSampler([0.5]), /indices\[0\] must be an integer/);
  });
});

describe('DistributedBatchSampler', () => {
  // Made by Paddle 3.3.1: two passes, and the one after set_epoch(7).
  const cases: [number, number, DistributedBatchSamplerOptions, number, number[][], number[][], number[][]][] = [
    [
      10,
      3,
      { shuffle: true },
      4,
      [[2, 8, 4], [9, 1, 6], [7, 3, 0], [5]],
      [[2, 9, 6], [4, 0, 3], [1, 7, 8], [5]],
      [[8, 5, 0], [2, 1, 9], [7, 3, 6], [4]],
    ],
    [
      10,
      2,
      { numReplicas: 3, rank: 0 },
      2,
      [
        [0, 1],
        [6, 7],
      ],
      [
        [0, 1],
        [6, 7],
      ],
      [
        [0, 1],
        [6, 7],
      ],
    ],
    [
      10,
      2,
      { numReplicas: 3, rank: 1 },
      2,
      [
        [2, 3],
        [8, 9],
      ],
      [
        [2, 3],
        [8, 9],
      ],
      [
        [2, 3],
        [8, 9],
      ],
    ],
    [
      10,
      2,
      { numReplicas: 3, rank: 2, dropLast: true },
      2,
      [
        [4, 5],
        [0, 1],
      ],
      [
        [4, 5],
        [0, 1],
      ],
      [
        [4, 5],
        [0, 1],
      ],
    ],
    [
      11,
      2,
      { numReplicas: 2, rank: 1, shuffle: true },
      3,
      [
        [4, 10],
        [1, 7],
        [0, 5],
      ],
      [
        [4, 10],
        [0, 7],
        [8, 5],
      ],
      [
        [2, 5],
        [0, 8],
        [9, 4],
      ],
    ],
    [1, 2, { numReplicas: 3, rank: 2, shuffle: true }, 1, [[0]], [[0]], [[0]]],
    [5, 4, { numReplicas: 2, shuffle: true, dropLast: true }, 0, [], [], []],
    [7, 3, { numReplicas: 2, rank: 1, shuffle: true }, 2, [[0, 3, 0], [4]], [[6, 0, 4], [5]], [[6, 3, 1], [0]]],
  ];
  for (const [length, batchSize, options, count, first, second, seventh] of cases) {
    it(`gives the batches of Paddle: ${length} samples by ${batchSize}, ${JSON.stringify(options)}`, () => {
      const sampler = new DistributedBatchSampler({ length }, batchSize, options);
      assert.equal(sampler.length, count);
      assert.deepEqual([...sampler], first);
      assert.deepEqual([...sampler], second);
      sampler.setEpoch(7);
      assert.deepEqual([...sampler], seventh);
    });
  }

  it('gives all samples to somebody, and equally many to everybody', () => {
    const numbers = fc.tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
    );
    fc.assert(
      fc.property(numbers, fc.boolean(), ([length, batchSize, numReplicas], shuffle) => {
        const shares = range(numReplicas).map((rank) =>
          [...new DistributedBatchSampler({ length }, batchSize, { numReplicas, rank, shuffle })].flat(),
        );
        for (const share of shares) assert.equal(share.length, Math.ceil(length / numReplicas));
        assert.deepEqual(sorted(new Set(shares.flat())), range(length));
      }),
    );
  });

  const refused: [string, number, DistributedBatchSamplerOptions, RegExp][] = [
    ['a batch size of 0', 0, {}, /batchSize must be a positive integer/],
    ['no replicas', 1, { numReplicas: 0 }, /numReplicas must be a positive integer/],
    ['a negative rank', 1, { rank: -1 }, /rank must be a non-negative integer/],
    ['a rank beyond the replicas', 1, { numReplicas: 2, rank: 2 }, /rank must be less than numReplicas, 2, got 2/],
    ['a misspelt option', 1, { numreplicas: 2 } as object, /did you mean 'numReplicas'/],
  ];
  for (const [what, batchSize, options, message] of refused) {
    it(`refuses ${what}`, () =>
      assert.throws(() => new DistributedBatchSampler({ length: 3 }, batchSize, options), message));
  }
});

describe('samplers that go on', () => {
  const data = { length: 12 };
  const makers: [string, () => Iterable<unknown> & Resumable & { setEpoch(epoch: number): void }][] = [
    ['RandomSampler', () => new RandomSampler(data)],
    ['SubsetRandomSampler', () => new SubsetRandomSampler(range(12))],
    ['WeightedRandomSampler', () => new WeightedRandomSampler(range(12), 12)],
    ['DistributedBatchSampler', () => new DistributedBatchSampler(data, 5, { shuffle: true })],
    ['BatchSampler', () => new BatchSampler({ dataset: data, shuffle: true, batchSize: 5 })],
  ];
  for (const [name, make] of makers) {
    it(`${name} from its state, and by the number of the pass`, () => {
      seed(9);
      const [first, second] = [make(), make()];
      const passes = [[...first], [...first]];
      assert.notDeepEqual(passes[0], passes[1]);
      second.setStateDict(first.stateDict());
      assert.deepEqual([...second], [...first]);
      first.setEpoch(1);
      assert.deepEqual([...first], passes[1]);
    });
  }
});
