/**
 * What losses have in common.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { OutOfRangeError } from '../../common/errors.js';
import { checkChoice, checkOptions } from '../../common/options.js';

/** What becomes of the losses of the samples. */
export type Reduction = 'mean' | 'sum' | 'none';

/** All of {@link Reduction}. */
export const reductions: readonly Reduction[] = ['mean', 'sum', 'none'];

/** Options of losses that have no other. */
export interface ReductionOptions {
  /** Mean, sum, or each loss. @defaultValue 'mean' */
  readonly reduction?: Reduction;
}

/** Options of losses with a weight for each element or class. */
export interface WeightedLossOptions extends ReductionOptions {
  /** Factor on the losses. @defaultValue null */
  readonly weight?: Tensor | null;
}

/** Mean, sum or each loss. */
export function reduceLoss(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'mean' ? tf.mean(losses) : tf.sum(losses);
}

/** Checks the options of a loss and gives the reduction that they ask for. */
export function reductionOf(
  where: string,
  options: ReductionOptions,
  names: readonly string[] = [],
  byDefault: Reduction = 'mean',
): Reduction {
  checkOptions(where, options, [...names, 'reduction']);
  return checkChoice('reduction', options.reduction ?? byDefault, reductions);
}

/** Throws for the first label outside [0, classes) that is not ignored. */
export function checkLabels(labels: Tensor, classes: number, ignoreIndex: number): void {
  const values = labels.dataSync();
  for (let i = 0; i < values.length; i++) {
    const label = values[i] ?? 0;
    if ((label >= 0 && label < classes) || label === ignoreIndex) continue;
    throw new OutOfRangeError(
      `label ${label} at position ${i} lies outside [0, ${classes}), the classes of the input, and is not ignoreIndex ${ignoreIndex}`,
    );
  }
}

/** `|x|`, whose gradient at 0 is 0. */
export function magnitude(x: Tensor): Tensor {
  return tf.mul(x, tf.sign(x));
}

/** One row of zeros and a one for each label; labels outside the classes give zeros. */
export function oneHotRows(labels: Tensor1D, classes: number): Tensor {
  return tf.cast(tf.oneHot(tf.cast(labels, 'int32'), classes), 'float32');
}
