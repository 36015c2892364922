/**
 * What kernels of TensorFlow.js with a bias and an activation have in common.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { EngineBackend } from '../backend.js';

/** The activation that a fused kernel ends with. */
export interface FusedActivation {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

const activationKernels: Readonly<Record<string, string>> = {
  relu: tf.Relu,
  relu6: tf.Relu6,
  elu: tf.Elu,
  sigmoid: tf.Sigmoid,
  leakyrelu: tf.LeakyRelu,
  prelu: tf.Prelu,
};

/** Applies the activation of a fused kernel; what it is given is freed. */
export function applyActivation(
  backend: EngineBackend,
  y: TensorInfo,
  { activation = 'linear', leakyreluAlpha }: FusedActivation,
  preluWeights?: TensorInfo,
): TensorInfo {
  const name = activationKernels[activation];
  if (name === undefined) return y;
  const inputs = preluWeights && activation === 'prelu' ? { x: y, alpha: preluWeights } : { x: y };
  const attrs: NamedAttrMap =
    activation === 'leakyrelu' && leakyreluAlpha !== undefined ? { alpha: leakyreluAlpha } : {};
  const result = tf.getKernel(name, tf.getBackend()).kernelFunc({ inputs, attrs, backend });
  backend.disposeData(y.dataId);
  return result as TensorInfo;
}

/** True for no bias, or one float for each column; anything else has to be broadcast in another way. */
export function isColumnBias(bias: TensorInfo | undefined, columns: number | undefined): boolean {
  return bias === undefined || (bias.dtype === 'float32' && bias.shape.length === 1 && bias.shape[0] === columns);
}
