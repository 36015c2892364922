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
export * from './math.js';
