/**
 * Convolution and its gradients.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';
import {
  convolutionKernels,
  convolutionShape,
  type ConvolutionAttributes,
  type ConvolutionGradientAttributes,
} from '../ops/convolution.js';
import { defineKernel } from './register.js';

/** Height and width of a padded image. */
function paddedSize(
  x: readonly number[],
  [top, bottom, left, right]: ConvolutionAttributes['padding'],
): [number, number] {
  return [(x[1] ?? 0) + top + bottom, (x[2] ?? 0) + left + right];
}

/** The fields of `Geometry` in src/kernels/convolution.cpp. */
function geometry(x: readonly number[], filter: readonly number[], attributes: ConvolutionAttributes): number[] {
  const [batch, outHeight, outWidth, outChannels] = convolutionShape(x, filter, attributes);
  const { strides, dilations, groups } = attributes;
  const [kernelHeight = 0, kernelWidth = 0] = filter;
  const image = [batch, ...paddedSize(x, attributes.padding), x[3] ?? 0];
  return [...image, kernelHeight, kernelWidth, outChannels, ...strides, ...dilations, groups, outHeight, outWidth];
}

/** Copies images into padded ones, or with `crop` back. */
function padImages(
  backend: EngineBackend,
  from: Pointer,
  to: Pointer,
  x: readonly number[],
  padding: ConvolutionAttributes['padding'],
  crop: boolean,
): void {
  const [batch = 0, height = 0, width = 0, channels = 0] = x;
  const [top, , left] = padding;
  const padded = paddedSize(x, padding);
  backend.kernels.pad_images(from, to, batch, height, width, channels, top, left, ...padded, 0, Number(crop));
}

/** Runs `fn` with the images of `x`, padded where there is padding. */
function withPadded<T>(
  backend: EngineBackend,
  x: TensorInfo,
  padding: ConvolutionAttributes['padding'],
  fn: (images: Pointer) => T,
): T {
  const pointer = backend.pointerOf(x);
  if (padding.every((length) => length === 0)) return fn(pointer);
  const [height, width] = paddedSize(x.shape, padding);
  return backend.withScratch((x.shape[0] ?? 0) * height * width * (x.shape[3] ?? 0), (scratch) => {
    padImages(backend, pointer, scratch, x.shape, padding, false);
    return fn(scratch);
  });
}

defineKernel<{ x: TensorInfo; filter: TensorInfo }, ConvolutionAttributes>(
  convolutionKernels.forward,
  ({ inputs: { x, filter }, attrs, backend }) => {
    const y = backend.allocate(convolutionShape(x.shape, filter.shape, attrs));
    const weights = backend.pointerOf(filter);
    withPadded(backend, x, attrs.padding, (images) => {
      const shape = backend.struct(geometry(x.shape, filter.shape, attrs));
      backend.kernels.convolution(images, weights, y.pointer, shape);
    });
    return y;
  },
);

defineKernel<{ x: TensorInfo; dy: TensorInfo }, ConvolutionGradientAttributes>(
  convolutionKernels.filterGradient,
  ({ inputs: { x, dy }, attrs, backend }) => {
    const dfilter = backend.allocate(attrs.shape);
    const gradient = backend.pointerOf(dy);
    withPadded(backend, x, attrs.padding, (images) => {
      const shape = backend.struct(geometry(x.shape, attrs.shape, attrs));
      backend.kernels.convolution_filter_gradient(images, gradient, dfilter.pointer, shape);
    });
    return dfilter;
  },
);

defineKernel<{ dy: TensorInfo; filter: TensorInfo }, ConvolutionGradientAttributes>(
  convolutionKernels.inputGradient,
  ({ inputs: { dy, filter }, attrs, backend }) => {
    const { shape: x, padding } = attrs;
    const dx = backend.allocate(x);
    const [gradient, weights] = [backend.pointerOf(dy), backend.pointerOf(filter)];
    const [height, width] = paddedSize(x, padding);
    const [, outHeight, outWidth] = convolutionShape(x, filter.shape, attrs);
    const patches = outHeight * outWidth * sizeOf(filter.shape.slice(0, 3));
    const compute = (target: Pointer) =>
      backend.withScratch(patches, (scratch) => {
        const shape = backend.struct(geometry(x, filter.shape, attrs));
        backend.kernels.convolution_input_gradient(gradient, weights, target, scratch, shape);
      });
    if (padding.every((length) => length === 0)) {
      compute(dx.pointer);
      return dx;
    }
    backend.withScratch((x[0] ?? 0) * height * width * (x[3] ?? 0), (padded) => {
      compute(padded);
      padImages(backend, padded, dx.pointer, x, padding, true);
    });
    return dx;
  },
);
