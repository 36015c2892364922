/**
 * Deformable convolution.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { sameShape, sizeOf } from '../../common/ndarray.js';
import { checkInteger, checkOptions } from '../../common/options.js';
import { pair } from '../../nn/functional/spatial.js';
import type { Size2D } from '../../nn/functional/index.js';
import { Normal } from '../../nn/initializer/random.js';
import { Layer } from '../../nn/layer/layer.js';
import type { ParamAttrLike } from '../../nn/param-attr.js';
import type { Parameter } from '../../nn/parameter.js';

interface Geometry {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly deformableGroups: number;
  readonly output: readonly [number, number];
}

/** A sample: where it is taken, and where its offset, its mask and its result lie. */
interface Sample {
  readonly plane: number;
  readonly y: number;
  readonly x: number;
  readonly offsetY: number;
  readonly offsetX: number;
  readonly mask: number;
  readonly column: number;
}

/** Calls `visit` for each channel, tap and place of the output. */
function eachSample(
  [images = 0, channels = 0]: readonly number[],
  { kernel, stride, padding, dilation, deformableGroups, output }: Geometry,
  offsets: ArrayLike<number>,
  visit: (sample: Sample) => void,
): void {
  const taps = sizeOf(kernel);
  const area = sizeOf(output);
  for (let image = 0; image < images; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const group = Math.floor((channel * deformableGroups) / channels);
      for (let tap = 0; tap < taps; tap++) {
        const mask = ((image * deformableGroups + group) * taps + tap) * area;
        const offset = 2 * ((image * deformableGroups + group) * taps + tap) * area;
        const column = ((image * channels + channel) * taps + tap) * area;
        for (let place = 0; place < area; place++) {
          const row = Math.floor(place / output[1]) * stride[0] - padding[0];
          const left = (place % output[1]) * stride[1] - padding[1];
          const [offsetY, offsetX] = [offset + place, offset + area + place];
          visit({
            plane: image * channels + channel,
            y: row + Math.floor(tap / kernel[1]) * dilation[0] + offsets[offsetY]!,
            x: left + (tap % kernel[1]) * dilation[1] + offsets[offsetX]!,
            offsetY,
            offsetX,
            mask: mask + place,
            column: column + place,
          });
        }
      }
    }
  }
}

/** Calls `visit` for the pixels around a point that lie in the image, with their weights and the slopes of these. */
function eachCorner(
  { y, x }: Sample,
  rows: number,
  columns: number,
  visit: (place: number, weight: number, slopeY: number, slopeX: number) => void,
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
      if (j >= 0 && j < columns) visit(i * columns + j, weightY * weightX, slopeY * weightX, weightY * slopeX);
    }
  }
}

/** The samples times their masks, [N, C, taps, places]. */
function sampleColumns(x: Tensor, offset: Tensor, mask: Tensor, geometry: Geometry): Tensor {
  const [images = 0, channels = 0, rows = 0, columns = 0] = x.shape;
  const area = rows * columns;
  const shape = [images, channels, sizeOf(geometry.kernel), sizeOf(geometry.output)];
  const sampled = tf.customGrad((...given) => {
    const [pixels, offsets, masks] = given.slice(0, 3).map((tensor) => (tensor as Tensor).dataSync()) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const result = new Float32Array(sizeOf(shape));
    eachSample(x.shape, geometry, offsets, (sample) => {
      let value = 0;
      eachCorner(sample, rows, columns, (place, weight) => (value += weight * pixels[sample.plane * area + place]!));
      result[sample.column] = value * masks[sample.mask]!;
    });
    return {
      value: tf.tensor(result, shape),
      gradFunc: (dy: Tensor) => {
        const above = dy.dataSync();
        const toX = new Float32Array(pixels.length);
        const toOffset = new Float32Array(offsets.length);
        const toMask = new Float32Array(masks.length);
        eachSample(x.shape, geometry, offsets, (sample) => {
          const outer = above[sample.column]!;
          const inner = outer * masks[sample.mask]!;
          eachCorner(sample, rows, columns, (place, weight, slopeY, slopeX) => {
            const at = sample.plane * area + place;
            const pixel = pixels[at]!;
            toX[at]! += inner * weight;
            toOffset[sample.offsetY]! += inner * slopeY * pixel;
            toOffset[sample.offsetX]! += inner * slopeX * pixel;
            toMask[sample.mask]! += outer * weight * pixel;
          });
        });
        return [tf.tensor(toX, x.shape), tf.tensor(toOffset, offset.shape), tf.tensor(toMask, mask.shape)];
      },
    };
  });
  return sampled(x, offset, mask);
}

/** Options of {@link deformConv2d}. */
export interface DeformConv2dOptions {
  /** Added to each channel of the output, [out]. @defaultValue null */
  readonly bias?: Tensor | null;
  /** Steps in height and width. @defaultValue 1 */
  readonly stride?: Size2D;
  /** Rows and columns of zeros around the image. @defaultValue 0 */
  readonly padding?: Size2D;
  /** Distances between taps before they are moved. @defaultValue 1 */
  readonly dilation?: Size2D;
  /** Number of groups of channels that have offsets of their own. @defaultValue 1 */
  readonly deformableGroups?: number;
  /** Number of groups that the channels fall into. @defaultValue 1 */
  readonly groups?: number;
  /** Factors of the samples, [N, deformableGroups kh kw, H', W']: version 2. @defaultValue null */
  readonly mask?: Tensor | null;
}

const optionNames = ['bias', 'stride', 'padding', 'dilation', 'deformableGroups', 'groups', 'mask'];

/**
 * Convolution whose taps are moved by offsets (Dai et al., 2017), and with `mask` weighted (Zhu et al., 2019). What lies
 * between pixels is interpolated. Gradients go to all tensors.
 *
 * @param x - [N, C, H, W]
 * @param offset - [N, 2 deformableGroups kh kw, H', W']: down and across for each tap
 * @param weight - filters [out, C / groups, kh, kw]
 * @returns [N, out, H', W']
 */
export function deformConv2d(x: Tensor, offset: Tensor, weight: Tensor, options: DeformConv2dOptions = {}): Tensor {
  checkOptions('deformConv2d', options, optionNames);
  const stride = pair('stride', options.stride ?? 1);
  const padding = pair('padding', options.padding ?? 0, 0);
  const dilation = pair('dilation', options.dilation ?? 1);
  const deformableGroups = checkInteger('deformableGroups', options.deformableGroups ?? 1, 1);
  const groups = checkInteger('groups', options.groups ?? 1, 1);
  if (x.rank !== 4 || weight.rank !== 4) {
    throw new ShapeMismatchError(
      `deformConv2d needs x [N, C, H, W] and weight [out, C / groups, kh, kw], got [${x.shape.join(', ')}] and [${weight.shape.join(', ')}]`,
    );
  }
  const [images, channels, rows, columns] = x.shape as [number, number, number, number];
  const [outputs, inputs, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  if (inputs * groups !== channels || outputs % groups !== 0 || channels % deformableGroups !== 0) {
    throw new ShapeMismatchError(
      `filters [${weight.shape.join(', ')}] do not fit ${channels} channels in ${groups} groups and ${deformableGroups} deformable groups`,
    );
  }
  const extent = (length: number, kernel: number, side: 0 | 1) =>
    Math.floor((length + 2 * padding[side] - dilation[side] * (kernel - 1) - 1) / stride[side]) + 1;
  const output = [extent(rows, kernelHeight, 0), extent(columns, kernelWidth, 1)] as const;
  const taps = kernelHeight * kernelWidth;
  for (const [name, tensor, factor] of [
    ['offset', offset, 2],
    ['mask', options.mask ?? null, 1],
  ] as const) {
    const wanted = [images, factor * deformableGroups * taps, ...output];
    if (tensor === null || sameShape(tensor.shape, wanted)) continue;
    throw new ShapeMismatchError(`${name} must have shape [${wanted.join(', ')}], got [${tensor.shape.join(', ')}]`);
  }
  const kernel = [kernelHeight, kernelWidth] as const;
  const geometry = { kernel, stride, padding, dilation, deformableGroups, output };
  return tf.tidy(() => {
    const mask = options.mask ?? tf.ones([images, deformableGroups * taps, ...output]);
    const samples = sampleColumns(x, offset, mask, geometry);
    const matrices = tf.reshape(samples, [images, groups, inputs * taps, sizeOf(output)]);
    const filters = tf.reshape(weight, [1, groups, outputs / groups, inputs * taps]);
    const filled = tf.broadcastTo(filters, [images, groups, outputs / groups, inputs * taps]);
    const result = tf.reshape(tf.matMul(filled, matrices), [images, outputs, ...output]);
    return options.bias ? tf.add(result, tf.reshape(options.bias, [1, outputs, 1, 1])) : result;
  });
}

/** Options of {@link DeformConv2D}. */
export interface DeformConv2DOptions extends Omit<DeformConv2dOptions, 'bias' | 'mask'> {
  /** Attributes of the filters. @defaultValue Normal(0, sqrt(2 / (inChannels kh kw))) */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the bias; false for none. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
}

/**
 * {@link deformConv2d} as a layer; offsets, and masks for version 2, are inputs.
 *
 * State: `weight` [out, in / groups, kh, kw], `bias` [out].
 */
export class DeformConv2D extends Layer<[x: Tensor, offset: Tensor, mask?: Tensor | null]> {
  /** Filters, [out, in / groups, kh, kw]. */
  weight: Parameter;
  /** Bias of each output channel, [out], or null. */
  bias: Parameter | null;

  readonly #options: Omit<DeformConv2dOptions, 'bias' | 'mask'>;

  /**
   * @param inChannels - channels of the input, a multiple of `groups`
   * @param outChannels - channels of the output, a multiple of `groups`
   * @param kernelSize - height and width of the filters
   */
  constructor(inChannels: number, outChannels: number, kernelSize: Size2D, options: DeformConv2DOptions = {}) {
    super();
    checkOptions('DeformConv2D', options, [
      ...optionNames.filter((name) => name !== 'bias' && name !== 'mask'),
      'weightAttr',
      'biasAttr',
    ]);
    const { weightAttr, biasAttr, ...rest } = options;
    const groups = checkInteger('groups', rest.groups ?? 1, 1);
    if (checkInteger('inChannels', inChannels, 1) % groups !== 0) {
      throw new InvalidArgumentError(`inChannels must be a multiple of groups ${groups}, got ${inChannels}`);
    }
    checkInteger('outChannels', outChannels, 1);
    const kernel = pair('kernelSize', kernelSize);
    const std = Math.sqrt(2 / (inChannels * sizeOf(kernel)));
    const weight = this.createParameter([outChannels, inChannels / groups, ...kernel], {
      attr: weightAttr,
      defaultInitializer: new Normal({ std }),
    });
    if (weight === null) throw new InvalidArgumentError('weightAttr of DeformConv2D must not be false');
    this.weight = weight;
    this.bias = this.createParameter([outChannels], { attr: biasAttr, isBias: true });
    this.#options = rest;
  }

  override forward(x: Tensor, offset: Tensor, mask?: Tensor | null): Tensor {
    return deformConv2d(x, offset, this.weight, { ...this.#options, bias: this.bias, mask: mask ?? null });
  }
}
