import assert from 'node:assert/strict';
import {
  getRandomState,
  getSeed,
  nextStream,
  philox,
  RandomStream,
  seed,
  setRandomState,
} from '../../src/common/random.js';

describe('philox', () => {
  // Known answers of the Random123 distribution for Philox4x32-10.
  const vectors: [number[], string][] = [
    [[0, 0, 0, 0, 0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [Array<number>(6).fill(0xffffffff), '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ];
  for (const [input, expected] of vectors) {
    it(expected, () => {
      const words = new Uint32Array(4);
      const [c0 = 0, c1 = 0, c2 = 0, c3 = 0, k0 = 0, k1 = 0] = input;
      philox(c0, c1, c2, c3, k0, k1, words);
      assert.equal(Array.from(words, (word) => word.toString(16).padStart(8, '0')).join(' '), expected);
    });
  }
});

describe('RandomStream', () => {
  const draw = (stream: RandomStream) => Array.from({ length: 8 }, () => stream.uint32());

  it('depends on seed, purpose and counters, and on nothing else', () => {
    const base = draw(new RandomStream(1, 'shuffle', 2, 3));
    assert.deepEqual(draw(new RandomStream(1, 'shuffle', 2, 3)), base);
    const others = [
      new RandomStream(2, 'shuffle', 2, 3),
      new RandomStream(1, 'dropout', 2, 3),
      new RandomStream(1, 'shuffle', 3, 3),
      new RandomStream(1, 'shuffle', 2, 4),
      new RandomStream(1 + 2 ** 32, 'shuffle', 2, 3),
    ];
    for (const other of others) assert.notDeepEqual(draw(other), base);
  });

  it('has the moments of its distributions', () => {
    const stream = new RandomStream(7, 'tensor');
    const count = 100_000;
    const moments = (values: Float32Array) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      return { mean, variance };
    };
    const near = (actual: number, expected: number, deviation: number) =>
      assert.ok(Math.abs(actual - expected) < 5 * deviation, `${actual} is not near ${expected}`);
    // Five standard errors around the true moments.
    for (const fill of [
      () => Float32Array.from({ length: count }, () => stream.uniform(-1, 3)),
      () => stream.fillUniform(new Float32Array(count), -1, 3),
    ]) {
      const values = fill();
      near(moments(values).mean, 1, Math.sqrt(16 / 12 / count));
      near(moments(values).variance, 16 / 12, 16 * Math.sqrt(1 / 180 / count));
      assert.ok(values.every((value) => value >= -1 && value <= 3));
    }
    for (const fill of [
      () => Float32Array.from({ length: count }, () => stream.normal(2, 3)),
      () => stream.fillNormal(new Float32Array(count), 2, 3),
    ]) {
      const values = fill();
      near(moments(values).mean, 2, 3 / Math.sqrt(count));
      near(moments(values).variance, 9, 9 * Math.sqrt(2 / count));
    }
  });

  it('draws integers below the bound, all equally often', () => {
    const stream = new RandomStream(3, 'sampling');
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 50_000; i++) counts[stream.integer(5)]! += 1;
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 450);
  });

  it('permutes', () => {
    const order = new RandomStream(3, 'shuffle', 0).permutation(100);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i),
    );
    assert.notDeepEqual(order, new RandomStream(3, 'shuffle', 1).permutation(100));
  });
});

describe('seed', () => {
  it('starts the streams of every purpose again', () => {
    seed(5);
    const first = nextStream('initializer').uint32();
    const second = nextStream('initializer').uint32();
    assert.notEqual(first, second);
    seed(5);
    nextStream('dropout');
    assert.equal(nextStream('initializer').uint32(), first);
    assert.equal(getSeed(), 5);
  });

  it('can be saved and restored', () => {
    seed(9);
    nextStream('dropout');
    const state = getRandomState();
    const next = nextStream('dropout').uint32();
    seed(1);
    setRandomState(JSON.parse(JSON.stringify(state)) as typeof state);
    assert.equal(nextStream('dropout').uint32(), next);
  });

  it('refuses what is not a non-negative integer', () => {
    assert.throws(() => seed(-1), /seed must be a non-negative integer, got -1/);
  });
});
