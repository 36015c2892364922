/**
 * Clipping of gradients between `backward` and a step.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../../autograd/index.js';
import { GradientError, InvalidArgumentError } from '../../common/errors.js';
import { checkBoolean, checkNumber, checkOptions } from '../../common/options.js';
import type { Parameter } from '../parameter.js';

/** Options of {@link clipGradNorm}. */
export interface ClipGradNormOptions {
  /** Exponent of the norm; infinite for the largest magnitude. @defaultValue 2 */
  readonly normType?: number;
  /** Throw when the norm is not finite. @defaultValue false */
  readonly errorIfNonfinite?: boolean;
}

const listOf = (parameters: Parameter | Iterable<Parameter>) =>
  (Symbol.iterator in parameters ? [...parameters] : [parameters]).filter(({ grad }) => grad !== null);

/** Replaces a gradient by a function of it. */
function change(parameter: Parameter, compute: (gradient: Tensor) => Tensor): void {
  const { grad } = parameter;
  if (grad) parameter.grad = compute(grad);
}

/**
 * Scales the gradients of parameters so that the norm of all together is at most `maxNorm`.
 *
 * @returns the norm before, a scalar
 * @throws `GradientError` with `errorIfNonfinite` for a norm that is not finite
 */
export function clipGradNorm(
  parameters: Parameter | Iterable<Parameter>,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): Tensor {
  checkOptions('clipGradNorm', options, ['normType', 'errorIfNonfinite']);
  checkNumber('maxNorm', maxNorm, 0);
  const { normType = 2 } = options;
  if (normType !== Infinity && checkNumber('normType', normType) <= 0) {
    throw new InvalidArgumentError(`normType must be greater than 0, got ${normType}`);
  }
  const strict = checkBoolean('errorIfNonfinite', options.errorIfNonfinite ?? false);
  const all = listOf(parameters);
  return noGrad(() =>
    tf.tidy(() => {
      if (all.length === 0) return tf.scalar(0);
      const magnitudes = all.map(({ grad }) => tf.reshape(tf.abs(grad!), [-1]));
      const total =
        normType === Infinity
          ? tf.max(tf.stack(magnitudes.map((one) => tf.max(one))))
          : tf.pow(tf.addN(magnitudes.map((one) => tf.sum(tf.pow(one, normType)))), 1 / normType);
      if (strict && !Number.isFinite(total.item())) {
        throw new GradientError(`the norm of the gradients is ${total.item()}, not finite`);
      }
      const factor = tf.minimum(tf.div(maxNorm, tf.add(total, 1e-6)), 1);
      for (const parameter of all) change(parameter, (gradient) => tf.mul(gradient, factor));
      return total;
    }),
  );
}

/** Moves every element of the gradients of parameters into [-clipValue, clipValue]. */
export function clipGradValue(parameters: Parameter | Iterable<Parameter>, clipValue: number): void {
  checkNumber('clipValue', clipValue, 0);
  noGrad(() =>
    tf.tidy(() => {
      for (const parameter of listOf(parameters)) {
        change(parameter, (gradient) => tf.clipByValue(gradient, -clipValue, clipValue));
      }
    }),
  );
}
