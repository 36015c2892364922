import * as tf from '@tensorflow/tfjs-core';
import { checkInteger, checkOptions } from '../common/options.js';
import type { Parameter } from '../nn/parameter.js';
import {
  Optimizer,
  optimizerOptionNames,
  withDecay,
  type OptimizerOptions,
  type ParameterUpdate,
} from './optimizer.js';

/** Options of {@link ASGD}. */
export interface ASGDOptions extends OptimizerOptions {
  /** Number of gradients to average, such as that of the batches of an epoch. @defaultValue 1 */
  readonly batchNum?: number;
}

/**
 * Averaged stochastic gradient descent (Schmidt et al., 2017): with the last `batchNum` gradients y, their sum d, and
 * the place i of the present one, `d += g - y_i`, `y_i = g`, `p -= lr d / min(t, batchNum)`. The rows of the accumulator
 * `y` are the gradients; it is `batchNum` times as large as the parameters.
 */
export class ASGD extends Optimizer {
  readonly #batchNum: number;

  constructor(options: ASGDOptions = {}) {
    checkOptions('ASGD', options, [...optimizerOptionNames, 'batchNum']);
    const batchNum = checkInteger('batchNum', options.batchNum ?? 1, 1);
    const accumulators = [
      { name: 'd' },
      { name: 'y', shape: (parameter: readonly number[]) => [batchNum, ...parameter] },
      { name: 'm', shape: [1], dtype: 'int64' as const },
    ];
    super(options, accumulators, {});
    this.#batchNum = batchNum;
  }

  protected update(update: ParameterUpdate<object>): void {
    const { parameter, learningRate, slots } = update;
    const { d, y, m } = slots as Record<'d' | 'y' | 'm', Parameter>;
    const steps = m.item();
    const place = steps % this.#batchNum;
    const gradient = tf.expandDims(withDecay(update), 0);
    const row = (from: number, count: number) =>
      tf.slice(y, [from, ...parameter.shape.map(() => 0)], [count, ...parameter.shape]);
    d.assign(tf.add(d, tf.reshape(tf.sub(gradient, row(place, 1)), parameter.shape)));
    y.assign(tf.concat([row(0, place), gradient, row(place + 1, this.#batchNum - place - 1)], 0));
    m.assign(tf.fill([1], steps + 1, 'int32'));
    parameter.assign(tf.sub(parameter, tf.mul(d, learningRate / Math.min(steps + 1, this.#batchNum))));
  }
}
