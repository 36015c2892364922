/**
 * The layers' computations as functions.
 *
 * @module
 */
export {
  celu,
  elu,
  gelu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  logSigmoid as logsigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softshrink,
  softsign,
  swish,
  tanh,
  tanhshrink,
  thresholdedRelu,
  type AlphaOptions,
  type GeluApproximation,
  type GeluOptions,
  type HardsigmoidOptions,
  type HardtanhOptions,
  type LeakyReluOptions,
  type SeluOptions,
  type SoftmaxOptions,
  type SoftplusOptions,
  type ThresholdedReluOptions,
  type ThresholdOptions,
} from './activation.js';
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  diceLoss,
  multiLabelMarginLoss,
  multiLabelSoftMarginLoss,
  multiMarginLoss,
  nllLoss,
  sigmoidFocalLoss,
  softMarginLoss,
  type BinaryCrossEntropyWithLogitsOptions,
  type DiceLossOptions,
  type MultiMarginLossOptions,
  type NllLossOptions,
  type SigmoidFocalLossOptions,
} from './classification-loss.js';
export { bilinear } from './bilinear.js';
export { dropout, linear, type DropoutFunctionOptions, type DropoutMode } from './common.js';
export { conv2d, type Conv2DFunctionOptions } from './conv.js';
export {
  crossEntropy,
  softmaxWithCrossEntropy,
  type CrossEntropyOptions,
  type SoftmaxWithCrossEntropyOptions,
} from './cross-entropy.js';
export {
  cosineEmbeddingLoss,
  cosineSimilarity,
  hingeEmbeddingLoss,
  marginRankingLoss,
  normalize,
  npairLoss,
  pairwiseDistance,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
  type CosineSimilarityOptions,
  type DistanceFunction,
  type MarginOptions,
  type NormalizeOptions,
  type NpairLossOptions,
  type PairwiseDistanceOptions,
  type TripletMarginLossOptions,
  type TripletMarginWithDistanceLossOptions,
} from './distance.js';
export {
  glu,
  gumbelSoftmax,
  maxout,
  prelu,
  rrelu,
  swiglu,
  type ChannelAxisOptions,
  type GluOptions,
  type GumbelSoftmaxOptions,
  type PreluOptions,
  type RreluOptions,
} from './gate.js';
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
export type { Reduction, ReductionOptions, WeightedLossOptions } from './reduction.js';
export {
  gaussianNllLoss,
  klDiv,
  l1Loss,
  logLoss,
  mseLoss,
  poissonNllLoss,
  smoothL1Loss,
  squareErrorCost,
  type GaussianNllLossOptions,
  type KlDivOptions,
  type LogLossOptions,
  type PoissonNllLossOptions,
  type SmoothL1LossOptions,
} from './regression-loss.js';
export type { DataFormat, Padding2D, Size2D } from './spatial.js';
export { conv2dTranspose, type Conv2DTransposeFunctionOptions } from './conv-transpose.js';
export {
  alphaDropout,
  dropout1d,
  dropout2d,
  featureAlphaDropout,
  type Dropout2DFunctionOptions,
  type PlainDropoutOptions,
} from './dropout.js';
export {
  embedding,
  labelSmooth,
  oneHot,
  sequenceMask,
  type EmbeddingFunctionOptions,
  type LabelSmoothOptions,
  type SequenceMaskOptions,
} from './embedding.js';
export { interpolate, upsample, type InterpolateOptions, type InterpolationMode } from './interpolate.js';
export {
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  rmsNorm,
  type GroupNormFunctionOptions,
  type InstanceNormFunctionOptions,
  type LayerNormFunctionOptions,
  type LocalResponseNormOptions,
  type RmsNormOptions,
} from './layer-norm.js';
export { pad, zeropad2d, type PadFunctionOptions, type PadMode } from './pad.js';
export {
  lpPool1d,
  lpPool2d,
  maxUnpool1d,
  maxUnpool2d,
  type LpPool1DOptions,
  type LpPool2DOptions,
  type MaxUnpool1DOptions,
  type MaxUnpool2DOptions,
} from './pooling-extra.js';
export {
  channelShuffle,
  fold,
  pixelShuffle,
  pixelUnshuffle,
  temporalShift,
  unfold,
  type DataFormatOptions,
  type FoldOptions,
  type TemporalShiftOptions,
} from './rearrange.js';
export {
  adaptiveAvgPool1d,
  adaptiveMaxPool1d,
  avgPool1d,
  conv1d,
  conv1dTranspose,
  maxPool1d,
  type AvgPool1DFunctionOptions,
  type Conv1DFunctionOptions,
  type Conv1DTransposeFunctionOptions,
  type DataFormat1D,
  type MaxPool1DFunctionOptions,
  type Padding1D,
  type Pooling1DOptions,
  type Size1D,
} from './sequence.js';
export { scaledDotProductAttention, type ScaledDotProductAttentionOptions } from './attention.js';
export { fractionalMaxPool2d, type FractionalMaxPool2DOptions } from './fractional-pooling.js';
export { affineGrid, gridSample, type GridSampleOptions } from './grid-sample.js';
