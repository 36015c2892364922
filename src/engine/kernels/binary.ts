/**
 * Arithmetic of two numbers, element by element.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sameShape, sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import { broadcastFields, broadcastShape, rowFields } from './broadcast.js';
import { deferSum } from './deferred-normalization.js';
import { partOperands } from './deferred-part.js';
import { defineKernel } from './register.js';
import { mapElements } from './unary.js';

// The order is that of `Binary` in src/kernels/binary.cpp.
const binaryOperations = [
  tf.Add,
  tf.Sub,
  tf.Multiply,
  tf.Maximum,
  tf.Minimum,
  tf.SquaredDifference,
  tf.RealDiv,
  tf.Prelu,
  tf.EluGrad,
];

/** Those that integers have, too. */
const ofIntegers = new Set([tf.Add, tf.Sub, tf.Multiply, tf.Maximum, tf.Minimum, tf.SquaredDifference]);

/** Names of the operands where they are not `a` and `b`. */
const operandNames: Record<string, readonly [string, string]> = {
  [tf.Prelu]: ['x', 'alpha'],
  [tf.EluGrad]: ['dy', 'y'],
};

function combine(backend: EngineBackend, name: string, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  const { dtype } = a;
  const fits = dtype === 'float32' || (dtype === 'int32' && ofIntegers.has(name));
  if (!fits || b.dtype !== dtype) return undefined;
  const sum = name === tf.Add && dtype === 'float32' ? (deferSum(backend, a, b) ?? deferSum(backend, b, a)) : undefined;
  if (sum) return sum;
  const shape = broadcastShape(a, b);
  const layout = backend.commonLayout([a, b], shape);
  const parts = sameShape(a.shape, b.shape) ? partOperands(backend, a, b, layout) : undefined;
  const fields = parts ? rowFields(parts.rows, parts.length, parts.strides) : broadcastFields(a, b, shape, layout);
  if (fields === undefined) return undefined;
  const [left, right] = parts?.pointers ?? [backend.pointerOf(a, layout), backend.pointerOf(b, layout)];
  const y = backend.allocate(shape, dtype, layout);
  if (sizeOf(shape) === 0) return y;
  const kernel = dtype === 'float32' ? 'binary' : 'binary_of_integers';
  backend.kernels[kernel](binaryOperations.indexOf(name), left, right, y.pointer, backend.struct(fields));
  return y;
}

for (const name of binaryOperations) {
  const [left, right] = operandNames[name] ?? ['a', 'b'];
  defineKernel<Record<string, TensorInfo>>(
    name,
    ({ inputs: { [left]: a, [right]: b }, backend }) => a && b && combine(backend, name, a, b),
  );
}

defineKernel<readonly TensorInfo[]>(tf.AddN, ({ inputs, backend }) => {
  const tensors = Object.values(inputs);
  const [first, ...others] = tensors;
  if (first === undefined || others.length === 0 || tensors.some(({ dtype }) => dtype !== 'float32')) return undefined;
  const fields = broadcastFields(first, first, first.shape)!;
  return mapElements(backend, tensors, ([start = 0, ...rest], target, length) => {
    if (length === 0) return;
    rest.forEach((source, index) => {
      const sum = index === 0 ? start : target;
      backend.kernels.binary(binaryOperations.indexOf(tf.Add), sum, source, target, backend.struct(fields));
    });
  });
});
