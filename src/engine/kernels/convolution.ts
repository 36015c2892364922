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

/** How a convolution is computed: by src/kernels/convolution.cpp, depthwise.cpp, or narrow_convolution.cpp. */
type Method = 'patches' | 'depthwise' | 'narrow';

/** `kNarrowLimit` of src/kernels/narrow_convolution.cpp. */
const narrowLimit = 4096;

function methodOf(filter: readonly number[], { groups, dilations }: ConvolutionAttributes): Method {
  const [height = 0, width = 0, channels = 0, outputs = 0] = filter;
  if (groups > 1) return channels === 1 && outputs === groups ? 'depthwise' : 'patches';
  const isSmall = height * width * channels <= narrowLimit && height * outputs <= narrowLimit;
  return channels < 16 && dilations[1] === 1 && isSmall ? 'narrow' : 'patches';
}

/** Runs `fn` with padded images, their shape, and the attributes of the same convolution without padding. */
function withPadded(
  backend: EngineBackend,
  images: Pointer,
  x: readonly number[],
  attributes: ConvolutionAttributes,
  fn: (images: Pointer, x: readonly number[], attributes: ConvolutionAttributes) => void,
): void {
  const [batch = 0, , , channels = 0] = x;
  if (!isPadded(attributes)) return fn(images, x, attributes);
  const padded = [batch, ...paddedSize(x, attributes.padding), channels];
  backend.withScratch(sizeOf(padded), (scratch) => {
    padImages(backend, images, scratch, x, attributes.padding, false);
    fn(scratch, padded, { ...attributes, padding: [0, 0, 0, 0] });
  });
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
  const [images, weights] = [backend.pointerOf(x), backend.pointerOf(filter)];
  const added = bias ? backend.pointerOf(bias) : 0;
  const method = methodOf(filter.shape, attrs);
  if (method === 'narrow') {
    withPadded(backend, images, x.shape, attrs, (padded, size, attributes) => {
      const fields = backend.struct(geometry(size, filter.shape, attributes));
      backend.kernels.narrow_convolution(padded, weights, added, y.pointer, fields);
    });
    return y;
  }
  const name = method === 'depthwise' ? 'depthwise_convolution' : 'convolution';
  backend.withScratch(tableSize(shape[1], shape[2], filter.shape), (tables) => {
    const fields = backend.struct(geometry(x.shape, filter.shape, attrs));
    backend.kernels[name](images, weights, added, y.pointer, tables, fields);
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
  const { threads } = backend.library;
  const [batch = 0, outHeight = 0, outWidth = 0] = dy.shape;
  const [images, gradient] = [backend.pointerOf(x), backend.pointerOf(dy)];
  const method = methodOf(filter, attrs);
  if (method === 'narrow') {
    withPadded(backend, images, x.shape, attrs, (padded, size, attributes) => {
      backend.withScratch(threads * elements, (scratch) => {
        const fields = backend.struct(geometry(size, filter, attributes));
        backend.kernels.narrow_filter_gradient(padded, gradient, dfilter.pointer, scratch, fields);
      });
    });
    return dfilter;
  }
  const parts =
    method === 'depthwise' ? Math.min(threads, batch) : depthParts(elements, batch * outHeight * outWidth, threads);
  const sums = method === 'depthwise' || parts > 1 ? parts * elements : 0;
  backend.withScratch(sums + tableSize(outHeight, outWidth, filter), (scratch) => {
    const tables = scratch + 4 * sums;
    const fields = backend.struct(geometry(x.shape, filter, attrs));
    if (method === 'depthwise') {
      backend.kernels.depthwise_filter_gradient(images, gradient, dfilter.pointer, tables, scratch, fields);
    } else {
      backend.kernels.convolution_filter_gradient(images, gradient, dfilter.pointer, tables, scratch, parts, fields);
    }
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
  const method = methodOf(filter.shape, attrs);
  if (method === 'narrow') {
    const padded = [batch, ...paddedSize(x, padding), channels];
    const compute = (target: Pointer) => {
      const fields = backend.struct(geometry(padded, filter.shape, { ...attrs, padding: [0, 0, 0, 0] }));
      backend.kernels.narrow_input_gradient(gradient, weights, target, fields);
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
  backend.withScratch(tableSize(height, width, filter.shape), (tables) => {
    const fields = backend.struct(geometry(x, filter.shape, attrs));
    backend.kernels[name](gradient, weights, dx.pointer, tables, fields);
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
