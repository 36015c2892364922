/**
 * Batch normalisation.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { overChannelsLast, type ChannelOrder } from './channel-order.js';
import { defineOperation, hasKernel, runKernel, runKernels } from './dispatch.js';

/** Names of the kernels behind batch normalisation. */
export const normalizationKernels = {
  training: 'PaddlewheelBatchNormTraining',
  trainingGradient: 'PaddlewheelBatchNormTrainingGradient',
  inference: 'PaddlewheelBatchNormInference',
} as const;

/** Attributes of the kernels of batch normalisation. */
export interface BatchNormAttributes extends ChannelOrder {
  /** Added to the variance before its root is taken. */
  readonly epsilon: number;
}

tf.registerGradient({
  kernelName: normalizationKernels.training,
  inputsToSave: ['x', 'scale'],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attributes) => {
    const [dy] = dys as [Tensor];
    const [x, scale, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor];
    // One pass gives all three.
    const [dx, dscale, dshift] = runKernels(
      normalizationKernels.trainingGradient,
      { dy, x, scale, mean, variance },
      attributes,
    ) as [Tensor, Tensor, Tensor];
    return { x: () => dx, scale: () => dscale, shift: () => dshift };
  },
});

/** All axes but that of the channels. */
function batchAxes(rank: number, { channelsFirst = false }: ChannelOrder): number[] {
  const channelAxis = channelsFirst ? 1 : rank - 1;
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== channelAxis);
}

function checkChannels(x: Tensor, vectors: Record<string, Tensor>, { channelsFirst = false }: ChannelOrder): void {
  const channels = x.shape.at(channelsFirst ? 1 : -1);
  for (const [name, vector] of Object.entries(vectors)) {
    if (vector.rank === 1 && vector.shape[0] === channels) continue;
    throw new ShapeMismatchError(
      `batch normalisation of an input [${x.shape.join(', ')}] with channels ${channelsFirst ? 'second' : 'last'} needs ${name} of shape [${channels}], got [${vector.shape.join(', ')}]`,
    );
  }
}

/**
 * Normalises each channel by the mean and the biased variance of the batch:
 * `(x - mean) / sqrt(variance + epsilon) * scale + shift` (Ioffe and Szegedy, 2015, algorithm 1).
 *
 * @param x - input of any rank, [N, ..., C] or with `channelsFirst` [N, C, ...]
 * @param scale - factor of each channel, [C]
 * @param shift - summand of each channel, [C]
 * @returns the result, of the shape of x, and the mean and the variance, [C]; treat these two as constants
 */
export const batchNormTraining = defineOperation(
  'batchNormTraining',
  (x: Tensor, scale: Tensor1D, shift: Tensor1D, attributes: BatchNormAttributes): [Tensor, Tensor1D, Tensor1D] => {
    checkChannels(x, { scale, shift }, attributes);
    if (hasKernel(normalizationKernels.training)) {
      return runKernels(normalizationKernels.training, { x, scale, shift }, attributes) as [Tensor, Tensor1D, Tensor1D];
    }
    const { mean, variance } = tf.moments(x, batchAxes(x.rank, attributes));
    const factor = tf.mul(tf.rsqrt(tf.add(variance, attributes.epsilon)), scale);
    const y = overChannelsLast(x, attributes, (input) => tf.add(tf.mul(tf.sub(input, mean), factor), shift));
    return [y, mean as Tensor1D, variance as Tensor1D];
  },
);

/**
 * Normalises each channel by a given mean and variance, as {@link batchNormTraining} does by those of the batch.
 *
 * @returns a tensor of the shape of x
 */
export const batchNormInference = defineOperation(
  'batchNormInference',
  (
    x: Tensor,
    mean: Tensor1D,
    variance: Tensor1D,
    scale: Tensor1D,
    shift: Tensor1D,
    attributes: BatchNormAttributes,
  ): Tensor => {
    checkChannels(x, { mean, variance, scale, shift }, attributes);
    if (hasKernel(normalizationKernels.inference)) {
      return runKernel(normalizationKernels.inference, { x, mean, variance, scale, shift }, attributes);
    }
    const factor = tf.mul(tf.rsqrt(tf.add(variance, attributes.epsilon)), scale);
    const summand = tf.sub(shift, tf.mul(mean, factor));
    return overChannelsLast(x, attributes, (input) => tf.add(tf.mul(input, factor), summand));
  },
);

tf.registerGradient({
  kernelName: normalizationKernels.inference,
  inputsToSave: ['x', 'mean', 'variance', 'scale'],
  gradFunc: (gradient, saved, attributes) => {
    const dy = gradient as Tensor;
    const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor];
    const order = attributes as unknown as BatchNormAttributes;
    const axes = batchAxes(x.rank, order);
    /** A number for each channel, to compute with images. */
    const column = (vector: Tensor) =>
      order.channelsFirst ? tf.reshape(vector, [-1, ...Array<number>(x.rank - 2).fill(1)]) : vector;
    const inverse = () => tf.rsqrt(tf.add(variance, order.epsilon));
    const factor = () => tf.mul(inverse(), scale);
    /** Sum of dy times the distance from the mean. */
    const product = () => tf.sum(tf.mul(dy, tf.sub(x, column(mean))), axes);
    return {
      x: () => tf.mul(dy, column(factor())),
      mean: () => tf.neg(tf.mul(tf.sum(dy, axes), factor())),
      variance: () => tf.mul(tf.mul(product(), factor()), tf.mul(tf.square(inverse()), -0.5)),
      scale: () => tf.mul(product(), inverse()),
      shift: () => tf.sum(dy, axes),
    };
  },
});
