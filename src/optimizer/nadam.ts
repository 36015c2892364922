import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptions } from '../common/options.js';
import type { Parameter } from '../nn/parameter.js';
import { adamSettings, moveMoments, type AdamSettings } from './adam-rule.js';
import { fillAlike, firstElement } from './uniform-accumulators.js';
import {
  Optimizer,
  optimizerOptionNames,
  withDecay,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Numbers of {@link NAdam} that a group of parameters can have of its own. */
export interface NAdamSettings extends AdamSettings {
  /** How fast the momentum grows towards beta1, at least 0. @defaultValue 0.004 */
  readonly momentumDecay: number;
}

/** Options of {@link NAdam}. Its learning rate is 0.002 when none is given. */
export interface NAdamOptions
  extends OptimizerOptions<ParameterGroup & Partial<NAdamSettings>>, Partial<NAdamSettings> {}

/**
 * NAdam (Dozat, 2016): the moments of Adam, with Nesterov's look ahead. With
 * `mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2)` and the product M of all of them,
 * `p -= lr (mu_(t+1) m / (1 - M_(t+1)) + (1 - mu_t) g / (1 - M_t)) / (sqrt(v / (1 - beta2^t)) + epsilon)`.
 */
export class NAdam extends Optimizer<NAdamSettings> {
  constructor(options: NAdamOptions = {}) {
    checkOptions('NAdam', options, [...optimizerOptionNames, 'beta1', 'beta2', 'epsilon', 'momentumDecay']);
    const accumulators = [
      { name: 'momentum_decay_pow', fill: 1 },
      { name: 'beta2_pow', fill: 1 },
      { name: 'mu_product', fill: 1 },
      { name: 'moment1' },
      { name: 'moment2' },
    ];
    super({ ...options, learningRate: options.learningRate ?? 0.002 }, accumulators, {
      ...adamSettings(options),
      momentumDecay: checkNumber('momentumDecay', options.momentumDecay ?? 0.004, 0),
    });
  }

  protected update(update: ParameterUpdate<NAdamSettings>): void {
    const { parameter, learningRate, slots, settings } = update;
    const { momentum_decay_pow, beta2_pow, mu_product, moment1, moment2 } = slots as Record<string, Parameter>;
    const { beta1, beta2, epsilon, momentumDecay } = settings;

    const decayPower = Math.fround(firstElement(momentum_decay_pow!) * 0.96);
    const power2 = Math.fround(firstElement(beta2_pow!) * beta2);
    const mu = beta1 * (1 - 0.5 * decayPower ** momentumDecay);
    const nextMu = beta1 * (1 - 0.5 * decayPower ** momentumDecay * 0.96 ** momentumDecay);
    const product = Math.fround(firstElement(mu_product!) * mu);
    fillAlike(momentum_decay_pow!, decayPower);
    fillAlike(beta2_pow!, power2);
    fillAlike(mu_product!, product);

    moveMoments(update);
    const ahead = tf.mul(moment1!, nextMu / (1 - product * nextMu));
    const now = tf.mul(withDecay(update), (1 - mu) / (1 - product));
    const root = tf.add(tf.sqrt(tf.div(moment2!, 1 - power2)), epsilon);
    parameter.assign(tf.sub(parameter, tf.mul(tf.div(tf.add(ahead, now), root), learningRate)));
  }
}
