/**
 * How kernels of the engine are registered.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { backendNames, type EngineBackend } from '../backend.js';

/** A call of a kernel. */
interface Call<Inputs, Attributes> {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly backend: EngineBackend;
}

/** A kernel of the engine. */
export type EngineKernel<Inputs, Attributes> = (
  call: Call<Inputs, Attributes>,
) => TensorInfo | TensorInfo[] | undefined;

/**
 * Registers a kernel. Where it returns undefined, the kernel of TensorFlow.js's CPU backend computes instead.
 */
export function defineKernel<Inputs, Attributes = unknown>(
  name: string,
  kernel: EngineKernel<Inputs, Attributes>,
): void {
  const general = tf.getKernel(name, 'cpu');
  const compute = (call: Call<Inputs, Attributes>) =>
    kernel(call) ?? general.kernelFunc(call as unknown as Parameters<KernelFunc>[0]);
  const kernelFunc: KernelFunc = (call) =>
    (call.backend as EngineBackend).runKernel(compute, call as unknown as Call<Inputs, Attributes>);
  for (const backendName of Object.values(backendNames)) {
    if (tf.getKernel(name, backendName)) tf.unregisterKernel(name, backendName);
    tf.registerKernel({ kernelName: name, backendName, kernelFunc });
  }
}
