/**
 * Convolution layers.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { sizeOf } from '../common/ndarray.js';
import { checkChoice, checkInteger, checkOptions, describeValue } from '../common/options.js';
import { conv2d } from './functional/conv.js';
import { padAxis } from './functional/pad.js';
import { pair, type DataFormat, type Padding2D, type Size2D } from './functional/spatial.js';
import { Normal } from './initializer/random.js';
import { Layer } from './layer/layer.js';
import type { ParamAttrLike } from './param-attr.js';
import type { Parameter } from './parameter.js';
import { valueText } from './repr.js';

/** What surrounds the image of a convolution. */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

/** Options of {@link Conv2D}. */
export interface Conv2DOptions {
  /** Steps in height and width. @defaultValue 1 */
  readonly stride?: Size2D;
  /** Rows and columns around the image; 'same' gives `ceil(size / stride)` outputs. @defaultValue 0 */
  readonly padding?: Padding2D;
  /** Distances between taps. @defaultValue 1 */
  readonly dilation?: Size2D;
  /** Number of groups that the channels fall into. @defaultValue 1 */
  readonly groups?: number;
  /** What the padding holds; modes other than 'zeros' take a whole number as padding. @defaultValue 'zeros' */
  readonly paddingMode?: PaddingMode;
  /** Attributes of the filters. @defaultValue Normal(0, sqrt(2 / (inChannels * kh * kw))) */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the bias; false for none. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
  /** Order of the axes of input and output. @defaultValue 'NCHW' */
  readonly dataFormat?: DataFormat;
}

/**
 * Two-dimensional convolution over images [N, C, H, W].
 *
 * State: `weight` [out, in / groups, kh, kw], `bias` [out].
 */
export class Conv2D extends Layer {
  /** Filters, [out, in / groups, kh, kw]. */
  weight: Parameter;
  /** Bias of each output channel, [out], or null. */
  bias: Parameter | null;

  readonly #inChannels: number;
  readonly #outChannels: number;
  readonly #kernelSize: [number, number];
  readonly #options: Required<Omit<Conv2DOptions, 'weightAttr' | 'biasAttr'>>;

  /**
   * @param inChannels - channels of the input, a multiple of `groups`
   * @param outChannels - channels of the output, a multiple of `groups`
   * @param kernelSize - height and width of the filters
   */
  constructor(inChannels: number, outChannels: number, kernelSize: Size2D, options: Conv2DOptions = {}) {
    super();
    checkOptions('Conv2D', options, [
      'stride',
      'padding',
      'dilation',
      'groups',
      'paddingMode',
      'weightAttr',
      'biasAttr',
      'dataFormat',
    ]);
    const { stride = 1, padding = 0, dilation = 1, groups = 1, paddingMode = 'zeros', dataFormat = 'NCHW' } = options;
    checkChoice('paddingMode', paddingMode, ['zeros', 'reflect', 'replicate', 'circular']);
    checkInteger('groups', groups, 1);
    this.#inChannels = checkInteger('inChannels', inChannels, 1);
    this.#outChannels = checkInteger('outChannels', outChannels, 0);
    this.#kernelSize = pair('kernelSize', kernelSize);
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
    const shape = [outChannels, inChannels / groups, ...this.#kernelSize];
    // As in Paddle, the spread follows from all input channels, also with groups.
    const std = Math.sqrt(2 / (inChannels * sizeOf(this.#kernelSize)));
    this.weight = this.#required(shape, options.weightAttr, new Normal({ std }));
    this.bias = this.createParameter([outChannels], { attr: options.biasAttr, isBias: true });
  }

  #required(shape: number[], attr: ParamAttrLike | undefined, defaultInitializer: Normal): Parameter {
    const weight = this.createParameter(shape, { attr, defaultInitializer });
    if (weight === null)
      throw new InvalidArgumentError('weightAttr of Conv2D must not be false: it always has filters');
    return weight;
  }

  override forward(x: Tensor): Tensor {
    const { stride, dilation, groups, dataFormat, paddingMode, padding } = this.#options;
    const options = { bias: this.bias, stride, dilation, groups, dataFormat };
    if (paddingMode === 'zeros') return conv2d(x, this.weight, { ...options, padding });
    const [heightAxis, widthAxis] = dataFormat === 'NCHW' ? [2, 3] : [1, 2];
    const size = padding as number;
    return tf.tidy(() => {
      const rows = padAxis(x, heightAxis, size, size, paddingMode);
      return conv2d(padAxis(rows, widthAxis, size, size, paddingMode), this.weight, options);
    });
  }

  override extraRepr(): string {
    const { stride, padding, dilation, groups, paddingMode, dataFormat } = this.#options;
    const isOne = (value: Size2D) => pair('size', value).every((length) => length === 1);
    const parts = [String(this.#inChannels), String(this.#outChannels), `kernel_size=${valueText(this.#kernelSize)}`];
    if (!isOne(stride)) parts.push(`stride=${valueText(pair('stride', stride))}`);
    if (padding !== 0) parts.push(`padding=${typeof padding === 'string' ? padding : describeValue(padding)}`);
    if (paddingMode !== 'zeros') parts.push(`padding_mode=${paddingMode}`);
    if (!isOne(dilation)) parts.push(`dilation=${valueText(pair('dilation', dilation))}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    return [...parts, `data_format=${dataFormat}`].join(', ');
  }
}
