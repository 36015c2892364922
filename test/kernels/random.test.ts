import '../support/setup.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RandomStream } from '../../src/common/random.js';
import { randomTensor, type Distribution } from '../../src/engine/index.js';
import { NativeLibrary } from '../../src/engine/native.js';
import { describeEngines, testedEngines } from '../support/engines.js';
import { withEnvironment } from '../support/environment.js';

const streamOf = (seed: number) => new RandomStream(seed, 'tensor', 3, 7);

/** The numbers of a stream by the formulas of the distributions. */
function drawn(distribution: Distribution, seed: number, length: number): Float32Array {
  const stream = streamOf(seed);
  const words = Array.from({ length: length + 1 }, () => stream.uint32());
  return Float32Array.from({ length }, (_, place) => {
    if (distribution.kind === 'uniform') {
      const { low, high } = distribution;
      return low + ((high - low) / 2 ** 32) * (words[place]! + 0.5);
    }
    const first = place - (place % 2);
    const radius = distribution.std * Math.sqrt(-2 * Math.log((words[first]! + 0.5) / 2 ** 32));
    const angle = (2 * Math.PI * words[first + 1]!) / 2 ** 32;
    return distribution.mean + radius * (place % 2 ? Math.sin(angle) : Math.cos(angle));
  });
}

/** The least number of floats that lie between two. */
function floatsBetween(a: number, b: number): number {
  return Math.abs(a - b) / 2 ** Math.max(Math.floor(Math.log2(Math.abs(b))) - 23, -149);
}

const distributions: Distribution[] = [
  { kind: 'uniform', low: -0.3, high: 0.7 },
  { kind: 'uniform', low: 5, high: 5 },
  { kind: 'normal', mean: 0, std: 0.02 },
  { kind: 'normal', mean: -3, std: 1e20 },
];

describeEngines('random tensors', () => {
  it('have the numbers of the formulas, for any length and seed', () => {
    const cases = fc.tuple(
      fc.constantFrom(...distributions),
      fc.oneof(fc.nat(300), fc.constantFrom(64, 4096, 4097)),
      fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    );
    const check = (distribution: Distribution, length: number, seed: number) => {
      const tensor = randomTensor([1, length], distribution, streamOf(seed));
      assert.deepEqual(tensor.shape, [1, length]);
      assert.equal(tensor.dtype, 'float32');
      const values = tensor.dataSync<'float32'>();
      tensor.dispose();
      // Bits of JavaScript's functions may differ by a rounding, of the double which then becomes a float.
      drawn(distribution, seed, length).forEach((wanted, place) => {
        assert.ok(floatsBetween(values[place]!, wanted) <= 1, `${values[place]} instead of ${wanted}`);
      });
    };
    fc.assert(
      fc.property(cases, ([distribution, length, seed]) => check(distribution, length, seed)),
      { numRuns: 60 },
    );
  });

  it('are the same as those of JavaScript, bit for bit', () => {
    // Long enough for several threads.
    const length = 300_007;
    for (const distribution of distributions) {
      const tensor = randomTensor([length], distribution, streamOf(1));
      const { kind } = distribution;
      const wanted = new Float32Array(length);
      if (kind === 'uniform') streamOf(1).fillUniform(wanted, distribution.low, distribution.high);
      else streamOf(1).fillNormal(wanted, distribution.mean, distribution.std);
      assert.ok(Buffer.from(tensor.dataSync().buffer).equals(Buffer.from(wanted.buffer)), kind);
      tensor.dispose();
    }
  });
});

describe('random kernels', () => {
  it('give the same bits with every instruction set', function () {
    if (!testedEngines.includes('native')) this.skip();
    const length = 100_003;
    const stream = streamOf(5);
    const wanted = [
      stream.fillUniform(new Float32Array(length), -1 / 3, 0.7),
      streamOf(5).fillNormal(new Float32Array(length), 0.1, 1 / 7),
    ];
    const { key, counter } = stream.origin;
    for (const name of NativeLibrary.load().instructionSets) {
      const library = withEnvironment({ PADDLEWHEEL_INSTRUCTION_SET: name }, () => NativeLibrary.load());
      const [y, origin] = [library.extend(4 * length), library.extend(16)];
      library.int32(origin, 4).set([...key, ...counter]);
      library.kernels.random_uniform(y, origin, length, -1 / 3, (0.7 + 1 / 3) / 2 ** 32);
      assert.deepEqual(library.float32(y, length), wanted[0], `uniform, ${name}`);
      library.kernels.random_normal(y, origin, length, 0.1, 1 / 7);
      assert.deepEqual(library.float32(y, length), wanted[1], `normal, ${name}`);
    }
  });
});
