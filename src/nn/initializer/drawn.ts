/**
 * Base of the initialisers that draw each number on its own.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { nextStream } from '../../common/random.js';
import { fillRandomly, randomTensor, type Distribution } from '../../engine/index.js';
import { Initializer } from './initializer.js';

/** Gives a parameter random values of one distribution. */
export abstract class Drawn extends Initializer {
  /** The distribution of the values of a parameter. @hidden */
  protected abstract distribution(shape: readonly number[]): Distribution;

  values(shape: readonly number[]): Float32Array {
    return fillRandomly(new Float32Array(sizeOf(shape)), this.distribution(shape), nextStream('initializer'));
  }

  override tensor(shape: readonly number[]): Tensor {
    // A class that changes the values of one of these has the last word.
    if (this.values !== Drawn.prototype.values) return super.tensor(shape);
    return randomTensor(shape, this.distribution(shape), nextStream('initializer'));
  }
}
