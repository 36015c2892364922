/**
 * Which kernels compute a convolution.
 *
 * @module
 */
import { convolutionShape, type ConvolutionAttributes } from '../ops/convolution.js';

/** The fields of `Geometry` in src/kernels/convolution.h. */
export function geometry(x: readonly number[], filter: readonly number[], attributes: ConvolutionAttributes): number[] {
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

/**
 * How a convolution is computed: by src/kernels/convolution.cpp, depthwise.cpp, narrow_convolution.cpp, or
 * winograd_convolution.cpp and winograd_filter_gradient.cpp.
 */
export type Method = 'patches' | 'depthwise' | 'narrow' | 'winograd';

/** `kNarrowLimit` of src/kernels/narrow_convolution.cpp. */
const narrowLimit = 4096;

/** `kWinogradLimit` of src/kernels/winograd.h. */
const winogradLimit = 512;

/** Multiplications for a channel and an output in a tile of 2 x 2 pixels. */
const tileWork = 16;

/** Tiles that take as long as transforming the filter (measured). */
const filterTiles = 48;

/** How many times fewer multiplications pay for the transforms (measured). */
const winogradGain = 1.35;

/** Taps of three, at all positions along an axis, that read something within `length` elements. */
function liveTaps(positions: number, before: number, length: number): number {
  let count = 0;
  for (let position = 0; position < positions; position++) {
    for (let tap = 0; tap < 3; tap++) {
      const index = position + tap - before;
      if (index >= 0 && index < length) count++;
    }
  }
  return count;
}

/**
 * Whether a convolution is clearly faster by Winograd's algorithm: it has filters of 3 x 3 taps, and so many pixels that
 * the tiles of the result and the filter's transform take fewer multiplications than the taps that lie in the image.
 */
function isForWinograd(x: readonly number[], filter: readonly number[], attributes: ConvolutionAttributes): boolean {
  const { strides, dilations, padding } = attributes;
  const [kernelHeight, kernelWidth, channels = 0, outputs = 0] = filter;
  const isSquare = kernelHeight === 3 && kernelWidth === 3;
  if (!isSquare || [...strides, ...dilations].some((step) => step !== 1) || padding.some((side) => side > 2))
    return false;
  if (Math.min(channels, outputs) < 16 || Math.max(channels, outputs) > winogradLimit) return false;
  const [batch, outHeight, outWidth] = convolutionShape(x, filter, attributes);
  const [, height = 0, width = 0] = x;
  const taps = batch * liveTaps(outHeight, padding[0], height) * liveTaps(outWidth, padding[2], width);
  const tiles = batch * Math.ceil(outHeight / 2) * Math.ceil(outWidth / 2);
  return taps >= winogradGain * tileWork * (tiles + filterTiles);
}

/**
 * The way to compute a convolution and its gradients.
 *
 * @param x - shape of the images, [N, H, W, C]
 * @param filter - shape of the filter, [kh, kw, C / groups, out]
 */
export function methodOf(x: readonly number[], filter: readonly number[], attributes: ConvolutionAttributes): Method {
  const { groups, dilations } = attributes;
  const [height = 0, width = 0, channels = 0, outputs = 0] = filter;
  if (groups > 1) return channels === 1 && outputs === groups ? 'depthwise' : 'patches';
  const isSmall = height * width * channels <= narrowLimit && height * outputs <= narrowLimit;
  if (channels < 16 && dilations[1] === 1 && isSmall) return 'narrow';
  return isForWinograd(x, filter, attributes) ? 'winograd' : 'patches';
}
