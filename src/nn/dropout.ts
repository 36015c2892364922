/**
 * Dropout of whole channels, and dropout that keeps mean and variance.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkChoice, checkNumber, checkOptions } from '../common/options.js';
import { alphaDropout, dropout2d, featureAlphaDropout } from './functional/dropout.js';
import type { DataFormat } from './functional/spatial.js';
import { Layer } from './layer/layer.js';

/** Options of {@link AlphaDropout} and {@link FeatureAlphaDropout}. */
export interface ProbabilityOptions {
  /** Probability of dropping, in [0, 1]. @defaultValue 0.5 */
  readonly p?: number;
}

/** Options of {@link Dropout2D}. */
export interface Dropout2DOptions extends ProbabilityOptions {
  /** Order of the axes of input and output. @defaultValue 'NCHW' */
  readonly dataFormat?: DataFormat;
}

/** The options that a probability alone stands for. */
const withProbability = <Options extends object>(options: Options | number) =>
  (typeof options === 'number' ? { p: options } : options) as Options & ProbabilityOptions;

/** Sets random channels of images to zero in training mode, see {@link functional.dropout2d}. */
export class Dropout2D extends Layer {
  /** Probability of dropping. */
  p: number;

  readonly #dataFormat: DataFormat;

  /** @param options - the probability, alone or as an option */
  constructor(options: Dropout2DOptions | number = {}) {
    super();
    const given = withProbability<Dropout2DOptions>(options);
    checkOptions('Dropout2D', given, ['p', 'dataFormat']);
    this.p = checkNumber('p', given.p ?? 0.5, 0, 1);
    this.#dataFormat = checkChoice('dataFormat', given.dataFormat ?? 'NCHW', ['NCHW', 'NHWC']);
  }

  override forward(x: Tensor): Tensor {
    return dropout2d(x, { p: this.p, training: this.training, dataFormat: this.#dataFormat });
  }

  override extraRepr(): string {
    return `p=${this.p}, data_format=${this.#dataFormat}`;
  }
}

/** What the dropouts to the limit of SELU share. */
abstract class AlphaDropoutBase extends Layer {
  /** Probability of dropping. */
  p: number;

  protected constructor(options: ProbabilityOptions | number) {
    super();
    const given = withProbability<ProbabilityOptions>(options);
    checkOptions(new.target.name, given, ['p']);
    this.p = checkNumber('p', given.p ?? 0.5, 0, 1);
  }

  override extraRepr(): string {
    return `p=${this.p}`;
  }
}

/** Dropout that keeps mean and variance, see {@link functional.alphaDropout}. */
export class AlphaDropout extends AlphaDropoutBase {
  /** @param options - the probability, alone or as an option */
  constructor(options: ProbabilityOptions | number = {}) {
    super(options);
  }

  override forward(x: Tensor): Tensor {
    return alphaDropout(x, { p: this.p, training: this.training });
  }
}

/** As {@link AlphaDropout}, for whole channels of [N, C, ...]. */
export class FeatureAlphaDropout extends AlphaDropoutBase {
  /** @param options - the probability, alone or as an option */
  constructor(options: ProbabilityOptions | number = {}) {
    super(options);
  }

  override forward(x: Tensor): Tensor {
    return featureAlphaDropout(x, { p: this.p, training: this.training });
  }
}
