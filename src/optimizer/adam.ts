import * as tf from '@tensorflow/tfjs-core';
import { checkBoolean, checkNumber, checkOptions } from '../common/options.js';
import { stepInPlace } from '../engine/index.js';
import type { Parameter } from '../nn/parameter.js';
import type { AccumulatorSpec } from './accumulators.js';
import {
  engineStep,
  Optimizer,
  optimizerOptionNames,
  withDecay,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Numbers of {@link Adam} that a group of parameters can have of its own. */
export interface AdamSettings {
  /** Share of the old first moment in the new one, in [0, 1). @defaultValue 0.9 */
  readonly beta1: number;
  /** Share of the old second moment in the new one, in [0, 1). @defaultValue 0.999 */
  readonly beta2: number;
  /** Added to the root of the second moment, at least 0. @defaultValue 1e-8 */
  readonly epsilon: number;
}

/** Options of {@link Adam}. */
export interface AdamOptions extends OptimizerOptions<ParameterGroup & Partial<AdamSettings>>, Partial<AdamSettings> {
  /** Use the largest second moment so far (Reddi et al., 2018). @defaultValue false */
  readonly amsgrad?: boolean;
}

/** A share that is at least 0 and below 1. */
function checkBeta(name: string, value: number): number {
  return checkNumber(name, value, 0, 1 - Number.EPSILON / 2);
}

type AccumulatorName = 'moment1' | 'moment2' | 'beta1_pow_acc' | 'beta2_pow_acc';

function accumulatorsOf({ beta1, beta2 }: AdamSettings, amsgrad: boolean): AccumulatorSpec[] {
  return [
    { name: 'moment1' },
    { name: 'moment2' },
    ...(amsgrad ? [{ name: 'moment2_max' }] : []),
    { name: 'beta1_pow_acc', fill: beta1, shape: [1] },
    { name: 'beta2_pow_acc', fill: beta2, shape: [1] },
  ];
}

/**
 * Adam (Kingma and Ba, 2015, in the form at the end of section 2): `m = beta1 m + (1 - beta1) g`,
 * `v = beta2 v + (1 - beta2) g^2`, `p -= lr_t m / (sqrt(v) + epsilon sqrt(1 - beta2^t))` with
 * `lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t)`.
 */
export class Adam extends Optimizer<AdamSettings> {
  constructor(options: AdamOptions = {}) {
    checkOptions('Adam', options, [...optimizerOptionNames, 'beta1', 'beta2', 'epsilon', 'amsgrad']);
    const settings = {
      beta1: checkBeta('beta1', options.beta1 ?? 0.9),
      beta2: checkBeta('beta2', options.beta2 ?? 0.999),
      epsilon: checkNumber('epsilon', options.epsilon ?? 1e-8, 0),
    };
    const amsgrad = checkBoolean('amsgrad', options.amsgrad ?? false);
    super(options, accumulatorsOf(settings, amsgrad), settings);
  }

  protected update(update: ParameterUpdate<AdamSettings>): void {
    const { parameter, learningRate, slots, settings } = update;
    const { beta1, beta2, epsilon } = settings;
    const { moment1, moment2, beta1_pow_acc, beta2_pow_acc } = slots as Record<AccumulatorName, Parameter>;
    const largest = slots.moment2_max;
    const correction2 = Math.sqrt(1 - beta2_pow_acc.item());
    const rate = (learningRate * correction2) / (1 - beta1_pow_acc.item());
    const penalised = withDecay(update);
    moment1.assign(tf.add(tf.mul(moment1, beta1), tf.mul(penalised, 1 - beta1)));
    moment2.assign(tf.add(tf.mul(moment2, beta2), tf.mul(tf.square(penalised), 1 - beta2)));
    largest?.assign(tf.maximum(largest, moment2));
    const step = tf.div(moment1, tf.add(tf.sqrt(largest ?? moment2), epsilon * correction2));
    parameter.assign(tf.sub(parameter, tf.mul(step, rate)));
    beta1_pow_acc.assign(tf.mul(beta1_pow_acc, beta1));
    beta2_pow_acc.assign(tf.mul(beta2_pow_acc, beta2));
  }

  protected override updateAll(updates: readonly ParameterUpdate<AdamSettings>[]): void {
    const { beta1, beta2, epsilon } = updates[0]!.settings;
    const steps = updates.map((update) => {
      const { beta1_pow_acc, beta2_pow_acc } = update.slots as Record<AccumulatorName, Parameter>;
      const slots = ['moment1', 'moment2', 'moment2_max'];
      return { ...engineStep(update, slots), powers: [beta1_pow_acc, beta2_pow_acc] };
    });
    const fused = stepInPlace(steps, (kernels, table, count) => {
      kernels.adam_step(table, count, beta1, beta2, epsilon);
    });
    if (!fused) super.updateAll(updates);
  }
}
