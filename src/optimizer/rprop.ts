import * as tf from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkNumber, checkOptions, describeValue } from '../common/options.js';
import type { Parameter } from '../nn/parameter.js';
import { LRScheduler } from './lr/scheduler.js';
import {
  Optimizer,
  optimizerOptionNames,
  withDecay,
  type OptimizerOptions,
  type ParameterGroup,
  type ParameterUpdate,
} from './optimizer.js';

/** Options of {@link Rprop}; it has no penalty of its own. */
export interface RpropOptions extends Omit<
  OptimizerOptions<Pick<ParameterGroup, 'params' | 'gradClip'>>,
  'weightDecay'
> {
  /** Smallest and largest rate of an element. @defaultValue [1e-5, 50] */
  readonly learningRateRange?: readonly [number, number];
  /** Factors on the rate when the sign of the gradient changes, and when it stays. @defaultValue [0.5, 1.2] */
  readonly etas?: readonly [number, number];
}

/** What {@link Rprop} knows of a group of parameters. */
export interface RpropSettings {
  /** Rate that every element starts with. */
  readonly firstRate: number;
}

/** Two numbers. */
function checkPair(name: string, pair: readonly [number, number]): readonly [number, number] {
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new InvalidArgumentError(`${name} must be two numbers, got ${describeValue(pair)}`);
  }
  const [low, high] = pair as [number, number];
  return [checkNumber(`${name}[0]`, low), checkNumber(`${name}[1]`, high)];
}

/**
 * Rprop (Riedmiller and Braun, 1993), for gradients of all samples at once: every element has a rate, which grows while
 * the sign of its gradient stays and shrinks when it changes, and `p -= rate sign(g)`. Where it changes, the gradient
 * counts as 0. `learningRate` is the first rate of all elements.
 */
export class Rprop extends Optimizer<RpropSettings> {
  readonly #range: readonly [number, number];
  readonly #etas: readonly [number, number];

  constructor(options: RpropOptions = {}) {
    const common = optimizerOptionNames.filter((name) => name !== 'weightDecay');
    checkOptions('Rprop', options, [...common, 'learningRateRange', 'etas']);
    const rate = options.learningRate ?? 0.001;
    const firstRate = rate instanceof LRScheduler ? rate.lastLr : rate;
    super(options, [{ name: 'prevs' }, { name: 'learning_rates', fill: 'firstRate' }], { firstRate });
    this.#range = checkPair('learningRateRange', options.learningRateRange ?? [1e-5, 50]);
    const [low, high] = this.#range;
    if (!(low > 0 && low <= firstRate && firstRate <= high)) {
      throw new InvalidArgumentError(
        `learningRateRange must begin above 0 and hold the learning rate ${firstRate}, got ${describeValue([low, high])}`,
      );
    }
    this.#etas = checkPair('etas', options.etas ?? [0.5, 1.2]);
    const [down, up] = this.#etas;
    if (!(down > 0 && down < 1 && up > 1)) {
      throw new InvalidArgumentError(
        `etas must be a factor between 0 and 1 and one above 1, got ${describeValue([down, up])}`,
      );
    }
  }

  protected update(update: ParameterUpdate<RpropSettings>): void {
    const { parameter, slots } = update;
    const { prevs, learning_rates } = slots as Record<'prevs' | 'learning_rates', Parameter>;
    const [down, up] = this.#etas;
    const gradient = withDecay(update);
    const agreement = tf.mul(gradient, prevs);
    const changed = tf.less(agreement, 0);
    const factor = tf.where(changed, tf.fill(gradient.shape, down), tf.fill(gradient.shape, 1));
    const grown = tf.where(tf.greater(agreement, 0), tf.fill(gradient.shape, up), factor);
    learning_rates.assign(tf.clipByValue(tf.mul(learning_rates, grown), ...this.#range));
    const used = tf.where(changed, tf.zerosLike(gradient), gradient);
    parameter.assign(tf.sub(parameter, tf.mul(tf.sign(used), learning_rates)));
    prevs.assign(used);
  }
}
