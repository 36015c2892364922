/**
 * Parameters with their first values.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import { Constant } from '../initializer/constant.js';
import { XavierUniform } from '../initializer/fan.js';
import { globalInitializer } from '../initializer/global.js';
import type { ParamAttr } from '../param-attr.js';
import { Parameter } from '../parameter.js';
import type { CreateParameterOptions } from './options.js';

/** A parameter of a shape. The initialiser of its attributes comes first, then the global one, then the layer's. */
export function makeParameter(
  name: string,
  shape: readonly number[],
  attr: ParamAttr,
  { isBias = false, defaultInitializer }: CreateParameterOptions,
): Parameter {
  const initializer =
    attr.initializer ??
    globalInitializer(isBias) ??
    defaultInitializer ??
    (isBias ? new Constant(0) : new XavierUniform());
  const { trainable, learningRate, regularizer, needClip } = attr;
  return tf.tidy(
    () => new Parameter(initializer.tensor(shape), { name, trainable, learningRate, regularizer, needClip }),
  );
}
