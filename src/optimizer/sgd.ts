import * as tf from '@tensorflow/tfjs-core';
import { checkOptions } from '../common/options.js';
import { Optimizer, optimizerOptionNames, type OptimizerOptions, type ParameterUpdate } from './optimizer.js';

/** Stochastic gradient descent: `p -= lr * g`. */
export class SGD extends Optimizer {
  constructor(options: OptimizerOptions = {}) {
    checkOptions('SGD', options, optimizerOptionNames);
    super(options, [], {});
  }

  protected update({ parameter, gradient, learningRate }: ParameterUpdate<object>): void {
    parameter.assign(tf.sub(parameter, tf.mul(gradient, learningRate)));
  }
}
