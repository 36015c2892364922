/**
 * Matrix products.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import { normalizeLayout, sameLayout } from '../layout.js';
import type { Pointer } from '../library.js';
import { linearKernel } from '../ops/linear.js';
import { applyActivation, isColumnBias, type FusedActivation } from './fused.js';
import { defineKernel } from './register.js';

/** Matrices as they lie in memory, which can be transposed: rows and columns swapped, whatever the tensor's shape says. */
function matricesOf(backend: EngineBackend, x: TensorInfo): { pointer: Pointer; swapped: boolean } {
  const axes = [...x.shape.keys()];
  const layout = normalizeLayout(x.shape, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
  const swapped = layout !== undefined && sameLayout(backend.layoutOf(x), layout);
  return { pointer: backend.pointerOf(x, swapped ? layout : undefined), swapped };
}

interface MatMulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The product of two batches of matrices, with a bias for each column; undefined for what the engine does not compute. */
function product(
  backend: EngineBackend,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: MatMulAttributes,
  bias?: TensorInfo,
): TensorInfo | undefined {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  // The general kernel has the error messages.
  if (a.shape.length < 2 || b.shape.length < 2) return undefined;
  const [aRows = 0, aColumns = 0] = a.shape.slice(-2);
  const [bRows = 0, bColumns = 0] = b.shape.slice(-2);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [depth, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = Math.max(sizeOf(aBatch), sizeOf(bBatch));
  // One matrix for the whole batch is repeated; other broadcasting is left to the general kernel.
  const repeats = (own: number[]) => sizeOf(own) === 1;
  const fits = repeats(aBatch) || repeats(bBatch) || tf.util.arraysEqual(aBatch, bBatch);
  if (!fits || depth !== k || sizeOf(a.shape) === 0 || sizeOf(b.shape) === 0) return undefined;
  const y = backend.allocate([...tf.broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch), m, n]);
  const aStride = repeats(aBatch) ? 0 : m * k;
  const bStride = repeats(bBatch) ? 0 : k * n;
  const [left, right] = [matricesOf(backend, a), matricesOf(backend, b)];
  const ta = transposeA !== left.swapped;
  const tb = transposeB !== right.swapped;
  // One right matrix for the whole batch makes a single product of all rows.
  const [count, rows] = bStride === 0 && !ta && aStride !== 0 ? [1, batch * m] : [batch, m];
  const matrices = [left.pointer, right.pointer, bias ? backend.pointerOf(bias) : 0, y.pointer] as const;
  backend.kernels.matrix_multiply(...matrices, count, rows, n, k, Number(ta), Number(tb), aStride, bStride);
  return y;
}

defineKernel<{ a: TensorInfo; b: TensorInfo }, MatMulAttributes>(
  tf.BatchMatMul,
  ({ inputs: { a, b }, attrs, backend }) => product(backend, a, b, attrs),
);

defineKernel<{ x: TensorInfo; weight: TensorInfo; bias?: TensorInfo }>(
  linearKernel,
  ({ inputs: { x, weight, bias }, backend }) => {
    const [rows = 0, depth = 0] = x.shape;
    const columns = weight.shape[1] ?? 0;
    const y = backend.allocate([rows, columns]);
    const [left, right] = [matricesOf(backend, x), matricesOf(backend, weight)];
    const matrices = [left.pointer, right.pointer, bias ? backend.pointerOf(bias) : 0, y.pointer] as const;
    const swapped = [Number(left.swapped), Number(right.swapped)] as const;
    backend.kernels.matrix_multiply(...matrices, 1, rows, columns, depth, ...swapped, 0, 0);
    return y;
  },
);

interface FusedInputs {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly bias?: TensorInfo;
  readonly preluActivationWeights?: TensorInfo;
}

defineKernel<FusedInputs, MatMulAttributes & FusedActivation>(tf._FusedMatMul, ({ inputs, attrs, backend }) => {
  const { a, b, bias, preluActivationWeights } = inputs;
  const columns = attrs.transposeB ? b.shape.at(-2) : b.shape.at(-1);
  if (!isColumnBias(bias, columns)) return undefined;
  const y = product(backend, a, b, attrs, bias);
  return y && applyActivation(backend, y, attrs, preluActivationWeights);
});
