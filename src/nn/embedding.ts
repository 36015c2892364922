/**
 * Embeddings and layers of two vectors.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkInteger, checkOptions } from '../common/options.js';
import { reshape } from '../tensor/manipulation.js';
import { bilinear } from './functional/bilinear.js';
import {
  cosineSimilarity,
  cosineSimilarityOptionNames,
  pairwiseDistance,
  pairwiseDistanceOptionNames,
  type CosineSimilarityOptions,
  type PairwiseDistanceOptions,
} from './functional/distance.js';
import { embedding, embeddingOptionNames, paddingRow, type EmbeddingFunctionOptions } from './functional/embedding.js';
import { floatText } from './functional/arguments.js';
import { Layer } from './layer/layer.js';
import type { ParamAttrLike } from './param-attr.js';
import type { Parameter } from './parameter.js';
import { valueText } from './repr.js';

/** Options of {@link Embedding}. */
export interface EmbeddingOptions extends EmbeddingFunctionOptions {
  /** Attributes of the table. @defaultValue Xavier uniform */
  readonly weightAttr?: ParamAttrLike;
}

/**
 * Looks up rows of a table that is trained, see {@link functional.embedding}.
 *
 * State: `weight` [numEmbeddings, embeddingDim].
 */
export class Embedding extends Layer {
  /** The table, [numEmbeddings, embeddingDim]. */
  weight: Parameter;

  readonly #options: EmbeddingFunctionOptions;

  /**
   * @param numEmbeddings - number of rows
   * @param embeddingDim - length of a row
   */
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    checkOptions('Embedding', options, [...embeddingOptionNames, 'weightAttr']);
    const shape = [checkInteger('numEmbeddings', numEmbeddings, 1), checkInteger('embeddingDim', embeddingDim, 1)];
    const { weightAttr, ...rest } = options;
    this.#options = { ...rest, paddingIdx: paddingRow(options.paddingIdx, numEmbeddings) };
    const weight = this.createParameter(shape, { attr: weightAttr });
    if (weight === null)
      throw new InvalidArgumentError('weightAttr of Embedding must not be false: it always has a table');
    this.weight = weight;
    const { paddingIdx: padding } = this.#options;
    if (padding != null) {
      const values = Float32Array.from(weight.dataSync()).fill(0, padding * embeddingDim, (padding + 1) * embeddingDim);
      tf.tidy(() => weight.setValue(tf.tensor(values, shape)));
    }
  }

  override forward(x: Tensor): Tensor {
    return embedding(x, this.weight, this.#options);
  }

  override extraRepr(): string {
    const { paddingIdx, sparse = false, scaleGradByFreq = false } = this.#options;
    const padding = paddingIdx == null ? '' : `, padding_idx=${paddingIdx}`;
    return `${this.weight.shape.join(', ')}${padding}, sparse=${valueText(sparse)}, scale_grad_by_freq=${valueText(scaleGradByFreq)}`;
  }
}

/** Options of {@link Bilinear}. */
export interface BilinearOptions {
  /** Attributes of the weight. @defaultValue Xavier uniform */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the bias; false for none. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
}

/**
 * `x1 W_k x2 + b_k` for each output k, see {@link functional.bilinear}.
 *
 * State: `weight` [out, in1, in2], `bias` [1, out].
 */
export class Bilinear extends Layer<[x1: Tensor, x2: Tensor], Tensor> {
  /** [out, in1, in2]. */
  weight: Parameter;
  /** [1, out], or null. */
  bias: Parameter | null;

  /**
   * @param in1Features - length of the first vectors
   * @param in2Features - length of the second vectors
   * @param outFeatures - number of outputs
   */
  constructor(in1Features: number, in2Features: number, outFeatures: number, options: BilinearOptions = {}) {
    super();
    checkOptions('Bilinear', options, ['weightAttr', 'biasAttr']);
    for (const [name, value] of Object.entries({ in1Features, in2Features, outFeatures })) checkInteger(name, value, 1);
    const weight = this.createParameter([outFeatures, in1Features, in2Features], { attr: options.weightAttr });
    if (weight === null)
      throw new InvalidArgumentError('weightAttr of Bilinear must not be false: it always has a weight');
    this.weight = weight;
    this.bias = this.createParameter([1, outFeatures], { attr: options.biasAttr, isBias: true });
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, { bias: this.bias });
  }

  override extraRepr(): string {
    const [outputs, in1, in2] = this.weight.shape;
    return `in1_features=${in1}, in2_features=${in2}, out_features=${outputs}, dtype=float32`;
  }
}

/** Cosine of the angle between vectors, see {@link functional.cosineSimilarity}. */
export class CosineSimilarity extends Layer<[x1: Tensor, x2: Tensor], Tensor> {
  readonly #options: CosineSimilarityOptions;

  constructor(options: CosineSimilarityOptions = {}) {
    super();
    checkOptions('CosineSimilarity', options, cosineSimilarityOptionNames);
    this.#options = options;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.#options);
  }

  override extraRepr(): string {
    const { axis = 1, eps = 1e-8 } = this.#options;
    return `axis=${axis}, eps=${floatText(eps)}`;
  }
}

/** Norm of the difference of rows, see {@link functional.pairwiseDistance}. */
export class PairwiseDistance extends Layer<[x: Tensor, y: Tensor], Tensor> {
  readonly #options: PairwiseDistanceOptions;

  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    checkOptions('PairwiseDistance', options, pairwiseDistanceOptionNames);
    this.#options = options;
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return pairwiseDistance(x, y, this.#options);
  }

  override extraRepr(): string {
    const { p = 2, epsilon = 1e-6, keepdim = false } = this.#options;
    const tail = `${epsilon === 1e-6 ? '' : `, epsilon=${floatText(epsilon)}`}${keepdim ? ', keepdim=True' : ''}`;
    return `p=${floatText(p)}${tail}`;
  }
}

/** Splits an axis into several. */
export class Unflatten extends Layer {
  readonly #axis: number;
  readonly #shape: readonly number[];

  /**
   * @param axis - the axis to split
   * @param shape - lengths of the new axes; one may be -1
   */
  constructor(axis: number, shape: readonly number[]) {
    super();
    this.#axis = checkInteger('axis', axis);
    this.#shape = shape.map((length, index) => checkInteger(`shape[${index}]`, length, -1));
  }

  override forward(x: Tensor): Tensor {
    const axis = this.#axis < 0 ? this.#axis + x.rank : this.#axis;
    const known = this.#shape.reduce((product, length) => product * (length === -1 ? 1 : length), 1);
    const split = this.#shape.map((length) => (length === -1 ? (x.shape[axis] ?? 0) / known : length));
    return reshape(x, [...x.shape.slice(0, axis), ...split, ...x.shape.slice(axis + 1)]);
  }

  override extraRepr(): string {
    return `axis=${this.#axis}, shape=${valueText(this.#shape)}`;
  }
}
