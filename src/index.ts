/**
 * PaddlePaddle's high-level workflow for Node.js: tensors, gradients, files and `Model`; the other modules are here as
 * namespaces, and as subpaths of the package.
 *
 * @module
 */
import { selectDefaultBackend } from './engine/index.js';

selectDefaultBackend();

export type { Rank, Tensor } from '@tensorflow/tfjs-core';
export { enableGrad, grad, noGrad, type BackwardOptions, type GradOptions } from './autograd/index.js';
export * from './common/errors.js';
export { NdArray, type DType, type NdArrayData } from './common/ndarray.js';
export { seed } from './common/random.js';
export * from './framework/index.js';
export * from './model/index.js';
export { ParamAttr } from './nn/index.js';
export * from './tensor/index.js';
export { getDevice, setDevice } from './device/index.js';

export * as amp from './amp/index.js';
export * as autograd from './autograd/index.js';
export * as callbacks from './callbacks/index.js';
export * as device from './device/index.js';
export * as io from './io/index.js';
export * as jit from './jit/index.js';
export * as metric from './metric/index.js';
export * as nn from './nn/index.js';
export * as optimizer from './optimizer/index.js';
export * as regularizer from './regularizer/index.js';
export * as vision from './vision/index.js';
