/**
 * Transposed convolution layers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkInteger, checkOptions } from '../common/options.js';
import { conv2dTranspose, type Conv2DTransposeFunctionOptions } from './functional/conv-transpose.js';
import { conv1dTranspose, lengthOf, type Conv1DTransposeFunctionOptions, type Size1D } from './functional/sequence.js';
import { pair, type Size2D } from './functional/spatial.js';
import { Layer } from './layer/layer.js';
import type { ParamAttrLike } from './param-attr.js';
import type { Parameter } from './parameter.js';
import { valueText } from './repr.js';

/** Attributes of the parameters of a convolution. */
export interface ConvolutionAttributes {
  /** Attributes of the filters. @defaultValue Xavier uniform */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the bias; false for none. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
}

/** Options of {@link Conv2DTranspose}. */
export type Conv2DTransposeOptions = Omit<Conv2DTransposeFunctionOptions, 'bias' | 'outputSize'> &
  ConvolutionAttributes;

/** Options of {@link Conv1DTranspose}. */
export type Conv1DTransposeOptions = Omit<Conv1DTransposeFunctionOptions, 'bias' | 'outputSize'> &
  ConvolutionAttributes;

const optionNames = [
  'stride',
  'padding',
  'outputPadding',
  'dilation',
  'groups',
  'weightAttr',
  'biasAttr',
  'dataFormat',
];

/** What transposed convolutions of one and two dimensions share. */
abstract class TransposedConvolution<Size> extends Layer<[x: Tensor, outputSize?: Size | null], Tensor> {
  /** Filters, [in, out / groups, ...kernel]. */
  weight: Parameter;
  /** Bias of each output channel, [out], or null. */
  bias: Parameter | null;

  protected constructor(
    inChannels: number,
    outChannels: number,
    kernel: readonly number[],
    options: Conv1DTransposeOptions | Conv2DTransposeOptions,
  ) {
    super();
    checkOptions(new.target.name, options, optionNames);
    const groups = checkInteger('groups', options.groups ?? 1, 1);
    checkInteger('inChannels', inChannels, 1);
    checkInteger('outChannels', outChannels, 1);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new InvalidArgumentError(
        `inChannels and outChannels must be multiples of groups ${groups}, got ${inChannels} and ${outChannels}`,
      );
    }
    const weight = this.createParameter([inChannels, outChannels / groups, ...kernel], { attr: options.weightAttr });
    if (weight === null) {
      throw new InvalidArgumentError(`weightAttr of ${new.target.name} must not be false: it always has filters`);
    }
    this.weight = weight;
    this.bias = this.createParameter([outChannels], { attr: options.biasAttr, isBias: true });
  }

  /** The printed form, from sizes as arrays. */
  protected text(
    { stride, dilation }: Readonly<Record<'stride' | 'dilation', readonly number[]>>,
    {
      padding = 0,
      outputPadding = 0,
      groups = 1,
    }: { readonly padding?: unknown; readonly outputPadding?: unknown; readonly groups?: number },
    dataFormat: string,
  ): string {
    const [inChannels = 0, outputs = 0, ...kernel] = this.weight.shape;
    const parts = [String(inChannels), String(outputs * groups), `kernel_size=${valueText(kernel)}`];
    if (stride.some((length) => length !== 1)) parts.push(`stride=${valueText(stride)}`);
    if (padding !== 0) parts.push(`padding=${valueText(padding)}`);
    if (outputPadding !== 0) parts.push(`output_padding=${valueText(outputPadding)}`);
    if (dilation.some((length) => length !== 1)) parts.push(`dilation=${valueText(dilation)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    return [...parts, `data_format=${dataFormat}`].join(', ');
  }
}

/**
 * Transposed two-dimensional convolution over images [N, C, H, W], see {@link functional.conv2dTranspose}.
 *
 * State: `weight` [in, out / groups, kh, kw], `bias` [out].
 */
export class Conv2DTranspose extends TransposedConvolution<Size2D> {
  readonly #options: Omit<Conv2DTransposeOptions, keyof ConvolutionAttributes>;

  /**
   * @param inChannels - channels of the input, a multiple of `groups`
   * @param outChannels - channels of the output, a multiple of `groups`
   * @param kernelSize - height and width of the filters
   */
  constructor(inChannels: number, outChannels: number, kernelSize: Size2D, options: Conv2DTransposeOptions = {}) {
    super(inChannels, outChannels, pair('kernelSize', kernelSize), options);
    const { weightAttr: _weight, biasAttr: _bias, ...rest } = options;
    pair('stride', rest.stride ?? 1);
    pair('dilation', rest.dilation ?? 1);
    pair('outputPadding', rest.outputPadding ?? 0, 0);
    this.#options = rest;
  }

  /**
   * The transposed convolution of `x`.
   *
   * @param outputSize - height and width of the output, in the place of `outputPadding`
   */
  override forward(x: Tensor, outputSize: Size2D | null = null): Tensor {
    const outputPadding = outputSize === null ? this.#options.outputPadding : 0;
    return conv2dTranspose(x, this.weight, { ...this.#options, outputPadding, bias: this.bias, outputSize });
  }

  override extraRepr(): string {
    const { stride = 1, dilation = 1, dataFormat = 'NCHW' } = this.#options;
    const sizes = { stride: pair('stride', stride), dilation: pair('dilation', dilation) };
    return this.text(sizes, this.#options, dataFormat);
  }
}

/**
 * Transposed one-dimensional convolution over sequences [N, C, L], see {@link functional.conv1dTranspose}.
 *
 * State: `weight` [in, out / groups, k], `bias` [out].
 */
export class Conv1DTranspose extends TransposedConvolution<Size1D> {
  readonly #options: Omit<Conv1DTransposeOptions, keyof ConvolutionAttributes>;

  /**
   * @param inChannels - channels of the input, a multiple of `groups`
   * @param outChannels - channels of the output, a multiple of `groups`
   * @param kernelSize - length of the filters
   */
  constructor(inChannels: number, outChannels: number, kernelSize: Size1D, options: Conv1DTransposeOptions = {}) {
    super(inChannels, outChannels, [lengthOf('kernelSize', kernelSize)], options);
    const { weightAttr: _weight, biasAttr: _bias, ...rest } = options;
    lengthOf('stride', rest.stride ?? 1);
    lengthOf('dilation', rest.dilation ?? 1);
    lengthOf('outputPadding', rest.outputPadding ?? 0, 0);
    this.#options = rest;
  }

  /**
   * The transposed convolution of `x`.
   *
   * @param outputSize - length of the output, in the place of `outputPadding`
   */
  override forward(x: Tensor, outputSize: Size1D | null = null): Tensor {
    const outputPadding = outputSize === null ? this.#options.outputPadding : 0;
    return conv1dTranspose(x, this.weight, { ...this.#options, outputPadding, bias: this.bias, outputSize });
  }

  override extraRepr(): string {
    const { stride = 1, dilation = 1, dataFormat = 'NCL' } = this.#options;
    const sizes = { stride: [lengthOf('stride', stride)], dilation: [lengthOf('dilation', dilation)] };
    return this.text(sizes, this.#options, dataFormat);
  }
}
