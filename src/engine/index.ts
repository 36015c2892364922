/**
 * The compute engine.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

export * from './ops/index.js';

/** Makes the fastest backend that works here the active one. */
export function selectDefaultBackend(): void {
  void tf.setBackend('cpu');
}
