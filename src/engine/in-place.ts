/**
 * Changing variables where they lie, and how they lie.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { engineBackend, type EngineBackend } from './backend.js';
import type { Layout } from './layout.js';
import type { Kernels, Pointer } from './library.js';

/**
 * The place of a variable's elements, in memory that belongs to it alone.
 *
 * @param layout - as in {@link EngineBackend.pointerOf}
 */
function ownPointer(backend: EngineBackend, variable: Variable, layout: Layout | undefined): Pointer {
  if (backend.refCount(variable.dataId) > 1) {
    const copy = tf.engine().makeTensorFromTensorInfo(backend.duplicate(variable));
    variable.assign(copy);
    copy.dispose();
  } else {
    backend.unshare(variable);
  }
  return backend.pointerOf(variable, layout);
}

/**
 * Runs a kernel that changes variables in place. Clones and values read before keep what they had.
 *
 * @param variables - what the kernel writes to, float32
 * @param gradient - what it reads
 * @returns false, with nothing done, when the engine is not the active backend
 */
export function changeInPlace(
  variables: readonly Variable[],
  gradient: Tensor,
  run: (kernels: Kernels, variables: readonly Pointer[], gradient: Pointer) => void,
): boolean {
  const backend = engineBackend();
  if (backend === undefined) return false;
  // Elements are updated one by one, so that any order will do as long as it is the same.
  const layout = variables[0] && backend.layoutOf(variables[0]);
  const pointers = variables.map((variable) => ownPointer(backend, variable, layout));
  run(backend.kernels, pointers, backend.pointerOf(gradient, layout));
  return true;
}

/**
 * Stores a tensor's elements with its axes in the given order, so that kernels which need them so need not move them
 * each time. Neither its shape nor its values change. Does nothing when the engine is not the active backend.
 *
 * @param order - the axes from the slowest to the fastest, a permutation
 */
export function storeInOrder(tensor: Tensor, order: readonly number[]): void {
  if (tensor.dtype === 'float32' || tensor.dtype === 'int32') engineBackend()?.pointerOf(tensor, order);
}
