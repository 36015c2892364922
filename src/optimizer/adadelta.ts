import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptions } from '../common/options.js';
import {
  Optimizer,
  optimizerOptionNames,
  withDecay,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Numbers of {@link Adadelta} that a group of parameters can have of its own. */
export interface AdadeltaSettings {
  /** Added to both averages, at least 0. @defaultValue 1e-6 */
  readonly epsilon: number;
  /** Share of the old average in the new one. @defaultValue 0.95 */
  readonly rho: number;
}

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions
  extends OptimizerOptions<ParameterGroup & Partial<AdadeltaSettings>>, Partial<AdadeltaSettings> {}

/**
 * Adadelta (Zeiler, 2012): `s = rho s + (1 - rho) g^2`, `d = g sqrt((u + epsilon) / (s + epsilon))`,
 * `u = rho u + (1 - rho) d^2`, `p -= lr d`.
 */
export class Adadelta extends Optimizer<AdadeltaSettings> {
  constructor(options: AdadeltaOptions = {}) {
    checkOptions('Adadelta', options, [...optimizerOptionNames, 'epsilon', 'rho']);
    const settings = {
      epsilon: checkNumber('epsilon', options.epsilon ?? 1e-6, 0),
      rho: checkNumber('rho', options.rho ?? 0.95),
    };
    // The names begin with an underscore in Paddle.
    super(options, [{ name: '_avg_squared_grad' }, { name: '_avg_squared_update' }], settings);
  }

  protected update(update: ParameterUpdate<AdadeltaSettings>): void {
    const { parameter, learningRate, slots, settings } = update;
    const { epsilon, rho } = settings;
    const squares = slots._avg_squared_grad!;
    const updates = slots._avg_squared_update!;
    const gradient = withDecay(update);
    squares.assign(tf.add(tf.mul(squares, rho), tf.mul(tf.square(gradient), 1 - rho)));
    const step = tf.mul(gradient, tf.sqrt(tf.div(tf.add(updates, epsilon), tf.add(squares, epsilon))));
    updates.assign(tf.add(tf.mul(updates, rho), tf.mul(tf.square(step), 1 - rho)));
    parameter.assign(tf.sub(parameter, tf.mul(step, learningRate)));
  }
}
