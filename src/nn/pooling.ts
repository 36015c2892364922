/**
 * Pooling layers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkBoolean, checkOptions } from '../common/options.js';
import {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  maxPool2d,
  type AdaptiveSize2D,
  type AvgPool2DFunctionOptions,
  type MaxPool2DFunctionOptions,
} from './functional/pooling.js';
import { pair, type DataFormat, type Size2D } from './functional/spatial.js';
import { Layer } from './layer/layer.js';
import { valueText } from './repr.js';

/** Options of {@link MaxPool2D}. */
export type MaxPool2DOptions = MaxPool2DFunctionOptions;

/** Options of {@link AvgPool2D}. */
export type AvgPool2DOptions = AvgPool2DFunctionOptions;

/** The options that a stride alone stands for. */
function withStride<Options extends object>(options: Options | Size2D): Options & { readonly stride?: Size2D | null } {
  const isStride = typeof options === 'number' || Array.isArray(options);
  return (isStride ? { stride: options } : options) as Options & { readonly stride?: Size2D | null };
}

/**
 * Maximum of each window of images [N, C, H, W].
 *
 * @typeParam Mask - true when the indices of the maxima are returned, too: the result is then the pair of both
 */
export class MaxPool2D<Mask extends boolean = false> extends Layer<
  [Tensor],
  Mask extends true ? [Tensor, Tensor] : Tensor
> {
  readonly #kernelSize: Size2D;
  readonly #options: MaxPool2DOptions;

  /**
   * @param kernelSize - height and width of a window
   * @param options - the stride, alone or as an option
   */
  constructor(kernelSize: Size2D, options: (MaxPool2DOptions & { readonly returnMask?: Mask }) | Size2D = {}) {
    super();
    const given = withStride<MaxPool2DOptions>(options);
    checkOptions('MaxPool2D', given, ['stride', 'padding', 'ceilMode', 'returnMask', 'dataFormat']);
    pair('kernelSize', kernelSize);
    if (given.stride != null) pair('stride', given.stride);
    this.#kernelSize = kernelSize;
    this.#options = given;
  }

  override forward(x: Tensor): Mask extends true ? [Tensor, Tensor] : Tensor {
    return maxPool2d(x, this.#kernelSize, this.#options) as Mask extends true ? [Tensor, Tensor] : Tensor;
  }

  override extraRepr(): string {
    const { stride, padding = 0 } = this.#options;
    return `kernel_size=${valueText(this.#kernelSize)}, stride=${valueText(stride)}, padding=${valueText(padding)}`;
  }
}

/** Mean of each window of images [N, C, H, W]. */
export class AvgPool2D extends Layer {
  readonly #kernelSize: Size2D;
  readonly #options: AvgPool2DOptions;

  /**
   * @param kernelSize - height and width of a window
   * @param options - the stride, alone or as an option
   */
  constructor(kernelSize: Size2D, options: AvgPool2DOptions | Size2D = {}) {
    super();
    const given = withStride<AvgPool2DOptions>(options);
    checkOptions('AvgPool2D', given, ['stride', 'padding', 'ceilMode', 'exclusive', 'divisorOverride', 'dataFormat']);
    pair('kernelSize', kernelSize);
    if (given.stride != null) pair('stride', given.stride);
    this.#kernelSize = kernelSize;
    this.#options = given;
  }

  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.#kernelSize, this.#options);
  }

  override extraRepr(): string {
    const { stride, padding = 0 } = this.#options;
    return `kernel_size=${valueText(this.#kernelSize)}, stride=${valueText(stride)}, padding=${valueText(padding)}`;
  }
}

/** Means of windows that cover images [N, C, H, W] as evenly as possible. */
export class AdaptiveAvgPool2D extends Layer {
  readonly #outputSize: AdaptiveSize2D;
  readonly #dataFormat: DataFormat;

  /** @param outputSize - height and width of the output; null keeps the input's */
  constructor(outputSize: AdaptiveSize2D, options: { readonly dataFormat?: DataFormat } = {}) {
    super();
    checkOptions('AdaptiveAvgPool2D', options, ['dataFormat']);
    this.#outputSize = outputSize;
    this.#dataFormat = options.dataFormat ?? 'NCHW';
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.#outputSize, { dataFormat: this.#dataFormat });
  }

  override extraRepr(): string {
    return `output_size=${valueText(this.#outputSize)}`;
  }
}

/**
 * Maxima of windows that cover images [N, C, H, W] as evenly as possible.
 *
 * @typeParam Mask - true when the indices of the maxima are returned, too: the result is then the pair of both
 */
export class AdaptiveMaxPool2D<Mask extends boolean = false> extends Layer<
  [Tensor],
  Mask extends true ? [Tensor, Tensor] : Tensor
> {
  readonly #outputSize: AdaptiveSize2D;
  readonly #returnMask: boolean;

  /** @param outputSize - height and width of the output; null keeps the input's */
  constructor(outputSize: AdaptiveSize2D, options: { readonly returnMask?: Mask } = {}) {
    super();
    checkOptions('AdaptiveMaxPool2D', options, ['returnMask']);
    this.#outputSize = outputSize;
    this.#returnMask = checkBoolean('returnMask', options.returnMask ?? false);
  }

  override forward(x: Tensor): Mask extends true ? [Tensor, Tensor] : Tensor {
    return adaptiveMaxPool2d(x, this.#outputSize, { returnMask: this.#returnMask }) as Mask extends true
      ? [Tensor, Tensor]
      : Tensor;
  }

  override extraRepr(): string {
    return `output_size=${valueText(this.#outputSize)}, return_mask=${valueText(this.#returnMask)}`;
  }
}
