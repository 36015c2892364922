import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptions } from '../common/options.js';
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

/** Numbers of {@link Adagrad} that a group of parameters can have of its own. */
export interface AdagradSettings {
  /** Added to the root, at least 0. @defaultValue 1e-6 */
  readonly epsilon: number;
  /** First value of the sum of squares, at least 0. @defaultValue 0 */
  readonly initialAccumulatorValue: number;
}

/** Options of {@link Adagrad}. */
export interface AdagradOptions
  extends OptimizerOptions<ParameterGroup & Partial<AdagradSettings>>, Partial<AdagradSettings> {
  /** The rate, or a schedule; Paddle has no default. */
  readonly learningRate: number | LRScheduler;
}

/** Adagrad (Duchi et al., 2011): `m += g^2`, `p -= lr g / (sqrt(m) + epsilon)`. */
export class Adagrad extends Optimizer<AdagradSettings> {
  constructor(options: AdagradOptions) {
    checkOptions('Adagrad', options, [...optimizerOptionNames, 'epsilon', 'initialAccumulatorValue']);
    const settings = {
      epsilon: checkNumber('epsilon', options.epsilon ?? 1e-6, 0),
      initialAccumulatorValue: checkNumber('initialAccumulatorValue', options.initialAccumulatorValue ?? 0, 0),
    };
    super(requireRate('Adagrad', options), [{ name: 'moment', fill: 'initialAccumulatorValue' }], settings);
  }

  protected update(update: ParameterUpdate<AdagradSettings>): void {
    const { parameter, learningRate, slots, settings } = update;
    const { moment } = slots as { moment: Parameter };
    const gradient = withDecay(update);
    moment.assign(tf.add(moment, tf.square(gradient)));
    const step = tf.div(gradient, tf.add(tf.sqrt(moment), settings.epsilon));
    parameter.assign(tf.sub(parameter, tf.mul(step, learningRate)));
  }
}
