/**
 * Tensors: making them, and functions on them. The tensor itself is `tf.Tensor` of TensorFlow.js.
 *
 * @module
 */
import './methods.js';

export * from './creation.js';
export type { TensorDType } from './dtype.js';
export {
  cast,
  concat,
  flatten,
  reshape,
  split,
  squeeze,
  stack,
  transpose,
  unsqueeze,
  type FlattenOptions,
} from './manipulation.js';
export {
  abs,
  add,
  argmax,
  argmin,
  clip,
  divide,
  exp,
  log,
  matmul,
  max,
  mean,
  min,
  multiply,
  pow,
  sqrt,
  square,
  subtract,
  sum,
  type ArgReduceOptions,
  type ClipOptions,
  type MatmulOptions,
  type ReduceArgument,
  type ReduceOptions,
} from './math.js';
export * from './arrangement.js';
export * from './comparison.js';
export * from './einsum.js';
export * from './elementwise.js';
export * from './indexing.js';
export * from './linear-algebra.js';
export * from './matrices.js';
export * from './random.js';
export * from './reduction.js';
export { variance as var } from './reduction.js';
export * from './sorting.js';
