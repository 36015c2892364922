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
import { deformedColumns } from '../../engine/index.js';
import { pair } from '../../nn/functional/spatial.js';
import type { Size2D } from '../../nn/functional/index.js';
import { Normal } from '../../nn/initializer/random.js';
import { Layer } from '../../nn/layer/layer.js';
import type { ParamAttrLike } from '../../nn/param-attr.js';
import type { Parameter } from '../../nn/parameter.js';

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
  const geometry = {
    kernel: [kernelHeight, kernelWidth],
    strides: stride,
    padding,
    dilations: dilation,
    groups: deformableGroups,
    size: output,
  } as const;
  const places = images * sizeOf(output);
  return tf.tidy(() => {
    const [last, offsets] = [x, offset].map((tensor) => tf.transpose(tensor, [0, 2, 3, 1])) as [Tensor, Tensor];
    const factors = options.mask
      ? tf.transpose(options.mask, [0, 2, 3, 1])
      : tf.ones([images, ...output, deformableGroups * taps]);
    const columns = tf.reshape(deformedColumns(last, offsets, factors, geometry), [places, taps, groups, inputs]);
    const matrices = tf.reshape(tf.transpose(columns, [2, 0, 1, 3]), [groups, places, taps * inputs]);
    const filters = tf.transpose(tf.reshape(weight, [groups, outputs / groups, inputs, taps]), [0, 3, 2, 1]);
    const product = tf.matMul(matrices, tf.reshape(filters, [groups, taps * inputs, outputs / groups]));
    const result = tf.reshape(tf.transpose(product, [1, 0, 2]), [images, ...output, outputs]);
    return tf.transpose(options.bias ? tf.add(result, options.bias) : result, [0, 3, 1, 2]);
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
