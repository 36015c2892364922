import * as tf from '@tensorflow/tfjs-core';
import { checkOptions } from '../common/options.js';
import { stepInPlace } from '../engine/index.js';
import {
  engineStep,
  Optimizer,
  optimizerOptionNames,
  withDecay,
  type OptimizerOptions,
  type ParameterUpdate,
} from './optimizer.js';

/** Stochastic gradient descent: `p -= lr * g`. */
export class SGD extends Optimizer {
  constructor(options: OptimizerOptions = {}) {
    checkOptions('SGD', options, optimizerOptionNames);
    super(options, [], {});
  }

  protected update(update: ParameterUpdate<object>): void {
    const { parameter, learningRate } = update;
    parameter.assign(tf.sub(parameter, tf.mul(withDecay(update), learningRate)));
  }

  protected override updateAll(updates: readonly ParameterUpdate<object>[]): void {
    const steps = updates.map((update) => engineStep(update));
    if (stepInPlace(steps, (kernels, table, count) => kernels.sgd_step(table, count))) return;
    super.updateAll(updates);
  }
}
