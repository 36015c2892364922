import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { assertClose, describeOracle } from '../support/oracle.js';
import { lr } from '../../src/optimizer/index.js';

const schedules: Record<string, () => lr.LRScheduler> = {
  NoamDecay: () => new lr.NoamDecay(64, 10, { learningRate: 2 }),
  PiecewiseDecay: () => new lr.PiecewiseDecay([3, 6, 9], [0.1, 0.05, 0.01, 0.001]),
  NaturalExpDecay: () => new lr.NaturalExpDecay(0.5, 0.1),
  InverseTimeDecay: () => new lr.InverseTimeDecay(0.5, 0.1),
  PolynomialDecay: () => new lr.PolynomialDecay(0.5, 7, { endLr: 0.01, power: 2 }),
  PolynomialDecay_cycle: () => new lr.PolynomialDecay(0.5, 7, { endLr: 0.01, cycle: true }),
  LinearWarmup: () => new lr.LinearWarmup(0.5, 5, 0, 0.5),
  LinearWarmup_cosine: () => new lr.LinearWarmup(new lr.CosineAnnealingDecay(0.5, 10), 5, 0.1, 0.5),
  ExponentialDecay: () => new lr.ExponentialDecay(0.5, 0.9),
  MultiStepDecay: () => new lr.MultiStepDecay(0.5, [3, 8, 12], { gamma: 0.5 }),
  StepDecay: () => new lr.StepDecay(0.5, 4, { gamma: 0.3 }),
  CosineAnnealingDecay: () => new lr.CosineAnnealingDecay(0.5, 10, { etaMin: 0.01 }),
  CosineAnnealingDecay_short: () => new lr.CosineAnnealingDecay(0.5, 4),
  OneCycleLR: () => new lr.OneCycleLR(1, 30),
  OneCycleLR_linear3: () => new lr.OneCycleLR(1, 30, { annealStrategy: 'linear', threePhase: true }),
  CyclicLR: () => new lr.CyclicLR(0.1, 1, 4),
  CyclicLR_tri2: () => new lr.CyclicLR(0.1, 1, 3, { stepSizeDown: 5, mode: 'triangular2' }),
  CyclicLR_exp: () => new lr.CyclicLR(0.1, 1, 4, { mode: 'exp_range', expGamma: 0.95 }),
  LinearLR: () => new lr.LinearLR(0.5, 6),
  CosineAnnealingWarmRestarts: () => new lr.CosineAnnealingWarmRestarts(0.5, 4, { tMult: 2, etaMin: 0.01 }),
};

/** The metrics of the case ReduceOnPlateau. */
const metrics = [1, 0.9, 0.95, 0.96, 0.97, 0.98, 0.99, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2];

function checkPlateau(expected: readonly number[]): void {
  const schedule = new lr.ReduceOnPlateau(0.5, { factor: 0.5, patience: 2, cooldown: 1 });
  assert.equal(expected.length, metrics.length);
  tf.tidy(() => {
    expected.forEach((wanted, step) => {
      assertClose(schedule.lastLr, wanted, 1e-6, `rate ${step}`);
      schedule.step(tf.scalar(metrics[step]!));
    });
  });
}

describeOracle<number[]>('schedulers', (name, expected) => {
  if (name === 'ReduceOnPlateau') {
    checkPlateau(expected);
    return;
  }
  const make = schedules[name];
  assert.ok(make, `no schedule for the case ${name}`);
  const schedule = make();
  expected.forEach((wanted, step) => {
    assertClose(schedule.lastLr, wanted, 1e-6, `rate ${step}`);
    schedule.step();
  });
});
