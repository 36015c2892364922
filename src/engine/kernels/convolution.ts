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
  const { strides, dilations, groups, padding } = attributes;
  const [kernelHeight = 0, kernelWidth = 0] = filter;
  const [, height = 0, width = 0, channels = 0] = x;
  const [top, , left] = padding;
  return [
    ...[batch, height, width, channels, kernelHeight, kernelWidth, outChannels],
    ...[...strides, ...dilations, groups, top, left, outHeight, outWidth],
  ];
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

const isPadded = ({ padding }: ConvolutionAttributes) => padding.some((length) => length > 0);

/**
 * True where neighbouring taps of the filter are one run of the image, as `merges_taps` in src/kernels/convolution.cpp
 * has it. Such images are padded beforehand.
 */
function mergesTaps(channels: number, { groups, dilations }: ConvolutionAttributes): boolean {
  return groups === 1 && dilations[1] === 1 && channels < 16;
}

/** Runs `fn` with images, the shape and the attributes of the same convolution without padding. */
function withPadded<T>(
  backend: EngineBackend,
  images: Pointer,
  x: readonly number[],
  attributes: ConvolutionAttributes,
  fn: (images: Pointer, x: readonly number[], attributes: ConvolutionAttributes) => T,
): T {
  const [batch = 0, , , channels = 0] = x;
  if (!mergesTaps(channels, attributes) || !isPadded(attributes)) return fn(images, x, attributes);
  const padded = [batch, ...paddedSize(x, attributes.padding), channels];
  return backend.withScratch(sizeOf(padded), (scratch) => {
    padImages(backend, images, scratch, x, attributes.padding, false);
    return fn(scratch, padded, { ...attributes, padding: [0, 0, 0, 0] });
  });
}

/** True where every channel has a filter of its own, which src/kernels/depthwise.cpp computes. */
function isDepthwise(filter: readonly number[], { groups }: ConvolutionAttributes): boolean {
  return groups > 1 && filter[2] === 1 && filter[3] === groups;
}

/** Integers that the tables of two axes take. */
function tableSize(rows: number, columns: number, filter: readonly number[]): number {
  const [kernelHeight = 0, kernelWidth = 0] = filter;
  return rows * (kernelHeight + 1) + columns * (kernelWidth + 1);
}

/** The convolution of `x` with `filter`. */
export function convolve(
  backend: EngineBackend,
  x: TensorInfo,
  filter: TensorInfo,
  attrs: ConvolutionAttributes,
  bias?: TensorInfo,
): TensorInfo {
  const shape = convolutionShape(x.shape, filter.shape, attrs);
  const y = backend.allocate(shape);
  if (sizeOf(shape) === 0) return y;
  const weights = backend.pointerOf(filter);
  const added = bias ? backend.pointerOf(bias) : 0;
  const name = isDepthwise(filter.shape, attrs) ? 'depthwise_convolution' : 'convolution';
  withPadded(backend, backend.pointerOf(x), x.shape, attrs, (images, padded, attributes) => {
    backend.withScratch(tableSize(shape[1], shape[2], filter.shape), (tables) => {
      const fields = backend.struct(geometry(padded, filter.shape, attributes));
      backend.kernels[name](images, weights, added, y.pointer, tables, fields);
    });
  });
  return y;
}

/**
 * Parts that the pixels of a filter gradient are cut into: enough to give all threads work where a small filter, of a few
 * tiles of the matrix product, has many pixels.
 */
function depthParts(elements: number, pixels: number, threads: number): number {
  const tiles = Math.ceil(elements / 1024);
  return tiles >= threads ? 1 : Math.max(1, Math.min(Math.floor(threads / tiles), Math.floor(pixels / 256)));
}

/** The gradient of the convolution's filter, whose shape is `attrs.shape`. */
export function filterGradient(
  backend: EngineBackend,
  x: TensorInfo,
  dy: TensorInfo,
  attrs: ConvolutionGradientAttributes,
): TensorInfo {
  const { shape: filter } = attrs;
  const dfilter = backend.allocate(filter);
  const elements = sizeOf(filter);
  if (sizeOf(dy.shape) === 0) {
    backend.library.float32(dfilter.pointer, elements).fill(0);
    return dfilter;
  }
  const [batch = 0, outHeight = 0, outWidth = 0] = dy.shape;
  const parts = depthParts(elements, batch * outHeight * outWidth, backend.library.threads);
  const gradient = backend.pointerOf(dy);
  if (isDepthwise(filter, attrs)) {
    const sums = Math.min(backend.library.threads, batch) * elements;
    backend.withScratch(sums + tableSize(outHeight, outWidth, filter), (scratch) => {
      const fields = backend.struct(geometry(x.shape, filter, attrs));
      const tables = scratch + 4 * sums;
      const images = backend.pointerOf(x);
      backend.kernels.depthwise_filter_gradient(images, gradient, dfilter.pointer, tables, scratch, fields);
    });
    return dfilter;
  }
  withPadded(backend, backend.pointerOf(x), x.shape, attrs, (images, padded, attributes) => {
    backend.withScratch(tableSize(outHeight, outWidth, filter) + (parts > 1 ? parts * elements : 0), (scratch) => {
      const tables = parts > 1 ? scratch + 4 * parts * elements : scratch;
      const fields = backend.struct(geometry(padded, filter, attributes));
      backend.kernels.convolution_filter_gradient(images, gradient, dfilter.pointer, tables, scratch, parts, fields);
    });
  });
  return dfilter;
}

/** The gradient of the convolution's input, whose shape is `attrs.shape`. */
export function inputGradient(
  backend: EngineBackend,
  dy: TensorInfo,
  filter: TensorInfo,
  attrs: ConvolutionGradientAttributes,
): TensorInfo {
  const { shape: x, padding } = attrs;
  const dx = backend.allocate(x);
  if (sizeOf(x) === 0) return dx;
  const [batch = 0, height = 0, width = 0, channels = 0] = x;
  const [gradient, weights] = [backend.pointerOf(dy), backend.pointerOf(filter)];
  if (!mergesTaps(channels, attrs)) {
    backend.withScratch(tableSize(height, width, filter.shape), (tables) => {
      const fields = backend.struct(geometry(x, filter.shape, attrs));
      const name = isDepthwise(filter.shape, attrs) ? 'depthwise_input_gradient' : 'convolution_input_gradient';
      backend.kernels[name](gradient, weights, dx.pointer, tables, fields);
    });
    return dx;
  }
  const padded = [batch, ...paddedSize(x, padding), channels];
  const [, outHeight = 0, outWidth = 0] = dy.shape;
  const patches = outHeight * outWidth * sizeOf(filter.shape.slice(0, 3));
  const compute = (target: Pointer) => {
    backend.withScratch(Math.min(backend.library.threads, batch) * patches, (scratch) => {
      const fields = backend.struct(geometry(padded, filter.shape, { ...attrs, padding: [0, 0, 0, 0] }));
      backend.kernels.convolution_narrow_input_gradient(gradient, weights, target, scratch, fields);
    });
  };
  if (!isPadded(attrs)) {
    compute(dx.pointer);
    return dx;
  }
  backend.withScratch(sizeOf(padded), (images) => {
    compute(images);
    padImages(backend, images, dx.pointer, x, padding, true);
  });
  return dx;
}

defineKernel<{ x: TensorInfo; filter: TensorInfo; bias?: TensorInfo }, ConvolutionAttributes>(
  convolutionKernels.forward,
  ({ inputs: { x, filter, bias }, attrs, backend }) => convolve(backend, x, filter, attrs, bias),
);

defineKernel<{ x: TensorInfo; dy: TensorInfo }, ConvolutionGradientAttributes>(
  convolutionKernels.filterGradient,
  ({ inputs: { x, dy }, attrs, backend }) => filterGradient(backend, x, dy, attrs),
);

defineKernel<{ dy: TensorInfo; filter: TensorInfo }, ConvolutionGradientAttributes>(
  convolutionKernels.inputGradient,
  ({ inputs: { dy, filter }, attrs, backend }) => inputGradient(backend, dy, filter, attrs),
);
