import * as tf from '@tensorflow/tfjs-core';
import { checkBoolean, checkNumber, checkOptions } from '../common/options.js';
import type { Parameter } from '../nn/parameter.js';
import type { LRScheduler } from './lr/scheduler.js';
import {
  Optimizer,
  optimizerOptionNames,
  requireRate,
  withDecay,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Numbers of {@link RMSProp} that a group of parameters can have of its own. */
export interface RMSPropSettings {
  /** Share of the old averages in the new ones, at least 0. @defaultValue 0.95 */
  readonly rho: number;
  /** Added under the root, at least 0. @defaultValue 1e-6 */
  readonly epsilon: number;
  /** Share of the old step in the new one, at least 0. @defaultValue 0 */
  readonly momentum: number;
  /** Divide by the deviation from the average gradient. @defaultValue false */
  readonly centered: boolean;
}

/** Options of {@link RMSProp}. */
export interface RMSPropOptions
  extends OptimizerOptions<ParameterGroup & Partial<RMSPropSettings>>, Partial<RMSPropSettings> {
  /** The rate, or a schedule; Paddle has no default. */
  readonly learningRate: number | LRScheduler;
}

/**
 * RMSProp (Tieleman and Hinton, 2012): `s = rho s + (1 - rho) g^2`, `v = momentum v + lr g / sqrt(s + epsilon)`,
 * `p -= v`. With `centered` also `a = rho a + (1 - rho) g`, and the root is that of `s - a^2 + epsilon`
 * (Graves, 2013).
 */
export class RMSProp extends Optimizer<RMSPropSettings> {
  constructor(options: RMSPropOptions) {
    checkOptions('RMSProp', options, [...optimizerOptionNames, 'rho', 'epsilon', 'momentum', 'centered']);
    const settings = {
      rho: checkNumber('rho', options.rho ?? 0.95, 0),
      epsilon: checkNumber('epsilon', options.epsilon ?? 1e-6, 0),
      momentum: checkNumber('momentum', options.momentum ?? 0, 0),
      centered: checkBoolean('centered', options.centered ?? false),
    };
    super(
      requireRate('RMSProp', options),
      [{ name: 'momentum' }, { name: 'mean_square' }, { name: 'mean_grad' }],
      settings,
    );
  }

  protected update(update: ParameterUpdate<RMSPropSettings>): void {
    const { parameter, learningRate, slots, settings } = update;
    const { momentum, mean_square, mean_grad } = slots as Record<'momentum' | 'mean_square' | 'mean_grad', Parameter>;
    const { rho, epsilon, centered } = settings;
    const gradient = withDecay(update);
    mean_square.assign(tf.add(tf.mul(mean_square, rho), tf.mul(tf.square(gradient), 1 - rho)));
    if (centered) mean_grad.assign(tf.add(tf.mul(mean_grad, rho), tf.mul(gradient, 1 - rho)));
    const variance = centered ? tf.sub(mean_square, tf.square(mean_grad)) : mean_square;
    const step = tf.div(tf.mul(gradient, learningRate), tf.sqrt(tf.add(variance, epsilon)));
    momentum.assign(tf.add(tf.mul(momentum, settings.momentum), step));
    parameter.assign(tf.sub(parameter, momentum));
  }
}
