/**
 * Linear maps, dropout, flattening.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkChoice, checkInteger, checkNumber, checkOptions } from '../common/options.js';
import { flatten } from '../tensor/manipulation.js';
import { dropout, linear, type DropoutMode } from './functional/common.js';
import { Layer } from './layer/layer.js';
import type { ParamAttrLike } from './param-attr.js';
import type { Parameter } from './parameter.js';

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Attributes of the weight. @defaultValue Xavier uniform */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the bias; false for none. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
  /** Start of the layer's full name. @defaultValue 'linear' */
  readonly name?: string | null;
}

/**
 * `x W + b` along the last axis.
 *
 * State: `weight` [in, out], `bias` [out].
 */
export class Linear extends Layer {
  /** [in, out]. */
  weight: Parameter;
  /** [out], or null. */
  bias: Parameter | null;

  readonly #name: string | null;

  /**
   * @param inFeatures - length of the last axis of the input
   * @param outFeatures - length of the last axis of the output
   */
  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    checkOptions('Linear', options, ['weightAttr', 'biasAttr', 'name']);
    super(options.name == null ? {} : { nameScope: options.name });
    this.#name = options.name ?? null;
    checkInteger('inFeatures', inFeatures, 0);
    checkInteger('outFeatures', outFeatures, 0);
    const weight = this.createParameter([inFeatures, outFeatures], { attr: options.weightAttr });
    if (weight === null)
      throw new InvalidArgumentError('weightAttr of Linear must not be false: it always has a weight');
    this.weight = weight;
    this.bias = this.createParameter([outFeatures], { attr: options.biasAttr, isBias: true });
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, { bias: this.bias });
  }

  override extraRepr(): string {
    const [inFeatures, outFeatures] = this.weight.shape;
    const name = this.#name === null ? '' : `, name=${this.#name}`;
    return `in_features=${inFeatures}, out_features=${outFeatures}, dtype=float32${name}`;
  }
}

/** Options of {@link Dropout}. */
export interface DropoutOptions {
  /** Probability of setting an element to zero, in [0, 1]. @defaultValue 0.5 */
  readonly p?: number;
  /** Axes along which the mask varies; all when null. @defaultValue null */
  readonly axis?: number | readonly number[] | null;
  /** Where the expectation is kept. @defaultValue 'upscale_in_train' */
  readonly mode?: DropoutMode;
}

/** Sets random elements to zero in training mode, see {@link functional.dropout}. */
export class Dropout extends Layer {
  /** Probability of setting an element to zero. */
  p: number;
  /** Axes along which the mask varies, or null. */
  readonly axis: number | readonly number[] | null;
  /** Where the expectation is kept. */
  readonly mode: DropoutMode;

  /** @param options - the probability, alone or as an option */
  constructor(options: number | DropoutOptions = {}) {
    super();
    const given = typeof options === 'number' ? { p: options } : options;
    checkOptions('Dropout', given, ['p', 'axis', 'mode']);
    this.p = checkNumber('p', given.p ?? 0.5, 0, 1);
    this.axis = given.axis ?? null;
    this.mode = checkChoice('mode', given.mode ?? 'upscale_in_train', ['upscale_in_train', 'downscale_in_infer']);
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, axis: this.axis, mode: this.mode, training: this.training });
  }

  override extraRepr(): string {
    const axis = this.axis === null ? 'None' : typeof this.axis === 'number' ? this.axis : `[${this.axis.join(', ')}]`;
    return `p=${this.p}, axis=${axis}, mode=${this.mode}, inplace=False`;
  }
}

/** Options of {@link Flatten}. */
export interface FlattenLayerOptions {
  /** First axis to join. @defaultValue 1 */
  readonly startAxis?: number;
  /** Last axis to join. @defaultValue -1 */
  readonly stopAxis?: number;
}

/** Joins axes into one. */
export class Flatten extends Layer {
  readonly #options: Required<FlattenLayerOptions>;

  constructor(options: FlattenLayerOptions = {}) {
    super();
    checkOptions('Flatten', options, ['startAxis', 'stopAxis']);
    this.#options = { startAxis: options.startAxis ?? 1, stopAxis: options.stopAxis ?? -1 };
  }

  override forward(x: Tensor): Tensor {
    return flatten(x, this.#options);
  }
}

/** Gives its input. */
export class Identity extends Layer {
  override forward(x: Tensor): Tensor {
    return tf.clone(x);
  }
}
