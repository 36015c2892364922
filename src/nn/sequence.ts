/**
 * Convolution and pooling of sequences [N, C, L].
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkChoice, checkInteger, checkOptions, describeValue } from '../common/options.js';
import type { PaddingMode } from './conv.js';
import { padAxis } from './functional/pad.js';
import {
  adaptiveAvgPool1d,
  adaptiveMaxPool1d,
  avgPool1d,
  conv1d,
  lengthOf,
  maxPool1d,
  type AvgPool1DFunctionOptions,
  type DataFormat1D,
  type MaxPool1DFunctionOptions,
  type Padding1D,
  type Size1D,
} from './functional/sequence.js';
import { Normal } from './initializer/random.js';
import { Layer } from './layer/layer.js';
import type { ParamAttrLike } from './param-attr.js';
import type { Parameter } from './parameter.js';
import { valueText } from './repr.js';

/** Options of {@link Conv1D}. */
export interface Conv1DOptions {
  /** Step. @defaultValue 1 */
  readonly stride?: Size1D;
  /** Elements at both ends; 'same' gives `ceil(length / stride)` outputs. @defaultValue 0 */
  readonly padding?: Padding1D;
  /** Distance between taps. @defaultValue 1 */
  readonly dilation?: Size1D;
  /** Number of groups that the channels fall into. @defaultValue 1 */
  readonly groups?: number;
  /** What the padding holds; modes other than 'zeros' take a whole number as padding. @defaultValue 'zeros' */
  readonly paddingMode?: PaddingMode;
  /** Attributes of the filters. @defaultValue Normal(0, sqrt(2 / (inChannels * k))) */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the bias; false for none. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
  /** Order of the axes of input and output. @defaultValue 'NCL' */
  readonly dataFormat?: DataFormat1D;
}

/**
 * One-dimensional convolution over sequences [N, C, L].
 *
 * State: `weight` [out, in / groups, k], `bias` [out].
 */
export class Conv1D extends Layer {
  /** Filters, [out, in / groups, k]. */
  weight: Parameter;
  /** Bias of each output channel, [out], or null. */
  bias: Parameter | null;

  readonly #options: Required<Omit<Conv1DOptions, 'weightAttr' | 'biasAttr'>>;

  /**
   * @param inChannels - channels of the input, a multiple of `groups`
   * @param outChannels - channels of the output, a multiple of `groups`
   * @param kernelSize - length of the filters
   */
  constructor(inChannels: number, outChannels: number, kernelSize: Size1D, options: Conv1DOptions = {}) {
    super();
    checkOptions('Conv1D', options, [
      'stride',
      'padding',
      'dilation',
      'groups',
      'paddingMode',
      'weightAttr',
      'biasAttr',
      'dataFormat',
    ]);
    const { stride = 1, padding = 0, dilation = 1, groups = 1, paddingMode = 'zeros', dataFormat = 'NCL' } = options;
    checkChoice('paddingMode', paddingMode, ['zeros', 'reflect', 'replicate', 'circular']);
    checkInteger('groups', groups, 1);
    checkInteger('inChannels', inChannels, 1);
    checkInteger('outChannels', outChannels, 1);
    const length = lengthOf('kernelSize', kernelSize);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new InvalidArgumentError(
        `inChannels and outChannels must be multiples of groups ${groups}, got ${inChannels} and ${outChannels}`,
      );
    }
    if (paddingMode !== 'zeros' && typeof padding !== 'number') {
      throw new InvalidArgumentError(
        `padding of mode '${paddingMode}' must be an integer, got ${describeValue(padding)}`,
      );
    }
    this.#options = { stride, padding, dilation, groups, paddingMode, dataFormat };
    const weight = this.createParameter([outChannels, inChannels / groups, length], {
      attr: options.weightAttr,
      defaultInitializer: new Normal({ std: Math.sqrt(2 / (inChannels * length)) }),
    });
    if (weight === null)
      throw new InvalidArgumentError('weightAttr of Conv1D must not be false: it always has filters');
    this.weight = weight;
    this.bias = this.createParameter([outChannels], { attr: options.biasAttr, isBias: true });
  }

  override forward(x: Tensor): Tensor {
    const { padding, paddingMode, ...rest } = this.#options;
    const options = { ...rest, bias: this.bias };
    if (paddingMode === 'zeros') return conv1d(x, this.weight, { ...options, padding });
    const size = padding as number;
    return tf.tidy(() =>
      conv1d(padAxis(x, rest.dataFormat === 'NCL' ? 2 : 1, size, size, paddingMode), this.weight, options),
    );
  }

  override extraRepr(): string {
    const { stride, padding, dilation, groups, paddingMode, dataFormat } = this.#options;
    const [outputs = 0, inputs = 0, length = 0] = this.weight.shape;
    const parts = [String(inputs * groups), String(outputs), `kernel_size=[${length}]`];
    if (lengthOf('stride', stride) !== 1) parts.push(`stride=[${lengthOf('stride', stride)}]`);
    if (padding !== 0) parts.push(`padding=${valueText(padding)}`);
    if (paddingMode !== 'zeros') parts.push(`padding_mode=${paddingMode}`);
    if (lengthOf('dilation', dilation) !== 1) parts.push(`dilation=[${lengthOf('dilation', dilation)}]`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    return [...parts, `data_format=${dataFormat}`].join(', ');
  }
}

/** The options that a stride alone stands for. */
function withStride<Options extends object>(options: Options | Size1D): Options & { readonly stride?: Size1D | null } {
  const isStride = typeof options === 'number' || Array.isArray(options);
  return (isStride ? { stride: options } : options) as Options & { readonly stride?: Size1D | null };
}

/**
 * Maximum of each window of sequences [N, C, L].
 *
 * @typeParam Mask - true when the indices of the maxima are returned, too: the result is then the pair of both
 */
export class MaxPool1D<Mask extends boolean = false> extends Layer<
  [Tensor],
  Mask extends true ? [Tensor, Tensor] : Tensor
> {
  readonly #kernelSize: Size1D;
  readonly #options: MaxPool1DFunctionOptions;

  /**
   * @param kernelSize - length of a window
   * @param options - the stride, alone or as an option
   */
  constructor(kernelSize: Size1D, options: (MaxPool1DFunctionOptions & { readonly returnMask?: Mask }) | Size1D = {}) {
    super();
    const given = withStride<MaxPool1DFunctionOptions>(options);
    checkOptions('MaxPool1D', given, ['stride', 'padding', 'returnMask', 'ceilMode']);
    lengthOf('kernelSize', kernelSize);
    if (given.stride != null) lengthOf('stride', given.stride);
    this.#kernelSize = kernelSize;
    this.#options = given;
  }

  override forward(x: Tensor): Mask extends true ? [Tensor, Tensor] : Tensor {
    return maxPool1d(x, this.#kernelSize, this.#options) as Mask extends true ? [Tensor, Tensor] : Tensor;
  }

  override extraRepr(): string {
    const { stride, padding = 0 } = this.#options;
    return `kernel_size=${valueText(this.#kernelSize)}, stride=${valueText(stride)}, padding=${valueText(padding)}`;
  }
}

/** Mean of each window of sequences [N, C, L]. */
export class AvgPool1D extends Layer {
  readonly #kernelSize: Size1D;
  readonly #options: AvgPool1DFunctionOptions;

  /**
   * @param kernelSize - length of a window
   * @param options - the stride, alone or as an option
   */
  constructor(kernelSize: Size1D, options: AvgPool1DFunctionOptions | Size1D = {}) {
    super();
    const given = withStride<AvgPool1DFunctionOptions>(options);
    checkOptions('AvgPool1D', given, ['stride', 'padding', 'exclusive', 'ceilMode']);
    lengthOf('kernelSize', kernelSize);
    if (given.stride != null) lengthOf('stride', given.stride);
    this.#kernelSize = kernelSize;
    this.#options = given;
  }

  override forward(x: Tensor): Tensor {
    return avgPool1d(x, this.#kernelSize, this.#options);
  }

  override extraRepr(): string {
    const { stride, padding = 0 } = this.#options;
    return `kernel_size=${valueText(this.#kernelSize)}, stride=${valueText(stride)}, padding=${valueText(padding)}`;
  }
}

/** Means of windows that cover sequences [N, C, L] as evenly as possible. */
export class AdaptiveAvgPool1D extends Layer {
  readonly #outputSize: number;

  /** @param outputSize - length of the output */
  constructor(outputSize: Size1D) {
    super();
    this.#outputSize = lengthOf('outputSize', outputSize);
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.#outputSize);
  }

  override extraRepr(): string {
    return `output_size=${this.#outputSize}`;
  }
}

/**
 * Maxima of windows that cover sequences [N, C, L] as evenly as possible.
 *
 * @typeParam Mask - true when the indices of the maxima are returned, too: the result is then the pair of both
 */
export class AdaptiveMaxPool1D<Mask extends boolean = false> extends Layer<
  [Tensor],
  Mask extends true ? [Tensor, Tensor] : Tensor
> {
  readonly #outputSize: number;
  readonly #returnMask: boolean;

  /** @param outputSize - length of the output */
  constructor(outputSize: Size1D, options: { readonly returnMask?: Mask } = {}) {
    super();
    checkOptions('AdaptiveMaxPool1D', options, ['returnMask']);
    this.#outputSize = lengthOf('outputSize', outputSize);
    this.#returnMask = options.returnMask ?? false;
  }

  override forward(x: Tensor): Mask extends true ? [Tensor, Tensor] : Tensor {
    const result = adaptiveMaxPool1d(x, this.#outputSize, { returnMask: this.#returnMask });
    return result as Mask extends true ? [Tensor, Tensor] : Tensor;
  }

  override extraRepr(): string {
    return `output_size=${this.#outputSize}, return_mask=${valueText(this.#returnMask)}`;
  }
}
