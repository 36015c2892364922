/**
 * Softmax and cross entropy in one.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { defineOperation, hasKernel, runKernel, runKernels } from './dispatch.js';

/** Names of the kernels behind {@link softmaxCrossEntropy}. */
export const crossEntropyKernels = {
  forward: 'PaddlewheelSoftmaxCrossEntropy',
  gradient: 'PaddlewheelSoftmaxCrossEntropyGradient',
} as const;

/** Attributes of the kernels of {@link softmaxCrossEntropy}. */
export interface CrossEntropyAttributes {
  /** Rows with this label have neither loss nor gradient. */
  readonly ignoreIndex: number;
}

tf.registerGradient({
  kernelName: crossEntropyKernels.forward,
  inputsToSave: ['labels'],
  outputsToSave: [false, true],
  gradFunc: (dys, saved, attributes) => {
    const [dy] = dys as [Tensor];
    const [labels, probabilities] = saved as [Tensor, Tensor];
    return {
      logits: () => runKernel(crossEntropyKernels.gradient, { dy, probabilities, labels }, attributes),
      labels: () => tf.zerosLike(labels),
    };
  },
});

/**
 * Logarithms of probabilities along the last axis, none more than 64 below the largest one: so far down Paddle's losses
 * reach. Gradients are those without the bound.
 */
export const boundLogProbabilities: (x: Tensor) => Tensor = tf.customGrad<Tensor>((x) => ({
  value: tf.maximum(x as Tensor, tf.sub(tf.max(x as Tensor, -1, true), 64)),
  gradFunc: (dy: Tensor) => dy,
}));

/**
 * Cross entropy of the softmax of each row with its label: `log(sum(exp(logits))) - logits[label]`, where a logit counts as
 * at most 64 below the largest one.
 *
 * @param logits - [N, C]
 * @param labels - [N], int32, each in [0, C) or `ignoreIndex`
 * @returns the loss of each row, [N]; 0 for ignored rows
 */
export const softmaxCrossEntropy = defineOperation(
  'softmaxCrossEntropy',
  (logits: Tensor2D, labels: Tensor1D, ignoreIndex: number): Tensor1D => {
    const [rows, classes] = logits.shape;
    if (logits.rank !== 2 || labels.rank !== 1 || labels.shape[0] !== rows) {
      throw new ShapeMismatchError(
        `cross entropy needs logits [N, C] and labels [N], got [${logits.shape.join(', ')}] and [${labels.shape.join(', ')}]`,
      );
    }
    if (hasKernel(crossEntropyKernels.forward)) {
      return runKernels(crossEntropyKernels.forward, { logits, labels }, { ignoreIndex })[0] as Tensor1D;
    }
    const counted = tf.expandDims(tf.notEqual(labels, tf.scalar(ignoreIndex, 'int32')), 1);
    const isLabel = tf.equal(tf.expandDims(labels, 1), tf.range(0, classes, 1, 'int32'));
    // Selected, not multiplied with zeros: what is left out may be NaN or infinite.
    const rowsThatCount = tf.where(counted, logits, tf.zerosLike(logits));
    const chosen = tf.logicalAnd(isLabel, counted);
    return tf.neg(
      tf.sum(tf.where(chosen, boundLogProbabilities(tf.logSoftmax(rowsThatCount)), tf.zerosLike(logits)), 1),
    );
  },
);
