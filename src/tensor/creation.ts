/**
 * Functions that make tensors.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, TensorLike } from '@tensorflow/tfjs-core';
import { requiresGradient, setRequiresGradient } from '../autograd/tape.js';
import { InvalidArgumentError, OutOfRangeError } from '../common/errors.js';
import { NdArray } from '../common/ndarray.js';
import { nextStream } from '../common/random.js';
import { checkNumber, checkOptions, describeValue } from '../common/options.js';
import { engineBackend } from '../engine/backend.js';
import { randomTensor } from '../engine/index.js';
import { checkShape } from './operands.js';
import { tensorDType, type TensorDType } from './dtype.js';

/** Values that become a tensor: a number, nested arrays, a typed array, an {@link NdArray} or a tensor. */
export type TensorSource = Tensor | NdArray | TensorLike | BigInt64Array;

/** Options of {@link toTensor}. */
export interface ToTensorOptions {
  /** Element type. @defaultValue that of the data; `float32` for numbers, nested arrays and 64-bit floats */
  readonly dtype?: TensorDType;
  /** False makes a leaf that gradients are collected for. @defaultValue true */
  readonly stopGradient?: boolean;
}

/** Options of functions that fill a tensor. */
export interface CreationOptions {
  /** Element type. @defaultValue 'float32' */
  readonly dtype?: TensorDType;
}

/** 64-bit integers as 32-bit ones; a value that does not fit is an error, not a wrong number. */
function toInt32(values: BigInt64Array): Int32Array {
  return Int32Array.from(values, (value) => {
    if (BigInt.asIntN(32, value) !== value) throw new OutOfRangeError(`the integer ${value} does not fit in 32 bits`);
    return Number(value);
  });
}

/** The array's values, copied, in the type that a tensor can hold. */
function fromArray(array: NdArray): Tensor {
  const { data, dtype, shape } = array;
  const type = tensorDType(dtype);
  const TensorArray = type === 'float32' ? Float32Array : type === 'bool' ? Uint8Array : Int32Array;
  if (data instanceof BigInt64Array) return tf.tensor(toInt32(data), [...shape], type);
  if (!(data instanceof TensorArray)) return tf.tensor(new TensorArray(data), [...shape], type);
  // The engine copies what it is given; other backends keep it.
  return tf.tensor(engineBackend() ? data : data.slice(), [...shape], type);
}

/**
 * A tensor of the given values, which are copied.
 *
 * @throws `InvalidArgumentError` when the data is not numeric or nested arrays differ in length
 */
export function toTensor(data: TensorSource, options: ToTensorOptions = {}): Tensor {
  checkOptions('toTensor', options, ['dtype', 'stopGradient']);
  const { dtype, stopGradient = true } = options;
  const tensor = tf.tidy(() => {
    const made = makeTensor(data);
    return dtype === undefined || made.dtype === tensorDType(dtype) ? made : tf.cast(made, tensorDType(dtype));
  });
  if (!stopGradient) setRequiresGradient(tensor, true);
  return tensor;
}

/** Throws when arrays of one level differ in length. */
function checkRegular(data: unknown): void {
  if (!Array.isArray(data)) return;
  const [first, ...others] = data.map((item) => (Array.isArray(item) ? item.length : -1));
  if (others.some((length) => length !== first)) throw new RangeError('arrays of one level differ in length');
  data.forEach(checkRegular);
}

function makeTensor(data: TensorSource): Tensor {
  if (data instanceof tf.Tensor) return requiresGradient(data) ? data.detach() : tf.clone(data);
  if (data instanceof NdArray) return fromArray(data);
  if (ArrayBuffer.isView(data)) {
    const view = data as Float32Array | BigInt64Array;
    return fromArray(new NdArray(view, [view.length]));
  }
  try {
    checkRegular(data);
    const tensor = tf.tensor(data);
    if (tensor.dtype !== 'string') return tensor;
  } catch (error) {
    throw new InvalidArgumentError(`data must be numbers in arrays of equal lengths, got ${describeValue(data)}`, {
      cause: error,
    });
  }
  throw new InvalidArgumentError(`data must be numbers, got ${describeValue(data)}`);
}

/** A tensor of the given shape, every element `fillValue`. */
export function full(shape: readonly number[], fillValue: number, options: CreationOptions = {}): Tensor {
  checkOptions('full', options, ['dtype']);
  return tf.fill([...shape], checkNumber('fillValue', fillValue), tensorDType(options.dtype ?? 'float32'));
}

/** A tensor of zeros. */
export function zeros(shape: readonly number[], options: CreationOptions = {}): Tensor {
  checkOptions('zeros', options, ['dtype']);
  return full(shape, 0, options);
}

/** A tensor of ones. */
export function ones(shape: readonly number[], options: CreationOptions = {}): Tensor {
  checkOptions('ones', options, ['dtype']);
  return full(shape, 1, options);
}

/** A tensor of zeros, of the shape and type of `x`. */
export function zerosLike(x: Tensor): Tensor {
  return tf.zerosLike(x);
}

/** A tensor of ones, of the shape and type of `x`. */
export function onesLike(x: Tensor): Tensor {
  return tf.onesLike(x);
}

/**
 * The numbers from `start` to `end` (exclusive) at distance `step`: `arange(end)`, `arange(start, end)` or
 * `arange(start, end, step)`. Whole numbers give `int32` unless `dtype` says otherwise.
 */
export function arange(start: number, end?: number, step = 1, options: CreationOptions = {}): Tensor {
  checkOptions('arange', options, ['dtype']);
  const [from, to] = end === undefined ? [0, start] : [start, end];
  checkNumber('start', from);
  checkNumber('end', to);
  if (checkNumber('step', step) === 0) throw new InvalidArgumentError('step must not be 0');
  const whole = [from, to, step].every(Number.isInteger);
  const count = Math.max(0, Math.ceil((to - from) / step));
  const values = Float32Array.from({ length: count }, (_, index) => from + index * step);
  return toTensor(values, { dtype: options.dtype ?? (whole ? 'int32' : 'float32') });
}

/** A tensor of uniformly distributed numbers in [0, 1), fixed by {@link seed}. */
export function rand(shape: readonly number[]): Tensor {
  return randomTensor(checkShape('shape', shape), { kind: 'uniform', low: 0, high: 1 }, nextStream('tensor'));
}

/** A tensor of numbers of the standard normal distribution, fixed by {@link seed}. */
export function randn(shape: readonly number[]): Tensor {
  return randomTensor(checkShape('shape', shape), { kind: 'normal', mean: 0, std: 1 }, nextStream('tensor'));
}
