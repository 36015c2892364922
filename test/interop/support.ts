/** A parameter and its steps, as paddle_loads.py has them. */
import * as tf from '@tensorflow/tfjs-core';
import { Parameter } from '../../src/nn/index.js';
import type { Optimizer } from '../../src/optimizer/index.js';

/** The parameter `rates`. */
export function parameter(values: Float32Array): Parameter {
  return new Parameter(tf.tensor(values), { name: 'rates' });
}

/** Step number `step`, with the gradient `[step + 1, -1, 0.5 * step]`. */
export function stepOn(optimizer: Optimizer, target: Parameter, step: number): void {
  tf.sum(tf.mul(target, tf.tensor([step + 1, -1, 0.5 * step]))).backward();
  optimizer.step();
  optimizer.clearGrad();
}
