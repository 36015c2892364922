/**
 * Functions of single elements.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sameShape, sizeOf } from '../../common/ndarray.js';
import { physicalShape, type Layout } from '../layout.js';
import { defineKernel } from './register.js';

// The order is that of `Unary` in src/kernels/elementwise.cpp.
const unaryOperations = [
  tf.Relu,
  tf.Relu6,
  tf.Sigmoid,
  tf.Tanh,
  tf.Exp,
  tf.Sqrt,
  tf.Rsqrt,
  tf.Square,
  tf.Neg,
  tf.Abs,
  tf.Reciprocal,
];

unaryOperations.forEach((name, operation) => {
  defineKernel<{ x: TensorInfo }>(name, ({ inputs: { x }, backend }) => {
    if (x.dtype !== 'float32') return undefined;
    const layout = backend.layoutOf(x);
    const source = backend.pointerOf(x, layout);
    const y = backend.allocate(x.shape, 'float32', layout);
    backend.kernels.unary(operation, source, y.pointer, sizeOf(x.shape));
    return y;
  });
});

defineKernel<{ x: TensorInfo }, { alpha: number }>(tf.Step, ({ inputs: { x }, attrs: { alpha }, backend }) => {
  if (x.dtype !== 'float32') return undefined;
  const layout = backend.layoutOf(x);
  const source = backend.pointerOf(x, layout);
  const y = backend.allocate(x.shape, 'float32', layout);
  backend.kernels.step(source, y.pointer, alpha, sizeOf(x.shape));
  return y;
});

/** An operand seen as a matrix [outer, inner], with strides of 0 where it is repeated. */
interface Broadcast {
  readonly outer: number;
  readonly inner: number;
  readonly a: readonly [outerStride: number, innerStride: number];
  readonly b: readonly [outerStride: number, innerStride: number];
}

/** Shape with ones in front, to `rank` axes. */
const extended = (shape: readonly number[], rank: number) => [
  ...new Array<number>(rank - shape.length).fill(1),
  ...shape,
];

/**
 * The result's axes merged into at most two, each repeated as a whole in an operand or not at all; undefined when that
 * is not possible.
 */
function broadcastMatrix(
  a: readonly number[],
  b: readonly number[],
  shape: readonly number[],
  layout: Layout | undefined,
): Broadcast | undefined {
  const [left, right] = [a, b].map((own) => physicalShape(extended(own, shape.length), layout)) as [number[], number[]];
  const out = physicalShape(shape, layout);
  const axes: { length: number; inA: boolean; inB: boolean }[] = [];
  out.forEach((length, axis) => {
    if (length === 1) return;
    const inA = left[axis] === length;
    const inB = right[axis] === length;
    const last = axes.at(-1);
    if (last?.inA === inA && last.inB === inB) last.length *= length;
    else axes.push({ length, inA, inB });
  });
  if (axes.length > 2) return undefined;
  const [outer, inner] = axes.length === 2 ? axes : [undefined, axes[0]];
  const innerLength = inner?.length ?? 1;
  const strides = (name: 'inA' | 'inB'): [number, number] => {
    const innerStride = inner?.[name] ? 1 : 0;
    return [outer?.[name] ? (innerStride ? innerLength : 1) : 0, innerStride];
  };
  return { outer: outer?.length ?? 1, inner: innerLength, a: strides('inA'), b: strides('inB') };
}

// The order is that of `Binary` in src/kernels/elementwise.cpp.
const binaryOperations = [tf.Add, tf.Sub, tf.Multiply, tf.RealDiv, tf.Maximum, tf.Minimum, tf.SquaredDifference];

binaryOperations.forEach((name, operation) => {
  defineKernel<{ a: TensorInfo; b: TensorInfo }>(name, ({ inputs: { a, b }, backend }) => {
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
    const same = sameShape(a.shape, b.shape);
    const shape = same ? a.shape : tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const layout = backend.commonLayout([a, b], shape);
    const matrix = broadcastMatrix(a.shape, b.shape, shape, layout);
    if (matrix === undefined) return undefined;
    const y = backend.allocate(shape, 'float32', layout);
    if (sizeOf(shape) === 0) return y;
    const { outer, inner } = matrix;
    backend.kernels.binary(
      operation,
      backend.pointerOf(a, layout),
      ...matrix.a,
      backend.pointerOf(b, layout),
      ...matrix.b,
      y.pointer,
      outer,
      inner,
    );
    return y;
  });
});
