/**
 * Calls of the kernels for convolutions by Winograd's algorithm: filters of 3 x 3 taps, steps and dilations of 1, one
 * group, at most 2 pixels of padding on each side. Images are [N, H, W, C], filters [3, 3, C, out].
 *
 * @module
 */
import { sizeOf } from '../../common/ndarray.js';
import type { EngineBackend } from '../backend.js';
import type { Pointer } from '../library.js';
import type { ConvolutionAttributes } from '../ops/convolution.js';
import { geometry } from './convolution-method.js';
import type { Placed } from './place.js';

/** Floats of a transformed filter: 16 for 9, with the outputs rounded up to whole panels. */
function transformedSize(channels: number, outputs: number): number {
  return 16 * channels * Math.ceil(outputs / 16) * 16;
}

/** Computes the result `y`; `bias` is null (0) for none. */
export function winogradConvolution(
  backend: EngineBackend,
  x: Placed,
  filter: Placed,
  bias: Pointer,
  y: Placed,
  attributes: ConvolutionAttributes,
): void {
  const [, , channels = 0, outputs = 0] = filter.shape;
  backend.withScratch(transformedSize(channels, outputs), (transformed) => {
    const fields = backend.struct(geometry(x.shape, filter.shape, attributes));
    backend.kernels.winograd_convolution(x.pointer, filter.pointer, bias, y.pointer, transformed, fields);
  });
}

/** Computes the gradient `dx` of the images. */
export function winogradInputGradient(
  backend: EngineBackend,
  dy: Placed,
  filter: Placed,
  dx: Placed,
  attributes: ConvolutionAttributes,
): void {
  const [, , channels = 0, outputs = 0] = filter.shape;
  backend.withScratch(transformedSize(outputs, channels), (transformed) => {
    const fields = backend.struct(geometry(dx.shape, filter.shape, attributes));
    backend.kernels.winograd_input_gradient(dy.pointer, filter.pointer, dx.pointer, transformed, fields);
  });
}

/** Filters up to this size are one block of src/kernels/winograd_filter_gradient.cpp. */
const blockSize = 128 * 128;

/** Tiles that are worth a filter's gradient of their own. */
const tilesPerPart = 256;

/**
 * Parts that the tiles of a filter gradient are cut into: one for each thread where the filter is small and the tiles are
 * many, else 1, and the threads share the filter.
 */
function tileParts(channels: number, outputs: number, tiles: number, threads: number): number {
  return channels * outputs <= blockSize && tiles >= tilesPerPart * threads ? threads : 1;
}

/** Computes the gradient `dfilter` of the filter. */
export function winogradFilterGradient(
  backend: EngineBackend,
  x: Placed,
  dy: Placed,
  dfilter: Placed,
  attributes: ConvolutionAttributes,
): void {
  const [batch = 0, outHeight = 0, outWidth = 0, outputs = 0] = dy.shape;
  const tiles = batch * Math.ceil(outHeight / 2) * Math.ceil(outWidth / 2);
  const parts = tileParts(x.shape[3] ?? 0, outputs, tiles, backend.library.threads);
  backend.withScratch(parts > 1 ? parts * sizeOf(dfilter.shape) : 0, (scratch) => {
    const fields = backend.struct(geometry(x.shape, dfilter.shape, attributes));
    backend.kernels.winograd_filter_gradient(x.pointer, dy.pointer, dfilter.pointer, scratch, parts, fields);
  });
}
