/**
 * Accumulators that hold one number in every element, as some of Paddle's do.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../nn/parameter.js';

/** The number; NaN for an accumulator without elements. */
export function firstElement(accumulator: Parameter): number {
  if (accumulator.size === 0) return NaN;
  return tf.tidy(() => tf.slice(tf.reshape(accumulator, [-1]), [0], [1]).item());
}

/** Sets every element to a number. */
export function fillAlike(accumulator: Parameter, value: number): void {
  tf.tidy(() => accumulator.assign(tf.fill(accumulator.shape, value)));
}
