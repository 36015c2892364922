/**
 * Sizes of a network's inputs.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkChoice, describeValue } from '../common/options.js';
import { InputSpec } from './input-spec.js';

/**
 * Size of an input: a length, a shape, a description, or for several inputs, or parts of one, an array of those. One length
 * of a shape, the batch, may be null or -1, which stands for 1.
 */
export type InputSize = number | readonly (number | null)[] | InputSpec | readonly InputSize[];

/** A shape, or those of the parts of an input. */
export type InputShape = readonly number[] | readonly InputShape[];

/** True for a shape, false for a list of them. */
function isShape(size: readonly unknown[]): size is readonly number[] {
  return size.every((length) => !Array.isArray(length) && !(length instanceof InputSpec));
}

function checkShape(name: string, shape: readonly unknown[]): number[] {
  const unknown = shape.filter((length) => length === null || length === -1);
  if (unknown.length > 1) {
    throw new InvalidArgumentError(
      `${name} may have one unknown length, that of the batch, got ${describeValue(shape)}`,
    );
  }
  return shape.map((length) => {
    if (length === null || length === -1) return 1;
    if (typeof length === 'number' && Number.isInteger(length) && length > 0) return length;
    throw new InvalidArgumentError(`${name} must hold positive integers, got ${describeValue(length)}`);
  });
}

function readNested(name: string, size: unknown): InputShape {
  if (typeof size === 'number') return checkShape(name, [size]);
  if (size instanceof InputSpec) return checkShape(name, size.shape);
  if (!Array.isArray(size)) {
    throw new InvalidArgumentError(
      `${name} must be a length, a shape, an InputSpec or an array of them, got ${describeValue(size)}`,
    );
  }
  const items: readonly unknown[] = size;
  if (isShape(items)) return checkShape(name, items);
  return items.map((item, index) => readNested(`${name}[${index}]`, item));
}

/** The shapes of all inputs. */
export function readInputSize(size: unknown): InputShape[] {
  const read = readNested('inputSize', size);
  return isShape(read) ? [read] : [...read];
}

/** Element types of inputs; `int64` is computed as `int32`. */
export type InputDType = 'float32' | 'int32' | 'int64' | 'bool';

const dtypes = { float32: 'float32', int32: 'int32', int64: 'int32', bool: 'bool' } as const;

/** Zeros in the given shapes: a tensor, or an array of them. */
export function makeInput(shape: InputShape, dtype: unknown): Tensor | unknown[] {
  if (isShape(shape)) {
    const kind = checkChoice('dtypes', dtype, Object.keys(dtypes) as InputDType[]);
    return tf.zeros([...shape], dtypes[kind]);
  }
  return shape.map((part, index) => makeInput(part, Array.isArray(dtype) ? dtype[index] : dtype));
}

/** Number of elements in all shapes. */
export function countElements(shape: InputShape): number {
  if (isShape(shape)) return shape.reduce((product, length) => product * length, 1);
  return shape.reduce((sum, part) => sum + countElements(part), 0);
}
