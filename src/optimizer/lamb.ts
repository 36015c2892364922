import * as tf from '@tensorflow/tfjs-core';
import { checkBoolean, checkFunction, checkNumber, checkOptions } from '../common/options.js';
import type { Parameter } from '../nn/parameter.js';
import { adamAccumulators, adamSettings, moveMoments, movePowers, type AdamSettings } from './adam-rule.js';
import {
  Optimizer,
  optimizerOptionNames,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Numbers of {@link Lamb} that a group of parameters can have of its own. */
export interface LambSettings extends AdamSettings {
  /** Factor of the parameter in the step. @defaultValue 0.01 */
  readonly lambWeightDecay: number;
  /** Tells whether a parameter has no decay. @defaultValue null, for none */
  readonly excludeFromWeightDecayFn: ((parameter: Parameter) => boolean) | null;
}

/** Options of {@link Lamb}. */
export interface LambOptions
  extends
    Omit<OptimizerOptions<Omit<ParameterGroup, 'weightDecay'> & Partial<LambSettings>>, 'weightDecay'>,
    Partial<LambSettings> {
  /** Fit the length of the step to that of the parameter also where there is no decay. @defaultValue false */
  readonly alwaysAdapt?: boolean;
}

/**
 * Lamb (You et al., 2020): `r = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + lambWeightDecay p` with the
 * moments of Adam, `p -= lr |p| / |r| r`. Without a decay of the parameter, or when a norm is 0, the factor `|p| / |r|`
 * is 1.
 */
export class Lamb extends Optimizer<LambSettings> {
  readonly #alwaysAdapt: boolean;

  constructor(options: LambOptions = {}) {
    const own = ['lambWeightDecay', 'beta1', 'beta2', 'epsilon', 'excludeFromWeightDecayFn', 'alwaysAdapt'];
    checkOptions('Lamb', options, [...optimizerOptionNames.filter((name) => name !== 'weightDecay'), ...own]);
    const exclude = options.excludeFromWeightDecayFn ?? null;
    super(options, adamAccumulators(false), {
      ...adamSettings(options, 1e-6),
      lambWeightDecay: checkNumber('lambWeightDecay', options.lambWeightDecay ?? 0.01),
      excludeFromWeightDecayFn: exclude && checkFunction('excludeFromWeightDecayFn', exclude),
    });
    this.#alwaysAdapt = checkBoolean('alwaysAdapt', options.alwaysAdapt ?? false);
  }

  protected update(update: ParameterUpdate<LambSettings>): void {
    const { parameter, learningRate, slots, settings } = update;
    const { moment1, moment2, beta1_pow_acc, beta2_pow_acc } = slots as Record<string, Parameter>;
    moveMoments(update);
    const mean = tf.div(moment1!, 1 - beta1_pow_acc!.item());
    const variance = tf.div(moment2!, 1 - beta2_pow_acc!.item());
    const decay = settings.excludeFromWeightDecayFn?.(parameter) ? 0 : settings.lambWeightDecay;
    const direction = tf.add(tf.div(mean, tf.add(tf.sqrt(variance), settings.epsilon)), tf.mul(parameter, decay));
    let trust = 1;
    if (decay > 0 || this.#alwaysAdapt) {
      const [length, step] = [tf.norm(parameter).item(), tf.norm(direction).item()];
      if (length > 0 && step > 0) trust = length / step;
    }
    parameter.assign(tf.sub(parameter, tf.mul(direction, learningRate * trust)));
    movePowers(update);
  }
}
