import * as tf from '@tensorflow/tfjs-core';
import { checkOptions } from '../common/options.js';
import type { Parameter } from '../nn/parameter.js';
import { adamSettings, moveMoments, type AdamSettings } from './adam-rule.js';
import { fillAlike, firstElement } from './uniform-accumulators.js';
import {
  Optimizer,
  optimizerOptionNames,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Options of {@link RAdam}. */
export interface RAdamOptions extends OptimizerOptions<ParameterGroup & Partial<AdamSettings>>, Partial<AdamSettings> {}

/**
 * RAdam (Liu et al., 2020): Adam that divides by the root of the second moment only when this is known well enough.
 * With `R = 2 / (1 - beta2) - 1` and `r_t = R - 2 t beta2^t / (1 - beta2^t)`, `m' = m / (1 - beta1^t)`,
 * `p -= lr m' sqrt((r_t - 4) (r_t - 2) R / ((R - 4) (R - 2) r_t)) sqrt(1 - beta2^t) / (sqrt(v) + epsilon)` where
 * `r_t > 5`, else `p -= lr m'`.
 */
export class RAdam extends Optimizer<AdamSettings> {
  constructor(options: RAdamOptions = {}) {
    checkOptions('RAdam', options, [...optimizerOptionNames, 'beta1', 'beta2', 'epsilon']);
    const accumulators = [
      { name: 'beta1_pow', fill: 1 },
      { name: 'beta2_pow', fill: 1 },
      { name: 'rho', fill: 1 },
      { name: 'moment1' },
      { name: 'moment2' },
    ];
    super(options, accumulators, adamSettings(options));
  }

  protected update(update: ParameterUpdate<AdamSettings>): void {
    const { parameter, learningRate, slots, settings } = update;
    const { beta1_pow, beta2_pow, rho, moment1, moment2 } = slots as Record<string, Parameter>;
    const { beta1, beta2, epsilon } = settings;

    const power1 = Math.fround(firstElement(beta1_pow!) * beta1);
    const power2 = Math.fround(firstElement(beta2_pow!) * beta2);
    // t beta2^t / (1 - beta2^t), from its value for t - 1.
    const share = Math.fround((firstElement(rho!) * (beta2 - power2) + power2) / (1 - power2));
    fillAlike(beta1_pow!, power1);
    fillAlike(beta2_pow!, power2);
    fillAlike(rho!, share);

    moveMoments(update);
    const limit = 2 / (1 - beta2) - 1;
    const length = limit - 2 * share;
    const rate = learningRate / (1 - power1);
    if (length <= 5) {
      parameter.assign(tf.sub(parameter, tf.mul(moment1!, rate)));
      return;
    }
    const rectified = Math.sqrt(((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length));
    const step = tf.div(moment1!, tf.add(tf.sqrt(moment2!), epsilon));
    parameter.assign(tf.sub(parameter, tf.mul(step, rate * rectified * Math.sqrt(1 - power2))));
  }
}
