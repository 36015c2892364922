/**
 * The samples of a deformable convolution, channels last.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../common/ndarray.js';
import { defineGradient, defineOperation, hasKernel, runKernel, runKernels } from './dispatch.js';

/** Geometry of a deformable convolution; each pair has height and width. */
export interface DeformationAttributes {
  /** Taps. */
  readonly kernel: readonly [number, number];
  /** Steps. */
  readonly strides: readonly [number, number];
  /** Zeros before the image. */
  readonly padding: readonly [number, number];
  /** Distances between taps before they are moved. */
  readonly dilations: readonly [number, number];
  /** Number of groups of channels that have offsets of their own. */
  readonly groups: number;
  /** Places of the output. */
  readonly size: readonly [number, number];
}

/** Names of the kernels behind {@link deformedColumns}. */
export const deformationKernels = {
  forward: 'PaddlewheelDeformedColumns',
  offsetGradient: 'PaddlewheelDeformedColumnsOffsetGradient',
  imageGradient: 'PaddlewheelDeformedColumnsImageGradient',
} as const;

/** Attributes of the kernel for the gradient of the image: also the shape of that. */
export interface DeformationImageAttributes extends DeformationAttributes {
  readonly shape: readonly number[];
}

defineGradient(
  deformationKernels.forward,
  ['x', 'offsets', 'factors'],
  (dy, [x, offsets, factors], attributes: DeformationAttributes) => {
    // One pass gives both.
    const [doffsets, dfactors] = runKernels(
      deformationKernels.offsetGradient,
      { dy, x, offsets, factors },
      attributes,
    ) as [Tensor, Tensor];
    return {
      x: () => runKernel(deformationKernels.imageGradient, { dy, offsets, factors }, { ...attributes, shape: x.shape }),
      offsets: () => doffsets,
      factors: () => dfactors,
    };
  },
);

/** Shape of the samples. */
export function columnsShape(
  [images = 0, , , channels = 0]: readonly number[],
  { kernel, size }: DeformationAttributes,
): [places: number, taps: number, channels: number] {
  return [images * sizeOf(size), sizeOf(kernel), channels];
}

/** A sample: where it is taken, and where its image, its offset and factor, and its result lie. */
interface Sample {
  readonly image: number;
  readonly y: number;
  readonly x: number;
  readonly index: number;
  readonly column: number;
  /** Its first channel. */
  readonly channel: number;
}

/** Calls `visit` for each place of the output, tap and group. */
function eachSample(
  shape: readonly number[],
  attributes: DeformationAttributes,
  offsets: ArrayLike<number>,
  visit: (sample: Sample) => void,
): void {
  const { kernel, strides, padding, dilations, groups, size } = attributes;
  const [places, taps, channels] = columnsShape(shape, attributes);
  for (let place = 0; place < places; place++) {
    const inImage = place % sizeOf(size);
    const top = Math.floor(inImage / size[1]) * strides[0] - padding[0];
    const left = (inImage % size[1]) * strides[1] - padding[1];
    for (let tap = 0; tap < taps; tap++) {
      for (let group = 0; group < groups; group++) {
        const index = (place * groups + group) * taps + tap;
        const channel = (group * channels) / groups;
        visit({
          image: Math.floor(place / sizeOf(size)),
          y: top + Math.floor(tap / kernel[1]) * dilations[0] + offsets[2 * index]!,
          x: left + (tap % kernel[1]) * dilations[1] + offsets[2 * index + 1]!,
          index,
          column: (place * taps + tap) * channels + channel,
          channel,
        });
      }
    }
  }
}

/** Calls `visit` for the pixels around a sample that lie in the image, with their weights and the slopes of these. */
function eachCorner(
  { image, y, x, channel }: Sample,
  [, rows = 0, columns = 0, channels = 0]: readonly number[],
  visit: (pixel: number, weight: number, slopeY: number, slopeX: number) => void,
): void {
  if (!(y > -1 && x > -1 && y < rows && x < columns)) return;
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [down, across] = [y - top, x - left];
  for (const [i, weightY, slopeY] of [
    [top, 1 - down, -1],
    [top + 1, down, 1],
  ] as const) {
    if (i < 0 || i >= rows) continue;
    for (const [j, weightX, slopeX] of [
      [left, 1 - across, -1],
      [left + 1, across, 1],
    ] as const) {
      if (j < 0 || j >= columns) continue;
      const pixel = ((image * rows + i) * columns + j) * channels + channel;
      visit(pixel, weightY * weightX, slopeY * weightX, weightY * slopeX);
    }
  }
}

function generalColumns(x: Tensor, offset: Tensor, factor: Tensor, attributes: DeformationAttributes): Tensor {
  const shape = columnsShape(x.shape, attributes);
  const groupChannels = shape[2] / attributes.groups;
  const columns = tf.customGrad((...given) => {
    const [pixels, offsets, factors] = given.slice(0, 3).map((tensor) => (tensor as Tensor).dataSync()) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const result = new Float32Array(sizeOf(shape));
    eachSample(x.shape, attributes, offsets, (sample) => {
      const { index, column } = sample;
      eachCorner(sample, x.shape, (pixel, weight) => {
        const share = weight * factors[index]!;
        for (let c = 0; c < groupChannels; c++) result[column + c]! += share * pixels[pixel + c]!;
      });
    });
    return {
      value: tf.tensor(result, shape),
      gradFunc: (dy: Tensor) => {
        const above = dy.dataSync();
        const toX = new Float32Array(pixels.length);
        const toOffset = new Float32Array(offsets.length);
        const toFactor = new Float32Array(factors.length);
        eachSample(x.shape, attributes, offsets, (sample) => {
          const { index, column } = sample;
          eachCorner(sample, x.shape, (pixel, weight, slopeY, slopeX) => {
            let product = 0;
            for (let c = 0; c < groupChannels; c++) {
              product += above[column + c]! * pixels[pixel + c]!;
              toX[pixel + c]! += above[column + c]! * weight * factors[index]!;
            }
            toOffset[2 * index]! += product * slopeY * factors[index]!;
            toOffset[2 * index + 1]! += product * slopeX * factors[index]!;
            toFactor[index]! += product * weight;
          });
        });
        return [tf.tensor(toX, x.shape), tf.tensor(toOffset, offset.shape), tf.tensor(toFactor, factor.shape)];
      },
    };
  });
  return columns(x, offset, factor);
}

/**
 * What the taps of a deformable convolution see, times their factors.
 *
 * @param x - images [N, H, W, C]
 * @param offsets - [N, H', W', groups taps 2], down and across
 * @param factors - [N, H', W', groups taps]
 * @returns [N H' W', taps, C]
 */
export const deformedColumns = defineOperation(
  'deformedColumns',
  (x: Tensor, offsets: Tensor, factors: Tensor, attributes: DeformationAttributes): Tensor => {
    const isFloat = [x, offsets, factors].every(({ dtype }) => dtype === 'float32');
    if (!isFloat || !hasKernel(deformationKernels.forward)) return generalColumns(x, offsets, factors, attributes);
    return runKernel(deformationKernels.forward, { x, offsets, factors }, attributes);
  },
);
