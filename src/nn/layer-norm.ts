/**
 * Layers that normalise each sample by itself.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { sameShape, sizeOf } from '../common/ndarray.js';
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkOptions } from '../common/options.js';
import { noGrad } from '../autograd/index.js';
import { floatText } from './functional/arguments.js';
import {
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  localResponseNormOptionNames,
  type LocalResponseNormOptions,
} from './functional/layer-norm.js';
import { Constant } from './initializer/constant.js';
import { Normal } from './initializer/random.js';
import { Layer } from './layer/layer.js';
import { ParamAttr, type ParamAttrLike } from './param-attr.js';
import type { Parameter } from './parameter.js';
import { leadingVectors, toMatrix } from './spectral.js';
import { valueText } from './repr.js';

/** Options of the factor and summand of a normalisation. */
export interface AffineOptions {
  /** Added to the variance. @defaultValue 1e-5 */
  readonly epsilon?: number;
  /** Attributes of the factor; false for a fixed 1. @defaultValue ones */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the summand; false for a fixed 0. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
}

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions extends AffineOptions {
  /** Whether there is a factor and a summand. @defaultValue true */
  readonly elementwiseAffine?: boolean;
  /** Whether there is a summand. @defaultValue true */
  readonly bias?: boolean;
}

/**
 * Normalises the last axes, see {@link functional.layerNorm}.
 *
 * State: `weight` and `bias`, each with as many elements as `normalizedShape` holds.
 */
export class LayerNorm extends Layer {
  /** Factor of each element, or null. */
  weight: Parameter | null;
  /** Summand of each element, or null. */
  bias: Parameter | null;

  readonly #shape: readonly number[];
  readonly #epsilon: number;

  /** @param normalizedShape - lengths of the last axes */
  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    checkOptions('LayerNorm', options, ['epsilon', 'elementwiseAffine', 'bias', 'weightAttr', 'biasAttr']);
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.#shape = shape.map((length, axis) => checkInteger(`normalizedShape[${axis}]`, length, 1));
    this.#epsilon = checkNumber('epsilon', options.epsilon ?? 1e-5, 0);
    const affine = checkBoolean('elementwiseAffine', options.elementwiseAffine ?? true);
    const hasBias = affine && checkBoolean('bias', options.bias ?? true);
    const size = [sizeOf(shape)];
    this.weight = this.createParameter(size, {
      attr: affine ? options.weightAttr : false,
      defaultInitializer: new Constant(1),
    });
    this.bias = this.createParameter(size, { attr: hasBias ? options.biasAttr : false, isBias: true });
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.#shape, { weight: this.weight, bias: this.bias, epsilon: this.#epsilon });
  }

  override extraRepr(): string {
    return `normalized_shape=${valueText(this.#shape)}, epsilon=${floatText(this.#epsilon)}`;
  }
}

/** Options of {@link GroupNorm}. */
export interface GroupNormOptions extends AffineOptions {
  /** Whether channels are the second or the last axis. @defaultValue 'NCHW' */
  readonly dataFormat?: string;
}

/**
 * Normalises groups of channels of each sample, see {@link functional.groupNorm}.
 *
 * State: `weight` [C], `bias` [C].
 */
export class GroupNorm extends Layer {
  /** Factor of each channel, [C], or null. */
  weight: Parameter | null;
  /** Summand of each channel, [C], or null. */
  bias: Parameter | null;

  readonly #numGroups: number;
  readonly #numChannels: number;
  readonly #epsilon: number;
  readonly #dataFormat: string;

  /**
   * @param numGroups - number of groups, divides the channels
   * @param numChannels - number of channels C
   */
  constructor(numGroups: number, numChannels: number, options: GroupNormOptions = {}) {
    super();
    checkOptions('GroupNorm', options, ['epsilon', 'weightAttr', 'biasAttr', 'dataFormat']);
    this.#numGroups = checkInteger('numGroups', numGroups, 1);
    this.#numChannels = checkInteger('numChannels', numChannels, 1);
    if (numChannels % numGroups !== 0) {
      throw new InvalidArgumentError(`numChannels must be a multiple of numGroups ${numGroups}, got ${numChannels}`);
    }
    this.#epsilon = checkNumber('epsilon', options.epsilon ?? 1e-5, 0);
    const formats = ['NCHW', 'NHWC', 'NCL', 'NLC', 'NC'];
    this.#dataFormat = checkChoice('dataFormat', options.dataFormat ?? 'NCHW', formats);
    const shape = [numChannels];
    this.weight = this.createParameter(shape, { attr: options.weightAttr, defaultInitializer: new Constant(1) });
    this.bias = this.createParameter(shape, { attr: options.biasAttr, isBias: true });
  }

  override forward(x: Tensor): Tensor {
    const [epsilon, dataFormat] = [this.#epsilon, this.#dataFormat];
    return groupNorm(x, this.#numGroups, { weight: this.weight, bias: this.bias, epsilon, dataFormat });
  }

  override extraRepr(): string {
    return `num_groups=${this.#numGroups}, num_channels=${this.#numChannels}, epsilon=${floatText(this.#epsilon)}`;
  }
}

/** Options of the instance normalisations. */
export interface InstanceNormOptions extends AffineOptions {
  /** Accepted for compatibility: there are no running statistics. @defaultValue 0.9 */
  readonly momentum?: number;
  /** Whether channels are the second or the last axis. @defaultValue the second */
  readonly dataFormat?: string;
}

/** What the instance normalisations share. State: `scale` [C], `bias` [C]. */
abstract class InstanceNormBase extends Layer {
  /** Factor of each channel, [C], or null. */
  scale: Parameter | null;
  /** Summand of each channel, [C], or null. */
  bias: Parameter | null;

  readonly #numFeatures: number;
  readonly #ranks: readonly number[];
  readonly #epsilon: number;
  readonly #dataFormat: string;

  protected constructor(
    numFeatures: number,
    ranks: readonly number[],
    options: InstanceNormOptions,
    formats: readonly [string, ...string[]],
  ) {
    super();
    checkOptions(new.target.name, options, ['epsilon', 'momentum', 'weightAttr', 'biasAttr', 'dataFormat']);
    this.#numFeatures = checkInteger('numFeatures', numFeatures, 1);
    this.#ranks = ranks;
    this.#epsilon = checkNumber('epsilon', options.epsilon ?? 1e-5, 0);
    this.#dataFormat = checkChoice('dataFormat', options.dataFormat ?? formats[0], formats);
    // As in Paddle, either attribute that is false leaves out both.
    const none = options.weightAttr === false || options.biasAttr === false;
    const shape = [numFeatures];
    this.scale = this.createParameter(shape, {
      attr: none ? false : options.weightAttr,
      defaultInitializer: new Constant(1),
    });
    this.bias = this.createParameter(shape, { attr: none ? false : options.biasAttr, isBias: true });
  }

  override forward(x: Tensor): Tensor {
    if (!this.#ranks.includes(x.rank)) {
      throw new ShapeMismatchError(
        `${this.constructor.name} takes an input of ${this.#ranks.join(' or ')} axes, got shape [${x.shape.join(', ')}]`,
      );
    }
    return instanceNorm(x, {
      weight: this.scale,
      bias: this.bias,
      eps: this.#epsilon,
      dataFormat: this.#dataFormat,
    });
  }

  override extraRepr(): string {
    return `num_features=${this.#numFeatures}, epsilon=${floatText(this.#epsilon)}`;
  }
}

/** Instance normalisation of sequences [N, C, L], see {@link functional.instanceNorm}. */
export class InstanceNorm1D extends InstanceNormBase {
  /** @param numFeatures - number of channels C */
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super(numFeatures, [3], options, ['NCL', 'NLC']);
  }
}

/** Instance normalisation of images [N, C, H, W], see {@link functional.instanceNorm}. */
export class InstanceNorm2D extends InstanceNormBase {
  /** @param numFeatures - number of channels C */
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super(numFeatures, [4], options, ['NCHW', 'NHWC']);
  }
}

/** Divides by the squares of neighbouring channels, see {@link functional.localResponseNorm}. */
export class LocalResponseNorm extends Layer {
  readonly #size: number;
  readonly #options: Required<LocalResponseNormOptions>;

  /** @param size - number of channels in a window */
  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    checkOptions('LocalResponseNorm', options, localResponseNormOptionNames);
    const { alpha = 1e-4, beta = 0.75, k = 1, dataFormat = 'NCHW' } = options;
    this.#size = checkInteger('size', size, 1);
    for (const [name, value] of Object.entries({ alpha, beta, k })) checkNumber(name, value);
    this.#options = { alpha, beta, k, dataFormat };
  }

  override forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.#size, this.#options);
  }

  override extraRepr(): string {
    const { alpha, beta, k, dataFormat } = this.#options;
    const main = `size=${this.#size}, alpha=${alpha}, beta=${floatText(beta)}, k=${floatText(k)}`;
    return dataFormat === 'NCHW' ? main : `${main}, data_format=${dataFormat}`;
  }
}

/** Options of {@link SpectralNorm}. */
export interface SpectralNormOptions {
  /** Axis that becomes the rows of the matrix. @defaultValue 0 */
  readonly dim?: number;
  /** Steps of the power iteration. @defaultValue 1 */
  readonly powerIters?: number;
  /** Added to norms. @defaultValue 1e-12 */
  readonly eps?: number;
}

/**
 * Divides a weight by its largest singular value, found by power iteration (Miyato et al., 2018).
 *
 * State: `weight_u` and `weight_v`, where each iteration starts.
 */
export class SpectralNorm extends Layer {
  /** Start of the left singular vector. */
  weight_u: Parameter;
  /** Start of the right singular vector. */
  weight_v: Parameter;

  readonly #shape: readonly number[];
  readonly #dim: number;
  readonly #powerIters: number;
  readonly #eps: number;

  /** @param weightShape - shape of the weights */
  constructor(weightShape: readonly number[], options: SpectralNormOptions = {}) {
    super();
    checkOptions('SpectralNorm', options, ['dim', 'powerIters', 'eps']);
    this.#shape = weightShape.map((length, axis) => checkInteger(`weightShape[${axis}]`, length, 1));
    this.#dim = checkInteger('dim', options.dim ?? 0, 0);
    this.#powerIters = checkInteger('powerIters', options.powerIters ?? 1, 0);
    this.#eps = checkNumber('eps', options.eps ?? 1e-12, 0);
    const rows = weightShape[this.#dim];
    if (rows === undefined) {
      throw new InvalidArgumentError(`dim must be less than ${weightShape.length}, got ${this.#dim}`);
    }
    const attr = new ParamAttr({ initializer: new Normal(), trainable: false });
    this.weight_u = this.createParameter([rows], { attr })!;
    this.weight_v = this.createParameter([sizeOf(weightShape) / rows], { attr })!;
  }

  override forward(weight: Tensor): Tensor {
    if (!sameShape(weight.shape, this.#shape)) {
      throw new ShapeMismatchError(
        `SpectralNorm of weights [${this.#shape.join(', ')}] got shape [${weight.shape.join(', ')}]`,
      );
    }
    const matrix = toMatrix(weight, this.#dim);
    const [u, v] = noGrad(() => leadingVectors(matrix, this.weight_u, this.weight_v, this.#powerIters, this.#eps));
    return tf.div(weight, tf.sum(tf.mul(tf.matMul(matrix, tf.reshape(v, [-1, 1])), tf.reshape(u, [-1, 1]))));
  }
}
