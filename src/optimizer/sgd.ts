import * as tf from '@tensorflow/tfjs-core';
import { checkOptions } from '../common/options.js';
import { changeInPlace } from '../engine/index.js';
import {
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
    const { parameter, gradient, learningRate, decay } = update;
    const fused = changeInPlace([parameter], gradient, (kernels, [p = 0], g) => {
      kernels.sgd_step(p, g, parameter.size, learningRate, decay);
    });
    if (!fused) parameter.assign(tf.sub(parameter, tf.mul(withDecay(update), learningRate)));
  }
}
