import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Waits until the tensors that earlier tests dropped are freed, so that the count of tensors changes by what a test does
 * alone.
 */
export async function settle(): Promise<void> {
  if (global.gc === undefined) throw new Error('run with --expose-gc');
  for (let unchanged = 0, before = -1; unchanged < 3;) {
    await setImmediate();
    global.gc();
    await setImmediate();
    const { numTensors } = tf.memory();
    unchanged = numTensors === before ? unchanged + 1 : 0;
    before = numTensors;
  }
}
