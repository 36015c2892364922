import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { ClipGradByGlobalNorm, ClipGradByNorm, ClipGradByValue, Parameter } from '../../src/nn/index.js';
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  Lamb,
  lr,
  Momentum,
  NAdam,
  RAdam,
  RMSProp,
  Rprop,
  SGD,
  type Optimizer,
  type OptimizerOptions,
} from '../../src/optimizer/index.js';
import { L1Decay, L2Decay } from '../../src/regularizer/index.js';

function parameter(values: number[], name = 'p'): Parameter {
  return new Parameter(tf.tensor1d(values), { name });
}

/** Gives a parameter the gradient of `sum(p * factors)`: the factors. */
function setGradient(target: Parameter, factors: number[]): void {
  tf.sum(tf.mul(target, tf.tensor1d(factors))).backward();
}

const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

function assertValues(actual: tf.Tensor, expected: number[]): void {
  values(actual).forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) < 1e-6, `${values(actual).join(' ')}, not ${expected.join(' ')}`);
  });
}

/** One row per optimizer: what all of them must do is tested below. */
const optimizers: [string, (options: OptimizerOptions) => Optimizer, string[]][] = [
  ['SGD', (options) => new SGD(options), []],
  ['Momentum', (options) => new Momentum(options), ['velocity']],
  ['Momentum with Nesterov', (options) => new Momentum({ ...options, useNesterov: true }), ['velocity']],
  ['Adam', (options) => new Adam(options), ['moment1', 'moment2', 'beta1_pow_acc', 'beta2_pow_acc']],
  [
    'Adam with amsgrad',
    (options) => new Adam({ ...options, amsgrad: true }),
    ['moment1', 'moment2', 'moment2_max', 'beta1_pow_acc', 'beta2_pow_acc'],
  ],
  [
    'AdamW',
    (options) => new AdamW({ ...withoutPenalty(options), weightDecay: 0 }),
    ['moment1', 'moment2', 'beta1_pow_acc', 'beta2_pow_acc'],
  ],
  ['Adagrad', (options) => new Adagrad({ learningRate: 0.001, ...options }), ['moment']],
  ['Adadelta', (options) => new Adadelta(options), ['_avg_squared_grad', '_avg_squared_update']],
  ['Adamax', (options) => new Adamax(options), ['moment', 'inf_norm', 'beta1_pow_acc']],
  [
    'RMSProp',
    (options) => new RMSProp({ learningRate: 0.001, ...options, centered: true, momentum: 0.5 }),
    ['momentum', 'mean_square', 'mean_grad'],
  ],
  [
    'Lamb',
    (options) => new Lamb({ ...withoutPenalty(options), lambWeightDecay: 0 }),
    ['moment1', 'moment2', 'beta1_pow_acc', 'beta2_pow_acc'],
  ],
  ['NAdam', (options) => new NAdam(options), ['momentum_decay_pow', 'beta2_pow', 'mu_product', 'moment1', 'moment2']],
  [
    'RAdam',
    (options) => new RAdam({ ...options, beta2: 0.9 }),
    ['beta1_pow', 'beta2_pow', 'rho', 'moment1', 'moment2'],
  ],
  ['Rprop', (options) => new Rprop(withoutPenalty(options)), ['prevs', 'learning_rates']],
  ['ASGD', (options) => new ASGD({ ...options, batchNum: 2 }), ['d', 'y', 'm']],
];

/** For the optimizers that have no penalty or one of their own. */
function withoutPenalty({ weightDecay: _, parameters, ...options }: OptimizerOptions) {
  return { ...options, parameters: (parameters ?? null) as readonly Parameter[] | null };
}

for (const [name, make, accumulators] of optimizers) {
  describe(name, () => {
    const train = (optimizer: Optimizer, target: Parameter, steps: number, from = 0) => {
      for (let i = from; i < from + steps; i++) {
        setGradient(target, [1 + i, -2, 0.5 * i]);
        optimizer.step();
        optimizer.clearGrad();
      }
    };

    it('goes down', () => {
      const target = parameter([1, 1, 1]);
      const optimizer = make({ learningRate: 0.1, parameters: [target] });
      setGradient(target, [1, -1, 0]);
      optimizer.step();
      const [first = 0, second = 0, third = 0] = values(target);
      assert.ok(first < 1 && second > 1 && third === 1);
    });

    it('has the accumulators of Paddle, named after the parameter', () => {
      const [a, b] = [parameter([1, 1, 1], 'a'), parameter([1, 1, 1], 'b')];
      const optimizer = make({ parameters: [a, b] });
      assert.deepEqual(optimizer.stateDict(), {});
      setGradient(a, [1, 1, 1]);
      setGradient(b, [1, 1, 1]);
      optimizer.step();
      const names = Object.keys(optimizer.stateDict()).map((key) => key.replace(/_\d+$/, ''));
      assert.deepEqual(
        names,
        accumulators.flatMap((accumulator) => [`a_${accumulator}`, `b_${accumulator}`]),
      );
    });

    it('goes on bit for bit after its state was restored', () => {
      const whole = parameter([1, 2, 3]);
      train(make({ learningRate: 0.1, parameters: [whole] }), whole, 6);

      const before = parameter([1, 2, 3]);
      const first = make({ learningRate: 0.1, parameters: [before] });
      train(first, before, 3);
      const after = parameter(values(before));
      const second = make({ learningRate: 0.1, parameters: [after] });
      second.setStateDict(first.stateDict());
      train(second, after, 3, 3);
      assert.deepEqual(values(after), values(whole));
    });

    it('leaves parameters alone that are frozen or have no gradient', () => {
      const [frozen, unused] = [parameter([1, 1, 1]), parameter([1, 1, 1])];
      const optimizer = make({ learningRate: 0.1, parameters: [frozen, unused], weightDecay: 0.1 });
      setGradient(frozen, [1, 1, 1]);
      frozen.trainable = false;
      optimizer.step();
      assert.deepEqual(values(frozen), [1, 1, 1]);
      assert.deepEqual(values(unused), [1, 1, 1]);
    });

    it('frees everything but its accumulators', () => {
      const target = parameter([1, 1, 1]);
      const optimizer = make({ parameters: [target] });
      train(optimizer, target, 2);
      const before = tf.memory().numTensors;
      tf.tidy(() => train(optimizer, target, 5));
      assert.equal(tf.memory().numTensors, before);
    });

    it('keeps clones made before a step', () => {
      const target = parameter([1, 1, 1]);
      const optimizer = make({ learningRate: 1, parameters: [target] });
      const clone = target.clone();
      const read = target.numpy();
      train(optimizer, target, 1);
      assert.deepEqual(values(clone), [1, 1, 1]);
      assert.deepEqual(Array.from(read), [1, 1, 1]);
    });
  });
}

describe('closed forms of one step', () => {
  const cases: [string, (options: OptimizerOptions) => Optimizer, OptimizerOptions, number[]][] = [
    ['SGD', (options) => new SGD(options), {}, [1 - 0.1 * 2, 2 + 0.1 * 4]],
    ['SGD with L2', (options) => new SGD(options), { weightDecay: 0.5 }, [1 - 0.1 * 2.5, 2 + 0.1 * 3]],
    ['SGD with L1', (options) => new SGD(options), { weightDecay: new L1Decay(0.5) }, [1 - 0.1 * 2.5, 2 + 0.1 * 3.5]],
    ['Momentum', (options) => new Momentum(options), {}, [0.8, 2.4]],
    [
      'Nesterov',
      (options) => new Momentum({ ...options, useNesterov: true }),
      {},
      [1 - 0.1 * 2 * 1.9, 2 + 0.1 * 4 * 1.9],
    ],
    ['Adam', (options) => new Adam(options), {}, [0.9, 2.1]],
    ['clip by value', (options) => new SGD(options), { gradClip: new ClipGradByValue(3, { min: -1 }) }, [0.8, 2.1]],
    [
      'clip by norm',
      (options) => new SGD(options),
      { gradClip: new ClipGradByNorm(1) },
      [1 - 0.1 / Math.sqrt(5), 2 + 0.2 / Math.sqrt(5)],
    ],
    ['clip by global norm', (options) => new SGD(options), { gradClip: new ClipGradByGlobalNorm(100) }, [0.8, 2.4]],
  ];
  for (const [name, make, options, expected] of cases) {
    it(name, () => {
      const target = parameter([1, 2]);
      const optimizer = make({ learningRate: 0.1, parameters: [target], ...options });
      setGradient(target, [2, -4]);
      optimizer.step();
      assertValues(target, expected);
    });
  }
});

describe('Optimizer', () => {
  it('moves parameters again after clearGrad(), and not after clearGrad(false)', () => {
    for (const [setToZero, moves] of [
      [true, true],
      [false, false],
    ] as const) {
      const target = parameter([1]);
      const optimizer = new Momentum({ learningRate: 0.1, parameters: [target] });
      setGradient(target, [1]);
      optimizer.step();
      optimizer.clearGrad(setToZero);
      assert.equal(target.grad?.item() ?? null, setToZero ? 0 : null);
      const before = target.item();
      optimizer.step();
      assert.equal(target.item() !== before, moves);
    }
  });

  it('honours the attributes of a parameter', () => {
    const target = new Parameter(tf.tensor1d([1]), {
      name: 'p',
      learningRate: 0.5,
      regularizer: new L2Decay(1),
      needClip: false,
    });
    const optimizer = new SGD({
      learningRate: 0.1,
      parameters: [target],
      weightDecay: 100,
      gradClip: new ClipGradByValue(0.001),
    });
    setGradient(target, [2]);
    optimizer.step();
    assertValues(target, [1 - 0.1 * 0.5 * 3]);
  });

  it('honours the settings of groups', () => {
    const [a, b] = [parameter([1]), parameter([1])];
    const optimizer = new Momentum({
      learningRate: 0.1,
      parameters: [{ params: [a], learningRate: 0.5, weightDecay: 1, momentum: 0 }, { params: [b] }],
    });
    for (let i = 0; i < 2; i++) {
      a.clearGrad();
      b.clearGrad();
      setGradient(a, [1]);
      setGradient(b, [1]);
      optimizer.step();
    }
    const first = 1 - 0.05 * 2;
    assertValues(a, [first - 0.05 * (1 + first)]);
    assertValues(b, [1 - 0.1 - 0.1 * 1.9]);
  });

  it('scales the rate of a parameter by lrRatio, also for its decay', () => {
    const [a, b, slow] = [parameter([1, 2], 'a'), parameter([1, 2], 'b'), parameter([1, 2], 'c')];
    const lrRatio = ({ name }: Parameter) => (name === 'a' ? 0.5 : 1);
    const both = new AdamW({ learningRate: 0.2, weightDecay: 0.3, parameters: [a, b], lrRatio });
    const half = new AdamW({ learningRate: 0.1, weightDecay: 0.3, parameters: [slow] });
    for (let i = 0; i < 3; i++) {
      for (const target of [a, b, slow]) setGradient(target, [1 + i, -2]);
      for (const optimizer of [both, half]) {
        optimizer.step();
        optimizer.clearGrad();
      }
    }
    assert.deepEqual(values(a), values(slow));
    assert.notDeepEqual(values(a), values(b));
  });

  it('takes its rate from a schedule', () => {
    const target = parameter([1]);
    const schedule = new lr.StepDecay(1, 1, { gamma: 0.5 });
    const optimizer = new SGD({ learningRate: schedule, parameters: [target] });
    assert.equal(optimizer.getLr(), 1);
    schedule.step();
    assert.equal(optimizer.getLr(), 0.5);
    setGradient(target, [1]);
    optimizer.step();
    assertValues(target, [0.5]);
    assert.deepEqual(optimizer.stateDict().LR_Scheduler, { last_epoch: 1, last_lr: 0.5 });
    assert.throws(() => optimizer.setLr(1), /set by a schedule/);
  });

  it('maps the accumulators of parameters with other names by their order', () => {
    const source = [parameter([1], 'x'), parameter([2], 'y')];
    const first = new Momentum({ parameters: source });
    source.forEach((p, i) => setGradient(p, [i + 1]));
    first.step();
    const target = [parameter([1], 'u'), parameter([2], 'v')];
    const second = new Momentum({ parameters: target });
    second.setStateDict(first.stateDict());
    const velocities = Object.values(second.stateDict()) as tf.Tensor[];
    assert.deepEqual(
      velocities.map((velocity) => velocity.item()),
      [1, 2],
    );
  });

  const target = () => parameter([1, 2]);
  const refused: [string, () => unknown, RegExp][] = [
    ['an unknown option', () => new SGD({ lr: 0.1 } as object), /SGD has no option 'lr'/],
    ['a rate that is no number', () => new SGD({ learningRate: '1' as unknown as number }), /learningRate must be/],
    ['a step without parameters', () => new SGD().step(), /no parameters; pass parameters/],
    [
      'a parameter in two groups',
      () => {
        const p = target();
        return new SGD({ parameters: [{ params: [p] }, { params: [p] }] });
      },
      /given twice/,
    ],
    ['a tensor as parameters', () => new SGD({ parameters: tf.scalar(1) as unknown as [] }), /must be an array/],
    ['something else in parameters', () => new SGD({ parameters: [1] as unknown as [] }), /parameter group/],
    [
      'an unknown setting of a group',
      () => new SGD({ parameters: [{ params: [], momentum: 1 } as { params: [] }] }),
      /momentum/,
    ],
    ['a clip that is none', () => new SGD({ gradClip: 1 as unknown as null }), /gradClip must be/],
    ['a decay that is none', () => new SGD({ weightDecay: 'x' as unknown as null }), /weightDecay must be/],
    ['a beta of 1', () => new Adam({ beta1: 1 }), /beta1 must be a number between 0 and/],
    ['Adagrad without a rate', () => new Adagrad({} as { learningRate: number }), /Adagrad needs a learningRate/],
    ['RMSProp without a rate', () => new RMSProp({} as { learningRate: number }), /RMSProp needs a learningRate/],
    [
      'a penalty as a decay',
      () => new AdamW({ weightDecay: new L2Decay(1) as unknown as number }),
      /weightDecay must be/,
    ],
    ['a ratio that is no function', () => new AdamW({ lrRatio: 1 as unknown as null }), /lrRatio must be a function/],
    ['a penalty on Lamb', () => new Lamb({ weightDecay: 1 } as object), /no option 'weightDecay'.*lambWeightDecay/],
    ['a rate outside of its range', () => new Rprop({ learningRate: 60 }), /learningRateRange must .* 60/],
    ['factors that do not shrink', () => new Rprop({ etas: [1.1, 1.2] }), /etas must be a factor between 0 and 1/],
    ['no batches', () => new ASGD({ batchNum: 0 }), /batchNum must be a positive integer/],
    ['a negative epsilon', () => new Adam({ epsilon: -1 }), /epsilon must be a number of at least 0/],
    [
      'a state without an accumulator',
      () => new Momentum({ parameters: [target()] }).setStateDict({ other: tf.scalar(1) }),
      /missing is p_velocity/,
    ],
    [
      'a state of another shape',
      () => new Momentum({ parameters: [target()] }).setStateDict({ q_velocity_0: tf.zeros([3]) }),
      /\[3\].* needs \[2\]/,
    ],
    [
      'a state without its schedule',
      () => new SGD({ parameters: [target()], learningRate: new lr.StepDecay(1, 1) }).setStateDict({}),
      /holds no LR_Scheduler/,
    ],
    ['a negative rate of a schedule', () => new lr.StepDecay(-1, 1), /learningRate must be a number of at least 0/],
    [
      'a state of a schedule with a gap',
      () => new lr.StepDecay(1, 1).setStateDict({ last_epoch: 1 }),
      /must hold last_lr/,
    ],
    ['a bound without a sign', () => new ClipGradByValue(-1), /max must be greater than 0/],
  ];
  for (const [what, run, message] of refused) it(`refuses ${what}`, () => assert.throws(run, message));
});
