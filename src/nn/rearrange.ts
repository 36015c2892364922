/**
 * Layers that resize images or move their elements.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkChoice, checkInteger, checkNumber, checkOptions } from '../common/options.js';
import { floatText } from './functional/arguments.js';
import {
  fractionalMaxPool2d,
  fractionalOptionNames,
  type FractionalMaxPool2DOptions,
} from './functional/fractional-pooling.js';
import { interpolate, interpolateOptionNames, type InterpolateOptions } from './functional/interpolate.js';
import {
  lpPool1d,
  lpPool2d,
  maxUnpool1d,
  maxUnpool2d,
  type LpPool1DOptions,
  type LpPool2DOptions,
  type MaxUnpool1DOptions,
  type MaxUnpool2DOptions,
} from './functional/pooling-extra.js';
import {
  channelShuffle,
  fold,
  foldOptionNames,
  pixelShuffle,
  pixelUnshuffle,
  unfold,
  type DataFormatOptions,
  type FoldOptions,
} from './functional/rearrange.js';
import { lengthOf, type Size1D } from './functional/sequence.js';
import { pair, type DataFormat, type Size2D } from './functional/spatial.js';
import { Layer } from './layer/layer.js';
import { valueText } from './repr.js';

/** The size or the factor, whichever is given. */
function sizeText({ size, scaleFactor }: Pick<InterpolateOptions, 'size' | 'scaleFactor'>): string {
  return scaleFactor == null ? `size=${valueText(size)}` : `scale_factor=${valueText(scaleFactor)}`;
}

/** Resizes sequences or images, see {@link functional.interpolate}. */
export class Upsample extends Layer {
  readonly #options: InterpolateOptions;

  constructor(options: InterpolateOptions = {}) {
    super();
    checkOptions('Upsample', options, interpolateOptionNames);
    checkChoice('mode', options.mode ?? 'nearest', ['nearest', 'linear', 'bilinear', 'bicubic', 'area']);
    this.#options = options;
  }

  override forward(x: Tensor): Tensor {
    return interpolate(x, this.#options);
  }

  override extraRepr(): string {
    const { mode = 'nearest', alignCorners = false, alignMode = 0, dataFormat = null } = this.#options;
    const how = `mode=${mode}, align_corners=${valueText(alignCorners)}, align_mode=${alignMode}`;
    return `${sizeText(this.#options)}, ${how}, data_format=${valueText(dataFormat)}`;
  }
}

/** Options of {@link UpsamplingBilinear2D} and {@link UpsamplingNearest2D}. */
export interface Upsampling2DOptions {
  /** Height and width of the output. @defaultValue null: `scaleFactor` gives them */
  readonly size?: Size2D | null;
  /** Factors on height and width, in the place of `size`. @defaultValue null */
  readonly scaleFactor?: number | readonly number[] | null;
  /** Order of the axes of input and output. @defaultValue 'NCHW' */
  readonly dataFormat?: DataFormat;
}

/** What the layers of one mode share. */
abstract class Upsampling2D extends Layer {
  readonly #options: Upsampling2DOptions;
  readonly #mode: 'bilinear' | 'nearest';

  protected constructor(options: Upsampling2DOptions, mode: 'bilinear' | 'nearest') {
    super();
    checkOptions(new.target.name, options, ['size', 'scaleFactor', 'dataFormat']);
    this.#options = options;
    this.#mode = mode;
  }

  override forward(x: Tensor): Tensor {
    return interpolate(x, { ...this.#options, mode: this.#mode, alignCorners: this.#mode === 'bilinear' });
  }

  override extraRepr(): string {
    return `${sizeText(this.#options)}, data_format=${this.#options.dataFormat ?? 'NCHW'}`;
  }
}

/** Resizes images by linear interpolation in both directions, with aligned corners. */
export class UpsamplingBilinear2D extends Upsampling2D {
  constructor(options: Upsampling2DOptions = {}) {
    super(options, 'bilinear');
  }
}

/** Resizes images by repeating elements. */
export class UpsamplingNearest2D extends Upsampling2D {
  constructor(options: Upsampling2DOptions = {}) {
    super(options, 'nearest');
  }
}

/** [N, C r², H, W] to [N, C, H r, W r], see {@link functional.pixelShuffle}. */
export class PixelShuffle extends Layer {
  readonly #factor: number;
  readonly #options: DataFormatOptions;

  /** @param upscaleFactor - r */
  constructor(upscaleFactor: number, options: DataFormatOptions = {}) {
    super();
    checkOptions('PixelShuffle', options, ['dataFormat']);
    this.#factor = checkInteger('upscaleFactor', upscaleFactor, 1);
    this.#options = options;
  }

  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.#factor, this.#options);
  }

  override extraRepr(): string {
    const { dataFormat = 'NCHW' } = this.#options;
    return `upscale_factor=${this.#factor}${dataFormat === 'NCHW' ? '' : `, data_format=${dataFormat}`}`;
  }
}

/** [N, C, H r, W r] to [N, C r², H, W], see {@link functional.pixelUnshuffle}. */
export class PixelUnshuffle extends Layer {
  readonly #factor: number;
  readonly #options: DataFormatOptions;

  /** @param downscaleFactor - r */
  constructor(downscaleFactor: number, options: DataFormatOptions = {}) {
    super();
    checkOptions('PixelUnshuffle', options, ['dataFormat']);
    this.#factor = checkInteger('downscaleFactor', downscaleFactor, 1);
    this.#options = options;
  }

  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.#factor, this.#options);
  }

  override extraRepr(): string {
    const { dataFormat = 'NCHW' } = this.#options;
    return `downscale_factor=${this.#factor}${dataFormat === 'NCHW' ? '' : `, data_format=${dataFormat}`}`;
  }
}

/** Takes channels of all groups in turn, see {@link functional.channelShuffle}. */
export class ChannelShuffle extends Layer {
  readonly #groups: number;
  readonly #options: DataFormatOptions;

  /** @param groups - number of groups */
  constructor(groups: number, options: DataFormatOptions = {}) {
    super();
    checkOptions('ChannelShuffle', options, ['dataFormat']);
    this.#groups = checkInteger('groups', groups, 1);
    this.#options = options;
  }

  override forward(x: Tensor): Tensor {
    return channelShuffle(x, this.#groups, this.#options);
  }

  override extraRepr(): string {
    const { dataFormat = 'NCHW' } = this.#options;
    return `groups=${this.#groups}${dataFormat === 'NCHW' ? '' : `, data_format=${dataFormat}`}`;
  }
}

function foldText(kernelSizes: Size2D, { dilations = 1, paddings = 0, strides = 1 }: FoldOptions): string {
  const sizes = `kernel_size=${valueText(kernelSizes)}, dilation=${valueText(dilations)}`;
  return `${sizes}, padding=${valueText(paddings)}, stride=${valueText(strides)}`;
}

/** The windows of images as columns, see {@link functional.unfold}. */
export class Unfold extends Layer {
  readonly #kernelSizes: Size2D;
  readonly #options: FoldOptions;

  /** @param kernelSizes - height and width of a window */
  constructor(kernelSizes: Size2D, options: FoldOptions = {}) {
    super();
    checkOptions('Unfold', options, foldOptionNames);
    pair('kernelSizes', kernelSizes);
    this.#kernelSizes = kernelSizes;
    this.#options = options;
  }

  override forward(x: Tensor): Tensor {
    return unfold(x, this.#kernelSizes, this.#options);
  }

  override extraRepr(): string {
    return foldText(this.#kernelSizes, this.#options);
  }
}

/** Adds up windows to images, see {@link functional.fold}. */
export class Fold extends Layer {
  readonly #outputSizes: Size2D;
  readonly #kernelSizes: Size2D;
  readonly #options: FoldOptions;

  /**
   * @param outputSizes - height and width of the images
   * @param kernelSizes - height and width of a window
   */
  constructor(outputSizes: Size2D, kernelSizes: Size2D, options: FoldOptions = {}) {
    super();
    checkOptions('Fold', options, foldOptionNames);
    pair('outputSizes', outputSizes);
    pair('kernelSizes', kernelSizes);
    this.#outputSizes = outputSizes;
    this.#kernelSizes = kernelSizes;
    this.#options = options;
  }

  override forward(x: Tensor): Tensor {
    return fold(x, this.#outputSizes, this.#kernelSizes, this.#options);
  }

  override extraRepr(): string {
    return foldText(this.#kernelSizes, this.#options);
  }
}

const checkNormType = (normType: number) => {
  if (normType === Infinity || checkNumber('normType', normType) !== 0) return normType;
  throw new InvalidArgumentError('normType must not be 0');
};

/** Norm of each window of images, see {@link functional.lpPool2d}. */
export class LPPool2D extends Layer {
  readonly #normType: number;
  readonly #kernelSize: Size2D;
  readonly #options: LpPool2DOptions;

  /**
   * @param normType - exponent of the norm
   * @param kernelSize - height and width of a window
   */
  constructor(normType: number, kernelSize: Size2D, options: LpPool2DOptions = {}) {
    super();
    checkOptions('LPPool2D', options, ['stride', 'padding', 'ceilMode', 'dataFormat']);
    pair('kernelSize', kernelSize);
    this.#normType = checkNormType(normType);
    this.#kernelSize = kernelSize;
    this.#options = options;
  }

  override forward(x: Tensor): Tensor {
    return lpPool2d(x, this.#normType, this.#kernelSize, this.#options);
  }

  override extraRepr(): string {
    const { stride, padding = 0 } = this.#options;
    const sizes = `kernel_size=${valueText(this.#kernelSize)}, stride=${valueText(stride)}, padding=${valueText(padding)}`;
    return `norm_type=${floatText(this.#normType)}, ${sizes}`;
  }
}

/** Norm of each window of sequences, see {@link functional.lpPool1d}. */
export class LPPool1D extends Layer {
  readonly #normType: number;
  readonly #kernelSize: Size1D;
  readonly #options: LpPool1DOptions;

  /**
   * @param normType - exponent of the norm
   * @param kernelSize - length of a window
   */
  constructor(normType: number, kernelSize: Size1D, options: LpPool1DOptions = {}) {
    super();
    checkOptions('LPPool1D', options, ['stride', 'padding', 'ceilMode', 'dataFormat']);
    lengthOf('kernelSize', kernelSize);
    this.#normType = checkNormType(normType);
    this.#kernelSize = kernelSize;
    this.#options = options;
  }

  override forward(x: Tensor): Tensor {
    return lpPool1d(x, this.#normType, this.#kernelSize, this.#options);
  }

  override extraRepr(): string {
    const { stride, padding = 0 } = this.#options;
    const sizes = `kernel_size=${valueText(this.#kernelSize)}, stride=${valueText(stride)}, padding=${valueText(padding)}`;
    return `norm_type=${floatText(this.#normType)}, ${sizes}`;
  }
}

/**
 * Maximum of windows of two neighbouring sizes in a random order, see {@link functional.fractionalMaxPool2d}.
 *
 * @typeParam Mask - true when the indices of the maxima are returned, too: the result is then the pair of both
 */
export class FractionalMaxPool2D<Mask extends boolean = false> extends Layer<
  [Tensor],
  Mask extends true ? [Tensor, Tensor] : Tensor
> {
  readonly #outputSize: number | readonly [number | null, number | null];
  readonly #options: FractionalMaxPool2DOptions;

  /** @param outputSize - height and width of the output; null keeps the input's */
  constructor(
    outputSize: number | readonly [number | null, number | null],
    options: FractionalMaxPool2DOptions & { readonly returnMask?: Mask } = {},
  ) {
    super();
    checkOptions('FractionalMaxPool2D', options, fractionalOptionNames);
    this.#outputSize = outputSize;
    this.#options = options;
  }

  override forward(x: Tensor): Mask extends true ? [Tensor, Tensor] : Tensor {
    const result = fractionalMaxPool2d(x, this.#outputSize, this.#options);
    return result as Mask extends true ? [Tensor, Tensor] : Tensor;
  }
}

/** Puts maxima of images back to their places, see {@link functional.maxUnpool2d}. */
export class MaxUnPool2D extends Layer<[x: Tensor, indices: Tensor], Tensor> {
  readonly #kernelSize: Size2D;
  readonly #options: MaxUnpool2DOptions;

  /** @param kernelSize - height and width of the windows of the pooling */
  constructor(kernelSize: Size2D, options: MaxUnpool2DOptions = {}) {
    super();
    checkOptions('MaxUnPool2D', options, ['stride', 'padding', 'dataFormat', 'outputSize']);
    pair('kernelSize', kernelSize);
    this.#kernelSize = kernelSize;
    this.#options = options;
  }

  override forward(x: Tensor, indices: Tensor): Tensor {
    return maxUnpool2d(x, indices, this.#kernelSize, this.#options);
  }
}

/** Puts maxima of sequences back to their places, see {@link functional.maxUnpool1d}. */
export class MaxUnPool1D extends Layer<[x: Tensor, indices: Tensor], Tensor> {
  readonly #kernelSize: Size1D;
  readonly #options: MaxUnpool1DOptions;

  /** @param kernelSize - length of the windows of the pooling */
  constructor(kernelSize: Size1D, options: MaxUnpool1DOptions = {}) {
    super();
    checkOptions('MaxUnPool1D', options, ['stride', 'padding', 'dataFormat', 'outputSize']);
    lengthOf('kernelSize', kernelSize);
    this.#kernelSize = kernelSize;
    this.#options = options;
  }

  override forward(x: Tensor, indices: Tensor): Tensor {
    return maxUnpool1d(x, indices, this.#kernelSize, this.#options);
  }
}
