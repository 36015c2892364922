/**
 * The convolutions of TensorFlow.js, computed by the engine's own.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { sameShape } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import { convolutionShape, type ConvolutionAttributes } from '../ops/convolution.js';
import { convolve, filterGradient, inputGradient } from './convolution.js';
import { applyActivation, isColumnBias, type FusedActivation } from './fused.js';
import { defineKernel } from './register.js';

/** Attributes that the kernels of TensorFlow.js have in common. */
interface Attributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dilations?: [number, number] | number | null;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4D = [number, number, number, number];

const isFloat = (...tensors: (TensorInfo | undefined)[]) =>
  tensors.every((tensor) => tensor === undefined || tensor.dtype === 'float32');

/** The same convolution in the engine's terms; undefined for what the engine does not compute. */
function convert(
  x: readonly number[],
  filter: readonly number[],
  { strides, pad, dilations, dataFormat = 'NHWC', dimRoundingMode }: Attributes,
  depthwise: boolean,
  dy?: readonly number[],
): ConvolutionAttributes | undefined {
  if (dataFormat !== 'NHWC') return undefined;
  const info = tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
  const { top, bottom, left, right } = info.padInfo;
  const attributes: ConvolutionAttributes = {
    strides: [info.strideHeight, info.strideWidth],
    padding: [top, bottom, left, right],
    dilations: [info.dilationHeight, info.dilationWidth],
    groups: depthwise ? info.inChannels : info.inChannels / (filter[2] ?? 1),
  };
  if (attributes.padding.some((length) => length < 0) || info.outShape.includes(0)) return undefined;
  const own = convolutionShape(x, depthwise ? grouped(filter) : filter, attributes);
  // Rounding up can make room for a step that does not fit, and a gradient can be larger than the result.
  return sameShape(own, info.outShape) && sameShape(own, dy ?? own) ? attributes : undefined;
}

/** Shape of a depthwise filter [kh, kw, C, multiplier] as the filter of a convolution in C groups. */
function grouped([height = 0, width = 0, channels = 0, multiplier = 0]: readonly number[]): Shape4D {
  return [height, width, 1, channels * multiplier];
}

/** A depthwise filter as the filter of a convolution in groups: the same elements. */
function groupedFilter(backend: EngineBackend, filter: TensorInfo): TensorInfo {
  return backend.reshaped(filter, grouped(filter.shape));
}

interface FusedInputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
  readonly bias?: TensorInfo;
  readonly preluActivationWeights?: TensorInfo;
}

for (const [name, depthwise] of [
  [tf.Conv2D, false],
  [tf.FusedConv2D, false],
  [tf.DepthwiseConv2dNative, true],
  [tf.FusedDepthwiseConv2D, true],
] as const) {
  defineKernel<FusedInputs, Attributes & FusedActivation>(name, ({ inputs, attrs, backend }) => {
    const { x, filter, bias, preluActivationWeights } = inputs;
    if (!isFloat(x, filter, bias)) return undefined;
    const attributes = convert(x.shape, filter.shape, attrs, depthwise);
    const outputs = depthwise ? grouped(filter.shape)[3] : filter.shape[3];
    if (attributes === undefined || !isColumnBias(bias, outputs)) return undefined;
    if (!depthwise) {
      return applyActivation(backend, convolve(backend, x, filter, attributes, bias), attrs, preluActivationWeights);
    }
    const weights = groupedFilter(backend, filter);
    const y = convolve(backend, x, weights, attributes, bias);
    backend.disposeData(weights.dataId);
    return applyActivation(backend, y, attrs, preluActivationWeights);
  });
}

defineKernel<{ dy: TensorInfo; filter: TensorInfo }, Attributes & { readonly inputShape: number[] }>(
  tf.Conv2DBackpropInput,
  ({ inputs: { dy, filter }, attrs, backend }) => {
    const attributes = isFloat(dy, filter)
      ? convert(attrs.inputShape, filter.shape, attrs, false, dy.shape)
      : undefined;
    return attributes && inputGradient(backend, dy, filter, { ...attributes, shape: attrs.inputShape });
  },
);

defineKernel<{ x: TensorInfo; dy: TensorInfo }, Attributes & { readonly filterShape: number[] }>(
  tf.Conv2DBackpropFilter,
  ({ inputs: { x, dy }, attrs, backend }) => {
    const attributes = isFloat(x, dy) ? convert(x.shape, attrs.filterShape, attrs, false, dy.shape) : undefined;
    return attributes && filterGradient(backend, x, dy, { ...attributes, shape: attrs.filterShape });
  },
);

defineKernel<{ dy: TensorInfo; filter: TensorInfo }, Attributes & { readonly inputShape: number[] }>(
  tf.DepthwiseConv2dNativeBackpropInput,
  ({ inputs: { dy, filter }, attrs, backend }) => {
    const attributes = isFloat(dy, filter) ? convert(attrs.inputShape, filter.shape, attrs, true, dy.shape) : undefined;
    if (attributes === undefined) return undefined;
    const weights = groupedFilter(backend, filter);
    const dx = inputGradient(backend, dy, weights, { ...attributes, shape: attrs.inputShape });
    backend.disposeData(weights.dataId);
    return dx;
  },
);

defineKernel<{ x: TensorInfo; dy: TensorInfo }, Attributes & { readonly filterShape: number[] }>(
  tf.DepthwiseConv2dNativeBackpropFilter,
  ({ inputs: { x, dy }, attrs, backend }) => {
    const attributes = isFloat(x, dy) ? convert(x.shape, attrs.filterShape, attrs, true, dy.shape) : undefined;
    if (attributes === undefined) return undefined;
    const dfilter = filterGradient(backend, x, dy, { ...attributes, shape: grouped(attrs.filterShape) });
    const result = backend.reshaped(dfilter, attrs.filterShape);
    backend.disposeData(dfilter.dataId);
    return result;
  },
);
