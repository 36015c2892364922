import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { NdArray } from '../../src/common/ndarray.js';
import { seed } from '../../src/common/random.js';
import { BatchNorm2D, Conv2D, initializer, Linear, ParamAttr } from '../../src/nn/index.js';
import { elements } from './support.js';

const {
  Assign,
  calculateGain,
  Constant,
  KaimingNormal,
  KaimingUniform,
  Normal,
  setGlobalInitializer,
  TruncatedNormal,
  Uniform,
  XavierNormal,
  XavierUniform,
} = initializer;

/** Mean, standard deviation and largest deviation from `centre`. */
function statistics(values: Float32Array, centre = 0) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value - centre)), 0);
  return { mean, std: Math.sqrt(variance), reach };
}

function assertClose(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected} ± ${tolerance}`);
}

function assertUniform(values: Float32Array, bound: number, centre = 0): void {
  const { mean, std, reach } = statistics(values, centre);
  assert.ok(reach <= bound * (1 + 1e-6), `${reach} beyond ${bound}`);
  assert.ok(reach > 0.99 * bound);
  assertClose(mean, centre, 0.05 * bound);
  assertClose(std, bound / Math.sqrt(3), 0.02 * bound);
}

function assertNormal(values: Float32Array, std: number, mean = 0): void {
  const found = statistics(values, mean);
  assertClose(found.mean, mean, 0.05 * std);
  assertClose(found.std, std, 0.03 * std);
  // Among ten thousands of normal numbers some lie beyond 3 and none beyond 7 standard deviations.
  assert.ok(found.reach > 3 * std && found.reach < 7 * std);
}

const matrix = [200, 300];
const filters = [64, 32, 3, 5];

describe('initialisers', () => {
  beforeEach(() => seed(2024));

  it('Constant gives one value', () => {
    assert.deepEqual(new Constant(1.5).values([2, 2]), Float32Array.of(1.5, 1.5, 1.5, 1.5));
    assert.deepEqual(new Constant({ value: -2 }).values([1]), Float32Array.of(-2));
    assert.deepEqual(new Constant().values([2]), Float32Array.of(0, 0));
  });

  it('Assign gives the values of numbers, arrays and tensors', () => {
    const expected = Float32Array.of(1, 2, 3, 4);
    const sources = [
      [
        [1, 2],
        [3, 4],
      ],
      tf.tensor2d([1, 2, 3, 4], [2, 2]),
      new NdArray(Float32Array.of(1, 2, 3, 4), [2, 2]),
      new NdArray(Int32Array.of(1, 2, 3, 4), [2, 2]),
    ];
    for (const source of sources) {
      const assign = new Assign(source);
      const values = assign.values([2, 2]);
      assert.deepEqual(values, expected);
      values.fill(0);
      assert.deepEqual(assign.values([2, 2]), expected);
    }
  });

  it('Assign keeps its own copy and no tensor', () => {
    const before = tf.memory().numTensors;
    const source = tf.tensor1d([1, 2]);
    const assign = new Assign(source);
    source.dispose();
    assert.equal(tf.memory().numTensors, before);
    assert.deepEqual(assign.values([2]), Float32Array.of(1, 2));
  });

  it('Uniform fills its interval', () => {
    assertUniform(new Uniform().values(matrix), 1);
    assertUniform(new Uniform({ low: 2, high: 6 }).values(matrix), 2, 4);
  });

  it('Normal has its mean and spread', () => {
    assertNormal(new Normal().values(matrix), 1);
    assertNormal(new Normal({ mean: -3, std: 0.5 }).values(matrix), 0.5, -3);
  });

  it('TruncatedNormal stays within two standard deviations', () => {
    const { mean, std, reach } = statistics(new TruncatedNormal().values(matrix));
    assert.ok(reach <= 2 && reach > 1.98, `reach ${reach}`);
    assertClose(mean, 0, 0.02);
    // The standard deviation of a normal distribution cut at two, 1 - 4 φ(2) / (Φ(2) - Φ(-2)) under the root.
    assertClose(std, 0.8796, 0.01);
  });

  // Fans as in Paddle: [in, out]; for filters in * kh * kw and out * kh * kw; one axis is both.
  const fans: [number[], number, number][] = [
    [matrix, 200, 300],
    [filters, 480, 960],
    [[20000], 20000, 20000],
  ];
  for (const [shape, fanIn, fanOut] of fans) {
    it(`take the fans ${fanIn} and ${fanOut} from the shape [${shape.join(', ')}]`, () => {
      assertUniform(new XavierUniform().values(shape), Math.sqrt(6 / (fanIn + fanOut)));
      assertNormal(new XavierNormal().values(shape), Math.sqrt(2 / (fanIn + fanOut)));
      assertUniform(new KaimingUniform().values(shape), Math.sqrt(6 / fanIn));
      assertNormal(new KaimingNormal().values(shape), Math.sqrt(2 / fanIn));
    });
  }

  it('take fans, gain and nonlinearity as options', () => {
    assertUniform(new XavierUniform({ fanIn: 3, fanOut: 5, gain: 2 }).values(matrix), 2 * Math.sqrt(6 / 8));
    assertNormal(new XavierNormal({ fanIn: 3, fanOut: 5, gain: 2 }).values(matrix), 2 * Math.sqrt(2 / 8));
    assertUniform(new KaimingUniform({ fanIn: 27 }).values(matrix), Math.sqrt(6 / 27));
    const leaky = { negativeSlope: 1, nonlinearity: 'leaky_relu' } as const;
    assertUniform(new KaimingUniform(leaky).values(matrix), Math.sqrt(3 / 200));
    assertNormal(new KaimingNormal({ nonlinearity: 'tanh' }).values(matrix), 5 / 3 / Math.sqrt(200));
  });

  it('follow the seed, each parameter with numbers of its own', () => {
    for (const make of [
      () => new Uniform(),
      () => new Normal(),
      () => new TruncatedNormal(),
      () => new XavierNormal(),
    ]) {
      seed(3);
      const [first, second] = [make().values([5]), make().values([5])];
      seed(3);
      assert.deepEqual(make().values([5]), first);
      assert.notDeepEqual(first, second);
    }
  });

  it('give a layer the numbers of their values', () => {
    for (const make of [
      () => new Uniform({ low: 1, high: 3 }),
      () => new Normal({ mean: 2 }),
      () => new TruncatedNormal(),
      () => new XavierUniform(),
      () => new KaimingNormal(),
    ]) {
      seed(4);
      const wanted = make().values([30, 50]);
      seed(4);
      const { weight } = new Linear(30, 50, { weightAttr: new ParamAttr({ initializer: make() }) });
      assert.deepEqual(weight.dataSync(), wanted);
    }
  });

  it("may be changed by a class of one's own", () => {
    class Doubled extends XavierUniform {
      override values(shape: readonly number[]): Float32Array {
        return super.values(shape).map((value) => 2 * value);
      }
    }
    seed(4);
    const wanted = new XavierUniform().values([3, 5]).map((value) => 2 * value);
    seed(4);
    const { weight } = new Linear(3, 5, { weightAttr: new ParamAttr({ initializer: new Doubled() }) });
    assert.deepEqual(weight.dataSync(), wanted);
  });

  it('calculateGain gives the usual factors', () => {
    // Values: Paddle 3.3.1.
    assert.equal(calculateGain('sigmoid'), 1);
    assert.equal(calculateGain('conv2d'), 1);
    assert.equal(calculateGain('tanh'), 1.6666666666666667);
    assert.equal(calculateGain('relu'), 1.4142135623730951);
    assert.equal(calculateGain('leaky_relu'), 1.4141428569978354);
    assert.equal(calculateGain('leaky_relu', 1), 1);
    assert.equal(calculateGain('selu'), 0.75);
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'a text as constant',
      () => new Constant({ value: '1' as unknown as number }),
      'INVALID_ARGUMENT',
      /value must be a finite/,
    ],
    [
      'a negative spread',
      () => new Normal({ std: -1 }),
      'INVALID_ARGUMENT',
      /std must be a number of at least 0, got -1/,
    ],
    ['an interval upside down', () => new Uniform({ low: 1, high: 0 }), 'INVALID_ARGUMENT', /high must be .* 1, got 0/],
    [
      'a cut upside down',
      () => new TruncatedNormal({ a: 1, b: 1 }),
      'INVALID_ARGUMENT',
      /b must be greater than a, got 1 and 1/,
    ],
    [
      'values of another shape',
      () => new Assign([1, 2, 3]).values([2]),
      'SHAPE_MISMATCH',
      /Assign holds values of shape \[3\], the parameter has \[2\]/,
    ],
    [
      'an unknown nonlinearity',
      () => calculateGain('gelu' as 'relu'),
      'INVALID_ARGUMENT',
      /nonlinearity must be one of 'sigmoid', .*got "gelu"/,
    ],
    [
      'a misspelt option',
      () => new XavierUniform({ fan_in: 1 } as object),
      'UNKNOWN_OPTION',
      /XavierUniform has no option 'fan_in'; did you mean 'fanIn'\?/,
    ],
    [
      'an option of another initialiser',
      () => new KaimingNormal({ fanOut: 1 } as object),
      'UNKNOWN_OPTION',
      /KaimingNormal has no option 'fanOut'/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuse ${what}`, () => assert.throws(run, { code, message }));
  }
});

describe('setGlobalInitializer', () => {
  afterEach(() => setGlobalInitializer(null));

  const all = (value: number, count: number) => new Array<number>(count).fill(value);

  it('replaces the defaults of layers, but not attributes', () => {
    setGlobalInitializer(new Constant(3), new Constant(4));
    const linear = new Linear(2, 2);
    assert.deepEqual(elements(linear.weight), all(3, 4));
    assert.deepEqual(elements(linear.bias!), all(4, 2));
    const attr = new ParamAttr({ initializer: new Constant(7) });
    const conv = new Conv2D(1, 2, 1, { weightAttr: attr, biasAttr: new Constant(8) });
    assert.deepEqual(elements(conv.weight), all(7, 2));
    assert.deepEqual(elements(conv.bias!), all(8, 2));
  });

  it('replaces the ones of a normalisation, but not its running statistics', () => {
    setGlobalInitializer(new Constant(3), new Constant(4));
    const norm = new BatchNorm2D(1);
    assert.deepEqual(norm.parameters().map(elements), [[3], [4], [0], [1]]);
  });

  it('leaves biases alone unless one is given for them, and ends with null', () => {
    setGlobalInitializer(new Constant(3));
    const linear = new Linear(2, 1);
    assert.deepEqual(elements(linear.weight), all(3, 2));
    assert.deepEqual(elements(linear.bias!), [0]);
    setGlobalInitializer(null, new Constant(5));
    assert.deepEqual(elements(new Linear(2, 1).bias!), [5]);
    setGlobalInitializer(null);
    assert.notDeepEqual(elements(new Linear(2, 1).weight), all(3, 2));
    assert.deepEqual(elements(new Linear(2, 1).bias!), [0]);
  });
});

describe('TruncatedNormal', () => {
  // Mean and spread of the distribution cut at the bounds, by its density; Paddle's samples agree.
  const cases: [{ mean: number; std: number; a: number; b: number }, number, number][] = [
    [{ mean: 0, std: 1, a: -2, b: 2 }, 0, 0.8796],
    [{ mean: 1, std: 0.5, a: 0, b: 1.2 }, 0.7516, 0.2957],
    [{ mean: 10, std: 2, a: -1, b: 3 }, 2.4975, 0.476],
    [{ mean: 0, std: 1, a: 5, b: 100 }, 5.1865, 0.1808],
  ];
  for (const [options, mean, spread] of cases) {
    it(`keeps to the bounds ${options.a} and ${options.b}`, () => {
      seed(2);
      const values = Array.from(new initializer.TruncatedNormal(options).values([20_000]));
      assert.ok(values.every((value) => value >= options.a - 1e-6 && value <= options.b + 1e-6));
      const own = values.reduce((sum, value) => sum + value, 0) / values.length;
      const ownSpread = Math.sqrt(values.reduce((sum, value) => sum + (value - own) ** 2, 0) / values.length);
      assert.ok(Math.abs(own - mean) < (6 * spread) / Math.sqrt(20_000) + 1e-3, `mean ${own}`);
      assert.ok(Math.abs(ownSpread - spread) < 0.03 * spread + 1e-3, `spread ${ownSpread}`);
    });
  }

  it('is told from what is no initialiser', () => {
    assert.throws(() => initializer.setGlobalInitializer({} as initializer.Constant), {
      code: 'INVALID_ARGUMENT',
      message: /weightInit must be an Initializer or null/,
    });
  });
});
