import assert from 'node:assert/strict';
import '../support/setup.js';
import { seed } from '../../src/common/random.js';
import { bernoulli, full, normal, randint, randperm, standardNormal, uniform } from '../../src/tensor/index.js';

/** Mean and standard deviation. */
function moments(values: ArrayLike<number>): [number, number] {
  const numbers = Array.from(values);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  return [mean, Math.sqrt(variance)];
}

describe('random tensors', () => {
  beforeEach(() => seed(7));

  it('follow the seed', () => {
    const draw = () => [
      uniform([3]),
      normal({ shape: [3] }),
      standardNormal([2]),
      randint({ high: 100, shape: [5] }),
      randperm(9),
    ];
    const first = draw().map((tensor) => Array.from(tensor.dataSync()));
    const second = draw().map((tensor) => Array.from(tensor.dataSync()));
    seed(7);
    const again = draw().map((tensor) => Array.from(tensor.dataSync()));
    assert.deepEqual(again, first);
    assert.notDeepEqual(second, first);
  });

  it('are distributed as they should', () => {
    const size = 20_000;
    const [flatMean, flatStd] = moments(uniform([size], { min: 2, max: 5 }).dataSync());
    assert.ok(Math.abs(flatMean - 3.5) < 0.05 && Math.abs(flatStd - 3 / Math.sqrt(12)) < 0.05);
    const [mean, std] = moments(normal({ mean: 3, std: 2, shape: [size] }).dataSync());
    assert.ok(Math.abs(mean - 3) < 0.1 && Math.abs(std - 2) < 0.1);
    const [share] = moments(bernoulli(full([size], 0.2)).dataSync());
    assert.ok(Math.abs(share - 0.2) < 0.02);
  });

  it('stay within their bounds', () => {
    assert.ok(
      uniform([1000])
        .dataSync()
        .every((value) => value >= -1 && value < 1),
    );
    const integers = randint({ low: -2, high: 3, shape: [200] });
    assert.equal(integers.dtype, 'int32');
    assert.deepEqual(
      [...new Set(integers.dataSync())].sort((a, b) => a - b),
      [-2, -1, 0, 1, 2],
    );
    assert.deepEqual([...new Set(randint({ low: 3, shape: [100] }).dataSync())].sort(), [0, 1, 2]);
    assert.deepEqual(
      Array.from(randperm(50).dataSync()).sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => i),
    );
    assert.deepEqual(normal().shape, []);
    assert.deepEqual(randint({ low: 2 }).shape, [1]);
  });

  it('have a seed of their own where one is given', () => {
    const values = () => Array.from(uniform([4], { seed: 3 }).dataSync());
    assert.deepEqual(values(), values());
  });

  it('refuse what does not fit', () => {
    assert.throws(() => uniform([-1]), /shape\[0\] must be a non-negative integer/);
    assert.throws(() => uniform([1], { min: 2 }), /max must be a number of at least 2/);
    assert.throws(() => normal({ std: -1 }), /std must be a number of at least 0/);
    assert.throws(() => randint({ low: 3, high: 3 }), /high must be greater than low, got 3 and 3/);
    assert.throws(() => randint({ low: 0 }), /high must be greater than low/);
    assert.throws(() => randperm(1.5), /n must be a non-negative integer/);
  });
});
