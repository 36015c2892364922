import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { InvalidArgumentError, OutOfRangeError } from '../../src/common/errors.js';
import * as lr from '../../src/optimizer/lr/index.js';
import { captureConsole } from '../support/console.js';

/** One of each schedule that is stepped without a metric, with options that matter within 20 steps. */
const schedules: Record<string, () => lr.LRScheduler> = {
  NoamDecay: () => new lr.NoamDecay(16, 5),
  PiecewiseDecay: () => new lr.PiecewiseDecay([3, 9], [0.3, 0.2, 0.1]),
  NaturalExpDecay: () => new lr.NaturalExpDecay(0.5, 0.1),
  InverseTimeDecay: () => new lr.InverseTimeDecay(0.5, 0.1),
  PolynomialDecay: () => new lr.PolynomialDecay(0.5, 4, { cycle: true }),
  LinearWarmup: () => new lr.LinearWarmup(new lr.CosineAnnealingDecay(0.5, 4), 5, 0.1, 0.5),
  ExponentialDecay: () => new lr.ExponentialDecay(0.5, 0.9),
  MultiStepDecay: () => new lr.MultiStepDecay(0.5, [3, 8]),
  StepDecay: () => new lr.StepDecay(0.5, 3),
  LambdaDecay: () => new lr.LambdaDecay(0.5, (epoch) => 1 / (1 + epoch)),
  MultiplicativeDecay: () => new lr.MultiplicativeDecay(0.5, (epoch) => 1 - epoch / 100),
  CosineAnnealingDecay: () => new lr.CosineAnnealingDecay(0.5, 4, { etaMin: 0.01 }),
  CosineAnnealingWarmRestarts: () => new lr.CosineAnnealingWarmRestarts(0.5, 2, { tMult: 2 }),
  OneCycleLR: () => new lr.OneCycleLR(1, 21),
  CyclicLR: () => new lr.CyclicLR(0.1, 1, 3, { mode: 'triangular2' }),
  LinearLR: () => new lr.LinearLR(0.5, 6),
};

describe('learning-rate schedules', () => {
  for (const [name, make] of Object.entries(schedules)) {
    it(`${name} goes on from a saved state with the same bits`, () => {
      for (const saveAt of [0, 1, 5, 13]) {
        const whole = make();
        for (let step = 0; step < saveAt; step++) whole.step();
        const state = JSON.parse(JSON.stringify(whole.stateDict())) as lr.LRSchedulerState;
        const resumed = make();
        resumed.setStateDict(state);
        for (let step = saveAt; step < 20; step++) {
          assert.equal(resumed.lastLr, whole.lastLr, `saved at ${saveAt}, rate ${step}`);
          whole.step();
          resumed.step();
        }
      }
    });
  }

  it('jump to an epoch by their closed form', () => {
    for (const make of [schedules.CosineAnnealingDecay!, schedules.CosineAnnealingWarmRestarts!]) {
      const stepped = make();
      for (let epoch = 1; epoch < 12; epoch++) {
        stepped.step();
        const jumped = make();
        jumped.step(epoch);
        assert.ok(Math.abs(jumped.lastLr - stepped.lastLr) < 1e-12, `epoch ${epoch}`);
      }
    }
  });

  it('LambdaDecay and MultiplicativeDecay apply their functions', () => {
    const lambda = new lr.LambdaDecay(0.5, (epoch) => 0.95 ** epoch);
    const product = new lr.MultiplicativeDecay(0.5, () => 0.95);
    for (let epoch = 0; epoch < 10; epoch++) {
      assert.equal(lambda.lastLr, 0.5 * 0.95 ** epoch);
      assert.ok(Math.abs(product.lastLr - lambda.lastLr) < 1e-12);
      lambda.step();
      product.step();
    }
  });

  it('CyclicLR scales by its own function', () => {
    const byCycle = new lr.CyclicLR(0, 1, 2, { scaleFn: (cycle) => 1 / cycle });
    const byStep = new lr.CyclicLR(0, 1, 2, { scaleFn: (step) => 1 / (1 + step), scaleMode: 'iterations' });
    for (let step = 0; step < 6; step++) {
      byCycle.step();
      byStep.step();
    }
    assert.equal(byCycle.lastLr, 1 / 2);
    assert.equal(byStep.lastLr, 1 / 7);
  });

  it('PolynomialDecay stays at its end', () => {
    const schedule = new lr.PolynomialDecay(0.5, 2, { endLr: 0.125 });
    for (let step = 0; step < 5; step++) schedule.step();
    assert.equal(schedule.lastLr, 0.125);
  });

  it('OneCycleLR ends after its steps', () => {
    const schedule = new lr.OneCycleLR(1, 3);
    for (let step = 0; step < 3; step++) schedule.step();
    assert.throws(
      () => {
        schedule.step();
      },
      (error) => error instanceof OutOfRangeError && error.message.includes('3 steps, but was stepped 4 times'),
    );
  });

  it('continue from a last epoch', () => {
    const fresh = new lr.ExponentialDecay(0.5, 0.9);
    for (let step = 0; step < 4; step++) fresh.step();
    assert.equal(new lr.ExponentialDecay(0.5, 0.9, { lastEpoch: 3 }).lastLr, fresh.lastLr);
  });

  it('print each rate when asked to', async () => {
    const printed = await captureConsole(() => {
      new lr.ExponentialDecay(0.5, 0.5, { verbose: true }).step();
      return Promise.resolve();
    });
    assert.equal(
      printed,
      'Epoch 0: ExponentialDecay set learning rate to 0.5.\nEpoch 1: ExponentialDecay set learning rate to 0.25.\n',
    );
  });

  it('miss what a state lacks', () => {
    const schedule = new lr.LinearWarmup(new lr.StepDecay(0.5, 2), 2, 0, 0.5);
    assert.throws(() => {
      schedule.setStateDict({ last_epoch: 1, last_lr: 0.2 });
    }, /must hold LinearWarmup_LR/);
    assert.throws(() => {
      new lr.StepDecay(0.5, 2).setStateDict({ last_lr: 0.2 });
    }, /must hold last_epoch/);
  });
});

describe('ReduceOnPlateau', () => {
  it('reduces only after more than patience bad epochs, down to minLr', () => {
    const schedule = new lr.ReduceOnPlateau(1, { mode: 'max', factor: 0.1, patience: 1, minLr: 0.05 });
    const rates = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5].map((metric) => {
      schedule.step(metric);
      return schedule.lastLr;
    });
    assert.deepEqual(rates, [1, 1, 0.1, 0.1, 0.05, 0.05, 0.05]);
    assert.equal(schedule.lastEpoch, 7);
  });

  it('compares by difference or by share', () => {
    const best = (thresholdMode: 'abs' | 'rel', mode: 'min' | 'max') => {
      const schedule = new lr.ReduceOnPlateau(1, { thresholdMode, mode, threshold: 0.1 });
      for (const metric of mode === 'min' ? [10, 9.5, 8.9] : [10, 10.5, 11.1]) schedule.step(metric);
      return schedule.best;
    };
    assert.equal(best('abs', 'min'), 8.9);
    assert.equal(best('abs', 'max'), 11.1);
    assert.equal(best('rel', 'min'), 8.9);
    assert.equal(best('rel', 'max'), 11.1);
    const strict = new lr.ReduceOnPlateau(1, { threshold: 0.1 });
    strict.step(10);
    strict.step(9.5);
    assert.equal(strict.best, 10);
    assert.equal(strict.numBadEpochs, 1);
  });

  it('goes on from a saved state', () => {
    const metrics = [1, 0.9, 0.95, 0.96, 0.97, 0.98, 0.99, 0.5, 0.6, 0.7, 0.8];
    const make = () => new lr.ReduceOnPlateau(0.5, { factor: 0.5, patience: 1, cooldown: 1 });
    for (let saveAt = 0; saveAt < metrics.length; saveAt++) {
      const whole = make();
      for (const metric of metrics.slice(0, saveAt)) whole.step(metric);
      const resumed = make();
      resumed.setStateDict(JSON.parse(JSON.stringify(whole.stateDict())) as lr.LRSchedulerState);
      for (const metric of metrics.slice(saveAt)) {
        whole.step(metric);
        resumed.step(metric);
        assert.equal(resumed.lastLr, whole.lastLr);
      }
    }
  });

  it('needs a metric of one element', () => {
    const schedule = new lr.ReduceOnPlateau(0.5);
    assert.throws(() => {
      schedule.step();
    }, /ReduceOnPlateau.step needs a metric.*got undefined/);
    assert.throws(() => {
      tf.tidy(() => {
        schedule.step(tf.zeros([2]));
      });
    }, /one element, got .* of shape \[2\]/);
  });
});

describe('schedules refuse', () => {
  const refused: readonly [what: string, make: () => unknown, message: RegExp][] = [
    ['a negative rate', () => new lr.StepDecay(-1, 2), /learningRate must be a number of at least 0, got -1/],
    ['a rate that is no number', () => new lr.StepDecay('1' as never, 2), /learningRate must be .* got "1"/],
    ['gamma 1', () => new lr.StepDecay(1, 2, { gamma: 1 }), /gamma must be below 1.*got 1/],
    ['a growing decay', () => new lr.ExponentialDecay(1, 1.5), /gamma must be below 1/],
    ['gamma 0', () => new lr.ExponentialDecay(1, 0), /gamma must be above 0, got 0/],
    ['a negative gamma', () => new lr.NaturalExpDecay(1, -1), /gamma must be above 0, got -1/],
    ['no boundaries', () => new lr.PiecewiseDecay([], [1]), /boundaries must not be empty/],
    ['too few values', () => new lr.PiecewiseDecay([1, 2], [1, 2]), /values must have one element more.*2 for 2/],
    ['boundaries of text', () => new lr.PiecewiseDecay('12' as never, [1]), /boundaries must be an array of numbers/],
    ['no steps', () => new lr.PolynomialDecay(1, 0), /decaySteps must be a positive integer, got 0/],
    ['power 0', () => new lr.PolynomialDecay(1, 2, { power: 0 }), /power must be above 0/],
    ['a falling warm-up', () => new lr.LinearWarmup(1, 2, 1, 0.5), /endLr must be above startLr \(1\), got 0.5/],
    ['half a warm-up step', () => new lr.LinearWarmup(1, 0.5, 0, 1), /warmupSteps must be a positive integer/],
    [
      'a warm-up to text',
      () => new lr.LinearWarmup('a' as never, 2, 0, 1),
      /learningRate must be a number or an LRSch/,
    ],
    ['milestones that fall', () => new lr.MultiStepDecay(1, [3, 2]), /milestones must increase, got \[3, 2\]/],
    ['no function', () => new lr.LambdaDecay(1, 2 as never), /lrLambda must be a function, got 2/],
    ['no factor function', () => new lr.MultiplicativeDecay(1, 2 as never), /lrLambda must be a function, got 2/],
    ['half a period', () => new lr.CosineAnnealingDecay(1, 1.5), /tMax must be a positive integer, got 1.5/],
    ['period 0', () => new lr.CosineAnnealingWarmRestarts(1, 0), /t0 must be a positive integer, got 0/],
    ['multiplier 0', () => new lr.CosineAnnealingWarmRestarts(1, 1, { tMult: 0 }), /tMult must be a positive integer/],
    ['no total', () => new lr.OneCycleLR(1, 0), /totalSteps must be a positive integer, got 0/],
    ['a share of 2', () => new lr.OneCycleLR(1, 9, { phasePct: 2 }), /phasePct must be a number between 0 and 1/],
    ['a wide phase', () => new lr.OneCycleLR(1, 9, { phasePct: 0.5, threePhase: true }), /phasePct must be below 0.5/],
    ['a strategy', () => new lr.OneCycleLR(1, 9, { annealStrategy: 'exp' as never }), /annealStrategy must be one of/],
    ['a cycle mode', () => new lr.CyclicLR(0, 1, 2, { mode: 'square' as never }), /mode must be one of/],
    ['a scale mode', () => new lr.CyclicLR(0, 1, 2, { scaleMode: 'epoch' as never }), /scaleMode must be one of/],
    ['a cycle without rise', () => new lr.CyclicLR(0, 1, 0), /stepSizeUp must be a positive integer, got 0/],
    ['a cycle without fall', () => new lr.CyclicLR(0, 1, 1, { stepSizeDown: 0 }), /stepSizeDown must be a positive/],
    ['a start factor 0', () => new lr.LinearLR(1, 2, { startFactor: 0 }), /startFactor must be above 0/],
    ['a large end factor', () => new lr.LinearLR(1, 2, { endFactor: 2 }), /endFactor must be a number between 0 and 1/],
    ['a plateau mode', () => new lr.ReduceOnPlateau(1, { mode: 'auto' as never }), /mode must be one of 'min', 'max'/],
    ['a plateau factor', () => new lr.ReduceOnPlateau(1, { factor: 1 }), /factor must be below 1/],
    ['a misspelt option', () => new lr.OneCycleLR(1, 9, { phasePc: 1 } as never), /did you mean 'phasePct'/],
    ['an option of another', () => new lr.NaturalExpDecay(1, 1, { gamma: 1 } as never), /has no option 'gamma'/],
  ];
  for (const [what, make, message] of refused) {
    it(what, () => {
      assert.throws(
        make,
        (error) => error instanceof Error && message.test(error.message) && 'code' in error && isInputError(error),
      );
    });
  }

  function isInputError(error: Error): boolean {
    return error instanceof InvalidArgumentError || error.name === 'UnknownOptionError';
  }
});
