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
  backend.noteChange(variable);
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
 * Runs a kernel that changes variables of one shape in place. Clones and values read before keep what they had.
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
  backend.runKernel(() => {
    // Elements are updated one by one, so that any order will do as long as it is the same.
    const layout = variables[0] && backend.layoutOf(variables[0]);
    const pointers = variables.map((variable) => ownPointer(backend, variable, layout));
    run(backend.kernels, pointers, backend.pointerOf(gradient, layout));
  }, undefined);
  return true;
}

/** A step of an optimizer for one variable. */
export interface VariableStep {
  /** What the step changes. */
  readonly variable: Variable;
  /** The gradient, of the variable's shape. */
  readonly gradient: Tensor;
  /** What else it changes: at most three variables of that shape. */
  readonly slots?: readonly Variable[];
  /** And up to two variables of one element. */
  readonly powers?: readonly Variable[];
  /** The learning rate. */
  readonly rate: number;
  /** Factor of an L2 penalty. */
  readonly decay: number;
  /** Factor on the variable before the step. @defaultValue 1 */
  readonly shrink?: number;
}

/** A row of the table of steps: the fields of `Step` in src/kernels/optimizer.cpp. */
function fieldsOf(backend: EngineBackend, step: VariableStep): number[] {
  const { variable, gradient, slots = [], powers = [], rate, decay, shrink = 1 } = step;
  // Elements are updated one by one, so that any order will do as long as it is the same.
  const layout = backend.layoutOf(variable);
  const own = ownPointer(backend, variable, layout);
  const [first = 0, second = 0, third = 0] = slots.map((slot) => ownPointer(backend, slot, layout));
  const [power1 = 0, power2 = 0] = powers.map((power) => ownPointer(backend, power, undefined));
  const pointers = [own, backend.pointerOf(gradient, layout), first, second, third, power1, power2];
  return [...pointers, variable.size, rate, decay, shrink];
}

/**
 * Runs a kernel that takes a step for many variables at once, in place. Clones and values read before keep what they
 * had.
 *
 * @param run - gets the address of a table and the number of its rows
 * @returns false, with nothing done, when the engine is not the active backend
 */
export function stepInPlace(
  steps: readonly VariableStep[],
  run: (kernels: Kernels, table: Pointer, count: number) => void,
): boolean {
  const backend = engineBackend();
  if (backend === undefined) return false;
  if (steps.length === 0) return true;
  backend.runKernel(() => {
    const fields = steps.flatMap((step) => fieldsOf(backend, step));
    run(backend.kernels, backend.arguments.passDoubles(fields), steps.length);
  }, undefined);
  return true;
}
