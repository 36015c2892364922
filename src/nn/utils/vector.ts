/**
 * Parameters as one vector.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../../autograd/index.js';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import type { Parameter } from '../parameter.js';

/** The elements of all parameters, one after the other, [total]. */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  const all = [...parameters];
  if (all.length === 0) throw new InvalidArgumentError('parametersToVector needs at least one parameter');
  return tf.tidy(() => tf.concat(all.map((parameter) => tf.reshape(parameter, [-1]))));
}

/**
 * Sets parameters from what {@link parametersToVector} gives.
 *
 * @param vec - [total]
 * @throws `ShapeMismatchError` when the number of elements differs
 */
export function vectorToParameters(vec: Tensor, parameters: Iterable<Parameter>): void {
  const all = [...parameters];
  const total = all.reduce((sum, { size }) => sum + size, 0);
  if (vec.size !== total) {
    throw new ShapeMismatchError(`parameters of ${total} elements cannot be set from a vector of ${vec.size}`);
  }
  noGrad(() =>
    tf.tidy(() => {
      const flat = tf.reshape(vec, [-1]);
      let start = 0;
      for (const parameter of all) {
        // A copy: parameters do not share memory with the vector.
        const part = tf.reshape(tf.slice(flat, [start], [parameter.size]), parameter.shape);
        parameter.setValue(tf.tensor(part.dataSync().slice(), parameter.shape, 'float32'));
        start += parameter.size;
      }
    }),
  );
}
