/**
 * Changing variables where they lie.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { engineBackend, type EngineBackend } from './backend.js';
import type { Kernels, Pointer } from './library.js';

/** Gives a variable storage of its own when a clone or a saved tensor shares it. */
function own(backend: EngineBackend, variable: Variable): Pointer {
  if (backend.refCount(variable.dataId) > 1) {
    const copy = tf.tensor(variable.dataSync(), variable.shape, 'float32');
    variable.assign(copy);
    copy.dispose();
  }
  return backend.pointerOf(variable);
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
  const pointers = variables.map((variable) => own(backend, variable));
  run(backend.kernels, pointers, backend.pointerOf(gradient));
  return true;
}
