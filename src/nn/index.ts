/**
 * Layers, losses, gradient clipping.
 *
 * @module
 */
export {
  CELU,
  ELU,
  GELU,
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  Mish,
  ReLU,
  ReLU6,
  SELU,
  Sigmoid,
  Silu,
  Softmax,
  Softplus,
  Softshrink,
  Softsign,
  Swish,
  Tanh,
  Tanhshrink,
  ThresholdedReLU,
} from './activation.js';
export {
  Dropout,
  Flatten,
  Identity,
  Linear,
  type DropoutOptions,
  type FlattenLayerOptions,
  type LinearOptions,
} from './common.js';
export { Conv2D, type Conv2DOptions, type PaddingMode } from './conv.js';
export { GLU, Maxout, PReLU, RReLU, Softmax2D, type PReLUOptions } from './gate.js';
export * as functional from './functional/index.js';
export * as initializer from './initializer/index.js';
export { LayerDict, LayerList, ParameterList, Sequential, type NamedLayer } from './layer/containers.js';
export type { HookHandle } from './layer/hooks.js';
export { Layer, type AnyLayer, type StateDict } from './layer/layer.js';
export type {
  CreateParameterOptions,
  LayerOptions,
  NamedParametersOptions,
  NamedSublayersOptions,
  SetStateDictOptions,
  StateDictOptions,
  ToOptions,
} from './layer/options.js';
export type { LoadResult } from './layer/state.js';
export {
  BCELoss,
  BCEWithLogitsLoss,
  CosineEmbeddingLoss,
  CrossEntropyLoss,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  KLDivLoss,
  L1Loss,
  MSELoss,
  MarginRankingLoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  NLLLoss,
  PoissonNLLLoss,
  SmoothL1Loss,
  SoftMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from './loss.js';
export { BatchNorm, BatchNorm1D, BatchNorm2D, type BatchNormOptions, type GeneralBatchNormOptions } from './norm.js';
export { ParamAttr, type ParamAttrLike, type ParamAttrOptions } from './param-attr.js';
export { Parameter, type ParameterOptions } from './parameter.js';
export {
  AdaptiveAvgPool2D,
  AdaptiveMaxPool2D,
  AvgPool2D,
  MaxPool2D,
  type AvgPool2DOptions,
  type MaxPool2DOptions,
} from './pooling.js';
export { ClipGradByGlobalNorm, ClipGradByNorm, ClipGradByValue, GradientClip, type ParameterGradient } from './clip.js';
