/**
 * How operations of our own reach the active backend.
 *
 * A backend that registers our kernel runs it; every other one computes the operation from those it has.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Attributes of a kernel, as TensorFlow.js stores them. */
type KernelAttributes = NonNullable<Parameters<ReturnType<typeof tf.engine>['runKernel']>[2]>;

/** True when the active backend has the kernel. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs a kernel with one result. */
export function runKernel(name: string, inputs: Record<string, Tensor>, attributes: object): Tensor {
  return tf.engine().runKernel(name, inputs, attributes as KernelAttributes);
}

/** Runs a kernel with several results. */
export function runKernels(name: string, inputs: Record<string, Tensor>, attributes: object): Tensor[] {
  return tf.engine().runKernel(name, inputs, attributes as KernelAttributes);
}

/** As many tensors as names. */
type TensorsOf<Names extends readonly string[]> = { readonly [K in keyof Names]: Tensor };

/**
 * Registers the gradient of a kernel with one result.
 *
 * @param inputs - the inputs that the gradient needs, in the order in which it gets them
 * @param gradient - functions that give the gradient of each input, called only for inputs that need one
 */
export function defineGradient<Attributes, const Names extends readonly string[]>(
  kernelName: string,
  inputs: Names,
  gradient: (dy: Tensor, saved: TensorsOf<Names>, attributes: Attributes) => Record<string, () => Tensor>,
): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: [...inputs],
    gradFunc: (dy, saved, attributes) =>
      gradient(dy as Tensor, saved as unknown as TensorsOf<Names>, attributes as Attributes),
  });
}

/** Makes a function an operation: it has a name in profiles, and its intermediate tensors are freed. */
export function defineOperation<Arguments extends unknown[], Result extends Tensor | Tensor[]>(
  name: string,
  fn: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  // As `tf.op`, which copies its arguments twice.
  const scope = `${name}__op`;
  return (...args) => {
    const engine = tf.engine();
    engine.startScope(scope);
    let result: Result | undefined;
    try {
      result = fn(...args);
      return result;
    } finally {
      engine.endScope(result);
    }
  };
}
