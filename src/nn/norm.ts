/**
 * Normalisation layers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../common/errors.js';
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkOptions } from '../common/options.js';
import { relu, relu6, sigmoid, swish, tanh } from './functional/activation.js';
import { floatText } from './functional/arguments.js';
import { batchNorm } from './functional/norm.js';
import { Constant } from './initializer/constant.js';
import { Layer } from './layer/layer.js';
import { ParamAttr, type ParamAttrLike } from './param-attr.js';
import type { Parameter } from './parameter.js';

/** Options of the batch normalisations. */
export interface BatchNormOptions {
  /** Share of the old running statistics in the new ones. @defaultValue 0.9 */
  readonly momentum?: number;
  /** Added to the variance. @defaultValue 1e-5 */
  readonly epsilon?: number;
  /** Attributes of the factor; false for a fixed 1. @defaultValue ones */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the summand; false for a fixed 0. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
  /** Whether channels are the second or the last axis. @defaultValue the second */
  readonly dataFormat?: string;
  /** True: the running statistics also in training; false: those of the batch always. @defaultValue null */
  readonly useGlobalStats?: boolean | null;
  /** Start of the layer's full name. @defaultValue the class name in snake case */
  readonly name?: string | null;
}

/**
 * What the batch normalisations share.
 *
 * State: `weight`, `bias`, `_mean`, `_variance`, each [C]. The running statistics are parameters that are not trained.
 */
abstract class BatchNormBase extends Layer {
  /** Factor of each channel, [C], or null. */
  weight: Parameter | null;
  /** Summand of each channel, [C], or null. */
  bias: Parameter | null;
  /** Running mean of each channel, [C]. */
  _mean: Parameter;
  /** Running variance of each channel, [C]. */
  _variance: Parameter;

  readonly #numFeatures: number;
  readonly #ranks: readonly number[];
  readonly #momentum: number;
  readonly #epsilon: number;
  readonly #dataFormat: string;
  readonly #useGlobalStats: boolean | null;

  protected constructor(
    numFeatures: number,
    ranks: readonly number[],
    options: BatchNormOptions,
    dataFormats: readonly [string, ...string[]],
  ) {
    checkOptions(new.target.name, options, [
      'momentum',
      'epsilon',
      'weightAttr',
      'biasAttr',
      'dataFormat',
      'useGlobalStats',
      'name',
    ]);
    super(options.name == null ? {} : { nameScope: options.name });
    this.#numFeatures = checkInteger('numFeatures', numFeatures, 1);
    this.#ranks = ranks;
    this.#momentum = checkNumber('momentum', options.momentum ?? 0.9);
    this.#epsilon = checkNumber('epsilon', options.epsilon ?? 1e-5, 0);
    this.#dataFormat = checkChoice('dataFormat', options.dataFormat ?? dataFormats[0], dataFormats);
    this.#useGlobalStats = options.useGlobalStats ?? null;
    const shape = [numFeatures];
    this.weight = this.createParameter(shape, { attr: options.weightAttr, defaultInitializer: new Constant(1) });
    this.bias = this.createParameter(shape, { attr: options.biasAttr, isBias: true });
    // An initialiser of their own, so that a global one does not reach the statistics.
    this._mean = this.#statistic(new Constant(0));
    this._variance = this.#statistic(new Constant(1));
  }

  #statistic(initializer: Constant): Parameter {
    const attr = new ParamAttr({ initializer, trainable: false });
    return this.createParameter([this.#numFeatures], { attr })!;
  }

  override forward(x: Tensor): Tensor {
    if (!this.#ranks.includes(x.rank)) {
      throw new ShapeMismatchError(
        `${this.constructor.name} takes an input of ${this.#ranks.join(' or ')} axes, got shape [${x.shape.join(', ')}]`,
      );
    }
    return batchNorm(x, this._mean, this._variance, {
      weight: this.weight,
      bias: this.bias,
      training: this.training,
      momentum: this.#momentum,
      epsilon: this.#epsilon,
      dataFormat: this.#dataFormat,
      useGlobalStats: this.#useGlobalStats,
    });
  }

  override extraRepr(): string {
    const epsilon = floatText(this.#epsilon);
    const main = `num_features=${this.#numFeatures}, momentum=${this.#momentum}, epsilon=${epsilon}`;
    const format = this.#dataFormat === 'NCHW' ? '' : `, data_format=${this.#dataFormat}`;
    return main + format;
  }
}

/** Batch normalisation of [N, C] or [N, C, L]. */
export class BatchNorm1D extends BatchNormBase {
  /** @param numFeatures - number of channels C */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, [2, 3], options, ['NCL', 'NC', 'NLC']);
  }
}

/** Batch normalisation of images [N, C, H, W]. */
export class BatchNorm2D extends BatchNormBase {
  /** @param numFeatures - number of channels C */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, [4], options, ['NCHW', 'NHWC']);
  }
}

const activations = { relu, relu6, sigmoid, swish, tanh };

/** Options of {@link BatchNorm}. */
export interface GeneralBatchNormOptions {
  /** Name of the activation that follows. @defaultValue none */
  readonly act?: keyof typeof activations | null;
  /** Begin in evaluation mode. @defaultValue false */
  readonly isTest?: boolean;
  /** Share of the old running statistics in the new ones. @defaultValue 0.9 */
  readonly momentum?: number;
  /** Added to the variance. @defaultValue 1e-5 */
  readonly epsilon?: number;
  /** Attributes of the factor; false for a fixed 1. @defaultValue ones */
  readonly paramAttr?: ParamAttrLike;
  /** Attributes of the summand; false for a fixed 0. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
  /** Whether channels are the second or the last axis. @defaultValue 'NCHW' */
  readonly dataLayout?: 'NCHW' | 'NHWC';
  /** The running statistics also in training. @defaultValue false */
  readonly useGlobalStats?: boolean;
  /** The batch's statistics also in evaluation. @defaultValue false */
  readonly trainableStatistics?: boolean;
}

/** Batch normalisation of inputs with any number of axes, perhaps with an activation after it. */
export class BatchNorm extends BatchNormBase {
  readonly #act: keyof typeof activations | null;

  /** @param numChannels - number of channels C */
  constructor(numChannels: number, options: GeneralBatchNormOptions = {}) {
    checkOptions('BatchNorm', options, [
      'act',
      'isTest',
      'momentum',
      'epsilon',
      'paramAttr',
      'biasAttr',
      'dataLayout',
      'useGlobalStats',
      'trainableStatistics',
    ]);
    const { act = null, isTest = false, momentum, epsilon, paramAttr, biasAttr, dataLayout } = options;
    const { useGlobalStats = false, trainableStatistics = false } = options;
    checkInteger('numChannels', numChannels, 1);
    for (const [name, value] of Object.entries({ isTest, useGlobalStats, trainableStatistics })) {
      checkBoolean(name, value);
    }
    super(
      numChannels,
      [2, 3, 4, 5],
      {
        momentum,
        epsilon,
        weightAttr: paramAttr,
        biasAttr,
        dataFormat: checkChoice('dataLayout', dataLayout ?? 'NCHW', ['NCHW', 'NHWC']),
        useGlobalStats: useGlobalStats || (trainableStatistics ? false : null),
      },
      ['NCHW', 'NHWC'],
    );
    this.#act = act === null ? null : checkChoice('act', act, Object.keys(activations) as (keyof typeof activations)[]);
    this.training = !isTest;
  }

  /** The normalised and activated input. */
  override forward(x: Tensor): Tensor {
    const y = super.forward(x);
    return this.#act === null ? y : activations[this.#act](y);
  }

  /** As in Paddle, nothing. */
  override extraRepr(): string {
    return '';
  }
}
