/**
 * Transforms that cut, pad and resize.
 *
 * @module
 */
import { checkChoice, checkOptions } from '../../common/options.js';
import { checkFill, checkPadding, checkSize, type Padding, type Size } from './arguments.js';
import { centerCrop, pad, paddingModes, type PadOptions } from './functional/geometry.js';
import { checkInterpolation, resize, type ResizeOptions } from './functional/resize.js';
import { BaseTransform, type ImageLike, type TransformOptions } from './transform.js';

/** Options of {@link Resize}. */
export interface ResizeTransformOptions extends ResizeOptions, TransformOptions {}

/** An image in another size, see {@link functional.resize}. */
export class Resize extends BaseTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly size: Size;
  private readonly options: ResizeOptions;

  /** @param size - [height, width], or one number for the shorter side */
  constructor(size: Size, options: ResizeTransformOptions = {}) {
    checkOptions('Resize', options, ['interpolation', 'keys']);
    const { keys, ...rest } = options;
    super({ keys: keys ?? null });
    checkSize('size', size);
    checkInterpolation(rest.interpolation ?? 'bilinear');
    this.size = size;
    this.options = rest;
  }

  protected applyImage(image: ImageLike): ImageLike {
    return resize(image, this.size, this.options);
  }
}

/** The middle of an image. */
export class CenterCrop extends BaseTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly size: Size;

  /** @param size - [height, width], or one number for both */
  constructor(size: Size, options: TransformOptions = {}) {
    checkOptions('CenterCrop', options, ['keys']);
    super(options);
    checkSize('size', size);
    this.size = size;
  }

  protected applyImage(image: ImageLike): ImageLike {
    return centerCrop(image, this.size);
  }
}

/** Options of {@link Pad}. */
export interface PadTransformOptions extends PadOptions, TransformOptions {}

/** An image with a border around it, see {@link functional.pad}. */
export class Pad extends BaseTransform {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;
  private readonly padding: Padding;
  private readonly options: PadOptions;

  /** @param padding - pixels on each side: one number, [left and right, top and bottom], or [left, top, right, bottom] */
  constructor(padding: Padding, options: PadTransformOptions = {}) {
    checkOptions('Pad', options, ['fill', 'paddingMode', 'keys']);
    const { keys, ...rest } = options;
    super({ keys: keys ?? null });
    checkPadding('padding', padding);
    checkFill('fill', rest.fill ?? 0);
    checkChoice('paddingMode', rest.paddingMode ?? 'constant', paddingModes);
    this.padding = padding;
    this.options = rest;
  }

  protected applyImage(image: ImageLike): ImageLike {
    return pad(image, this.padding, this.options);
  }
}
