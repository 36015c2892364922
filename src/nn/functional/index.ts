/**
 * The layers' computations as functions.
 *
 * @module
 */
export {
  hardsigmoid,
  hardswish,
  logSoftmax,
  relu,
  relu6,
  sigmoid,
  softmax,
  swish,
  tanh,
  type HardsigmoidOptions,
  type SoftmaxOptions,
} from './activation.js';
export { dropout, linear, type DropoutFunctionOptions, type DropoutMode } from './common.js';
export { conv2d, type Conv2DFunctionOptions } from './conv.js';
export { crossEntropy, type CrossEntropyOptions, type Reduction } from './loss.js';
export { batchNorm, type BatchNormFunctionOptions } from './norm.js';
export {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  maxPool2d,
  type AdaptiveSize2D,
  type AvgPool2DFunctionOptions,
  type MaxPool2DFunctionOptions,
  type PoolingOptions,
} from './pooling.js';
export type { DataFormat, Padding2D, Size2D } from './spatial.js';
