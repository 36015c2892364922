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
export { LayerDict, LayerList, ParameterDict, ParameterList, Sequential, type NamedLayer } from './layer/containers.js';
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
export * as utils from './utils/index.js';
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
export {
  Conv1DTranspose,
  Conv2DTranspose,
  type Conv1DTransposeOptions,
  type Conv2DTransposeOptions,
  type ConvolutionAttributes,
} from './conv-transpose.js';
export {
  AlphaDropout,
  Dropout2D,
  FeatureAlphaDropout,
  type Dropout2DOptions,
  type ProbabilityOptions,
} from './dropout.js';
export {
  Bilinear,
  CosineSimilarity,
  Embedding,
  PairwiseDistance,
  Unflatten,
  type BilinearOptions,
  type EmbeddingOptions,
} from './embedding.js';
export {
  GroupNorm,
  InstanceNorm1D,
  InstanceNorm2D,
  LayerNorm,
  LocalResponseNorm,
  SpectralNorm,
  type AffineOptions,
  type GroupNormOptions,
  type InstanceNormOptions,
  type LayerNormOptions,
  type SpectralNormOptions,
} from './layer-norm.js';
export {
  CircularPad1D,
  CircularPad2D,
  ConstantPad1D,
  ConstantPad2D,
  Pad1D,
  Pad2D,
  ReflectionPad1D,
  ReflectionPad2D,
  ReplicationPad1D,
  ReplicationPad2D,
  ZeroPad1D,
  ZeroPad2D,
  type FixedPadOptions,
  type PadOptions,
  type PadSides,
} from './padding.js';
export {
  ChannelShuffle,
  Fold,
  FractionalMaxPool2D,
  LPPool1D,
  LPPool2D,
  MaxUnPool1D,
  MaxUnPool2D,
  PixelShuffle,
  PixelUnshuffle,
  Unfold,
  Upsample,
  UpsamplingBilinear2D,
  UpsamplingNearest2D,
  type Upsampling2DOptions,
} from './rearrange.js';
export { BiRNN, RNN, type BiRNNOptions, type RNNOptions } from './recurrent.js';
export {
  GRU,
  LSTM,
  SimpleRNN,
  type LSTMOptions,
  type RecurrentOptions,
  type SimpleRNNOptions,
} from './recurrent-networks.js';
export {
  GRUCell,
  LSTMCell,
  RNNCellBase,
  SimpleRNNCell,
  type CellAttributes,
  type CellStates,
  type InitialStatesOptions,
  type LSTMCellOptions,
  type SimpleRNNCellOptions,
  type StateShape,
} from './recurrent-cells.js';
export { AdaptiveAvgPool1D, AdaptiveMaxPool1D, AvgPool1D, Conv1D, MaxPool1D, type Conv1DOptions } from './sequence.js';
export {
  MultiHeadAttention,
  TransformerEncoder,
  TransformerEncoderLayer,
  type MultiHeadAttentionOptions,
  type TransformerEncoderLayerOptions,
} from './transformer.js';
