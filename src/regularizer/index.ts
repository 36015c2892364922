/**
 * Penalties on the size of parameters, added to their gradients.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkNumber } from '../common/options.js';

/** A penalty on a parameter: {@link L1Decay} or {@link L2Decay}. */
export interface Regularizer {
  /** Factor of the penalty. */
  readonly coeff: number;
  /** What the penalty adds to the gradient of a parameter. */
  gradient(parameter: Tensor): Tensor;
}

/** Penalty `coeff * sum(|p|)`: adds `coeff * sign(p)` to the gradient. */
export class L1Decay implements Regularizer {
  readonly coeff: number;

  /** @param coeff - factor of the penalty. @defaultValue 0 */
  constructor(coeff = 0) {
    this.coeff = checkNumber('coeff', coeff);
  }

  gradient(parameter: Tensor): Tensor {
    return tf.tidy(() => tf.mul(tf.sign(parameter), this.coeff));
  }
}

/** Penalty `coeff / 2 * sum(p^2)`: adds `coeff * p` to the gradient. */
export class L2Decay implements Regularizer {
  readonly coeff: number;

  /** @param coeff - factor of the penalty. @defaultValue 0 */
  constructor(coeff = 0) {
    this.coeff = checkNumber('coeff', coeff);
  }

  gradient(parameter: Tensor): Tensor {
    return tf.tidy(() => tf.mul(parameter, this.coeff));
  }
}
