import * as tf from '@tensorflow/tfjs-core';
import { checkOptions } from '../common/options.js';
import type { Parameter } from '../nn/parameter.js';
import { adamSettings, movePowers, type AdamSettings } from './adam-rule.js';
import {
  Optimizer,
  optimizerOptionNames,
  withDecay,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Options of {@link Adamax}. */
export interface AdamaxOptions
  extends OptimizerOptions<ParameterGroup & Partial<AdamSettings>>, Partial<AdamSettings> {}

/**
 * Adamax (Kingma and Ba, 2015, section 7.1): `m = beta1 m + (1 - beta1) g`, `u = max(beta2 u + epsilon, |g|)`,
 * `p -= lr / (1 - beta1^t) m / u`.
 */
export class Adamax extends Optimizer<AdamSettings> {
  constructor(options: AdamaxOptions = {}) {
    checkOptions('Adamax', options, [...optimizerOptionNames, 'beta1', 'beta2', 'epsilon']);
    const accumulators = [
      { name: 'moment' },
      { name: 'inf_norm' },
      { name: 'beta1_pow_acc', fill: 'beta1', shape: [1] },
    ];
    super(options, accumulators, adamSettings(options));
  }

  protected update(update: ParameterUpdate<AdamSettings>): void {
    const { parameter, learningRate, slots, settings } = update;
    const { moment, inf_norm, beta1_pow_acc } = slots as Record<'moment' | 'inf_norm' | 'beta1_pow_acc', Parameter>;
    const { beta1, beta2, epsilon } = settings;
    const gradient = withDecay(update);
    moment.assign(tf.add(tf.mul(moment, beta1), tf.mul(gradient, 1 - beta1)));
    inf_norm.assign(tf.maximum(tf.add(tf.mul(inf_norm, beta2), epsilon), tf.abs(gradient)));
    const rate = learningRate / (1 - beta1_pow_acc.item());
    parameter.assign(tf.sub(parameter, tf.mul(tf.div(moment, inf_norm), rate)));
    movePowers(update);
  }
}
