/**
 * Convolution and its gradients.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import { physicalShape } from '../layout.js';
import type { Pointer } from '../library.js';
import { filterLayout, imageLayout } from '../ops/channel-order.js';
import {
  convolutionKernels,
  convolutionShape,
  type ConvolutionAttributes,
  type ConvolutionGradientAttributes,
} from '../ops/convolution.js';
import { geometry, methodOf } from './convolution-method.js';
import { place, placeResult, type Placed } from './place.js';
import { defineKernel } from './register.js';
import { winogradConvolution, winogradFilterGradient, winogradInputGradient } from './winograd.js';

/** Height and width of a padded image. */
function paddedSize(
  x: readonly number[],
  [top, bottom, left, right]: ConvolutionAttributes['padding'],
): [number, number] {
  return [(x[1] ?? 0) + top + bottom, (x[2] ?? 0) + left + right];
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

/** Runs `fn` with padded images and the attributes of the same convolution without padding. */
function withPadded(
  backend: EngineBackend,
  images: Placed,
  attributes: ConvolutionAttributes,
  fn: (images: Placed, attributes: ConvolutionAttributes) => void,
): void {
  if (!isPadded(attributes)) return fn(images, attributes);
  const [batch = 0, , , channels = 0] = images.shape;
  const shape = [batch, ...paddedSize(images.shape, attributes.padding), channels];
  backend.withScratch(sizeOf(shape), (pointer) => {
    padImages(backend, images.pointer, pointer, images.shape, attributes.padding, false);
    fn({ shape, pointer }, { ...attributes, padding: [0, 0, 0, 0] });
  });
}

/** `kNarrowParts` of src/kernels/narrow_convolution.cpp. */
const narrowParts = 8;

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
  const images = place(backend, x, imageLayout(attrs));
  const weights = place(backend, filter, filterLayout(attrs));
  const shape = convolutionShape(images.shape, weights.shape, attrs);
  const y = placeResult(backend, shape, imageLayout(attrs));
  if (sizeOf(shape) === 0) return y;
  const added = bias ? backend.pointerOf(bias) : 0;
  const method = methodOf(images.shape, weights.shape, attrs);
  if (method === 'winograd') {
    winogradConvolution(backend, images, weights, added, { shape, pointer: y.pointer }, attrs);
    return y;
  }
  if (method === 'narrow') {
    withPadded(backend, images, attrs, (padded, attributes) => {
      const fields = backend.struct(geometry(padded.shape, weights.shape, attributes));
      backend.kernels.narrow_convolution(padded.pointer, weights.pointer, added, y.pointer, fields);
    });
    return y;
  }
  const name = method === 'depthwise' ? 'depthwise_convolution' : 'convolution';
  backend.withScratch(tableSize(shape[1], shape[2], weights.shape), (tables) => {
    const fields = backend.struct(geometry(images.shape, weights.shape, attrs));
    backend.kernels[name](images.pointer, weights.pointer, added, y.pointer, tables, fields);
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
  const images = place(backend, x, imageLayout(attrs));
  const gradient = place(backend, dy, imageLayout(attrs));
  const filter = physicalShape(attrs.shape, filterLayout(attrs));
  const dfilter = placeResult(backend, filter, filterLayout(attrs));
  const elements = sizeOf(filter);
  if (sizeOf(dy.shape) === 0) {
    backend.kernels.fill_words(dfilter.pointer, 0, elements);
    return dfilter;
  }
  const { threads } = backend.library;
  const [batch = 0, outHeight = 0, outWidth = 0] = gradient.shape;
  const method = methodOf(images.shape, filter, attrs);
  if (method === 'winograd') {
    winogradFilterGradient(backend, images, gradient, { shape: filter, pointer: dfilter.pointer }, attrs);
    return dfilter;
  }
  if (method === 'narrow') {
    withPadded(backend, images, attrs, (padded, attributes) => {
      backend.withScratch(narrowParts * elements, (scratch) => {
        const fields = backend.struct(geometry(padded.shape, filter, attributes));
        backend.kernels.narrow_filter_gradient(padded.pointer, gradient.pointer, dfilter.pointer, scratch, fields);
      });
    });
    return dfilter;
  }
  const parts =
    method === 'depthwise' ? Math.min(threads, batch) : depthParts(elements, batch * outHeight * outWidth, threads);
  const sums = method === 'depthwise' || parts > 1 ? parts * elements : 0;
  backend.withScratch(sums + tableSize(outHeight, outWidth, filter), (scratch) => {
    const tables = scratch + 4 * sums;
    const fields = backend.struct(geometry(images.shape, filter, attrs));
    const arrays = [images.pointer, gradient.pointer, dfilter.pointer, tables, scratch] as const;
    if (method === 'depthwise') backend.kernels.depthwise_filter_gradient(...arrays, fields);
    else backend.kernels.convolution_filter_gradient(...arrays, parts, fields);
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
  const { padding } = attrs;
  const gradient = place(backend, dy, imageLayout(attrs));
  const weights = place(backend, filter, filterLayout(attrs));
  const x = physicalShape(attrs.shape, imageLayout(attrs));
  const dx = placeResult(backend, x, imageLayout(attrs));
  if (sizeOf(x) === 0) return dx;
  const [batch = 0, height = 0, width = 0, channels = 0] = x;
  const method = methodOf(x, weights.shape, attrs);
  if (method === 'winograd') {
    winogradInputGradient(backend, gradient, weights, { shape: x, pointer: dx.pointer }, attrs);
    return dx;
  }
  if (method === 'narrow') {
    const padded = [batch, ...paddedSize(x, padding), channels];
    const compute = (target: Pointer) => {
      const fields = backend.struct(geometry(padded, weights.shape, { ...attrs, padding: [0, 0, 0, 0] }));
      backend.kernels.narrow_input_gradient(gradient.pointer, weights.pointer, target, fields);
    };
    if (isPadded(attrs)) {
      backend.withScratch(sizeOf(padded), (images) => {
        compute(images);
        padImages(backend, images, dx.pointer, x, padding, true);
      });
    } else {
      compute(dx.pointer);
    }
    return dx;
  }
  const name = method === 'depthwise' ? 'depthwise_input_gradient' : 'convolution_input_gradient';
  backend.withScratch(tableSize(height, width, weights.shape), (tables) => {
    const fields = backend.struct(geometry(x, weights.shape, attrs));
    backend.kernels[name](gradient.pointer, weights.pointer, dx.pointer, tables, fields);
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
