/**
 * Normalisation.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { noGrad } from '../../autograd/index.js';
import { ShapeMismatchError } from '../../common/errors.js';
import { checkOptions } from '../../common/options.js';
import { changeInPlace } from '../../engine/in-place.js';
import { batchNormInference, batchNormTraining } from '../../engine/ops/normalization.js';
import type { Parameter } from '../parameter.js';

/** `average = momentum * average + (1 - momentum) * value` */
function moveAverage(average: Parameter, value: Tensor, momentum: number): void {
  const moved = changeInPlace([average], value, (kernels, [target = 0], source) => {
    kernels.move_average(target, source, value.size, momentum, 1 - momentum);
  });
  if (!moved) average.assign(tf.add(tf.mul(average, momentum), tf.mul(value, 1 - momentum)));
}

/** Options of {@link batchNorm}. */
export interface BatchNormFunctionOptions {
  /** Factor of each channel, [C]. @defaultValue ones */
  readonly weight?: Tensor | null;
  /** Summand of each channel, [C]. @defaultValue zeros */
  readonly bias?: Tensor | null;
  /** Normalise by the batch and update the running statistics. @defaultValue false */
  readonly training?: boolean;
  /** Share of the old running statistics in the new ones. @defaultValue 0.9 */
  readonly momentum?: number;
  /** Added to the variance. @defaultValue 1e-5 */
  readonly epsilon?: number;
  /** Whether channels are the second or the last axis. @defaultValue the second */
  readonly dataFormat?: string;
  /** True: the running statistics also in training; false: those of the batch always. @defaultValue null, the opposite of `training` */
  readonly useGlobalStats?: boolean | null;
}

/**
 * Batch normalisation: `(x - mean) / sqrt(variance + epsilon) * weight + bias` for each channel.
 *
 * In training the running statistics become `momentum * running + (1 - momentum) * batch`, with the biased variance. A
 * batch with a single value per channel passes through unchanged and updates nothing, as in Paddle.
 *
 * @param x - [N, C] or [N, C, ...]
 * @param runningMean - [C]
 * @param runningVar - [C]
 */
export function batchNorm(
  x: Tensor,
  runningMean: Parameter,
  runningVar: Parameter,
  options: BatchNormFunctionOptions = {},
): Tensor {
  checkOptions('batchNorm', options, [
    'weight',
    'bias',
    'training',
    'momentum',
    'epsilon',
    'dataFormat',
    'useGlobalStats',
  ]);
  const { training = false, momentum = 0.9, epsilon = 1e-5, dataFormat = 'NCHW', useGlobalStats = null } = options;
  const channelAxis = dataFormat.endsWith('C') && x.rank > 2 ? x.rank - 1 : 1;
  const channels = x.shape[channelAxis] ?? 0;
  if (channels !== runningMean.shape[0]) {
    throw new ShapeMismatchError(
      `batchNorm of ${runningMean.shape[0]} channels got an input [${x.shape.join(', ')}] with ${channels} in axis ${channelAxis}`,
    );
  }
  const attributes = { epsilon, channelsFirst: channelAxis !== x.rank - 1 };
  return tf.tidy(() => {
    const scale = (options.weight ?? tf.ones([channels])) as Tensor1D;
    const shift = (options.bias ?? tf.zeros([channels])) as Tensor1D;
    if (useGlobalStats ?? !training) {
      return batchNormInference(x, runningMean as Tensor1D, runningVar as Tensor1D, scale, shift, attributes);
    }
    if (x.size === channels) return tf.clone(x);
    const [y, mean, variance] = batchNormTraining(x, scale, shift, attributes);
    noGrad(() => {
      moveAverage(runningMean, mean, momentum);
      moveAverage(runningVar, variance, momentum);
    });
    return y;
  });
}
