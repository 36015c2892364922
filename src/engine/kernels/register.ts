/**
 * How kernels of the engine are registered.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { backendNames, type EngineBackend } from '../backend.js';

/** A kernel of the engine. */
export type EngineKernel<Inputs, Attributes> = (call: {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly backend: EngineBackend;
}) => TensorInfo | TensorInfo[] | undefined;

/**
 * Registers a kernel. Where it returns undefined, the kernel of TensorFlow.js's CPU backend computes instead.
 */
export function defineKernel<Inputs, Attributes = unknown>(
  name: string,
  kernel: EngineKernel<Inputs, Attributes>,
): void {
  const general = tf.getKernel(name, 'cpu');
  const kernelFunc: KernelFunc = (call) => {
    const backend = call.backend as EngineBackend;
    return backend.runKernel(() => {
      const { inputs, attrs } = call;
      const result = kernel({
        inputs: inputs as unknown as Inputs,
        attrs: attrs as unknown as Attributes,
        backend,
      });
      return result ?? general.kernelFunc(call);
    });
  };
  for (const backendName of Object.values(backendNames)) {
    if (tf.getKernel(name, backendName)) tf.unregisterKernel(name, backendName);
    tf.registerKernel({ kernelName: name, backendName, kernelFunc });
  }
}
