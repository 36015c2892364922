/**
 * Attention layers and the encoder of the Transformer.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkOptions } from '../common/options.js';
import { Dropout, Linear } from './common.js';
import { gelu, relu } from './functional/activation.js';
import { additiveMask, attend } from './functional/attention.js';
import { LayerNorm } from './layer-norm.js';
import { LayerList } from './layer/containers.js';
import { Layer } from './layer/layer.js';
import type { ParamAttrLike } from './param-attr.js';

/** Options of {@link MultiHeadAttention}. */
export interface MultiHeadAttentionOptions<NeedWeights extends boolean = boolean> {
  /** Probability of dropping a weight, in training. @defaultValue 0 */
  readonly dropout?: number;
  /** Features of keys. @defaultValue embedDim */
  readonly kdim?: number | null;
  /** Features of values. @defaultValue embedDim */
  readonly vdim?: number | null;
  /** Return the weights, too. @defaultValue false */
  readonly needWeights?: NeedWeights;
  /** Attributes of the weights. @defaultValue Xavier uniform */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the biases; false for none. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
}

/**
 * Attention of several heads with linear maps before and after (Vaswani et al., 2017).
 *
 * State: `weight` and `bias` of `q_proj`, `k_proj`, `v_proj` and `out_proj`.
 *
 * @typeParam NeedWeights - true when the weights are returned, too: the result is then the pair of both
 */
export class MultiHeadAttention<NeedWeights extends boolean = false> extends Layer<
  [query: Tensor, key?: Tensor | null, value?: Tensor | null, attnMask?: Tensor | null],
  NeedWeights extends true ? [output: Tensor, weights: Tensor] : Tensor
> {
  /** Map of the queries. */
  q_proj: Linear;
  /** Map of the keys. */
  k_proj: Linear;
  /** Map of the values. */
  v_proj: Linear;
  /** Map of the result. */
  out_proj: Linear;

  readonly #numHeads: number;
  readonly #headDim: number;
  readonly #dropout: number;
  readonly #needWeights: boolean;

  /**
   * @param embedDim - features of queries and of the result
   * @param numHeads - number of heads, divides `embedDim`
   */
  constructor(embedDim: number, numHeads: number, options: MultiHeadAttentionOptions<NeedWeights> = {}) {
    super();
    checkOptions('MultiHeadAttention', options, ['dropout', 'kdim', 'vdim', 'needWeights', 'weightAttr', 'biasAttr']);
    checkInteger('embedDim', embedDim, 1);
    this.#numHeads = checkInteger('numHeads', numHeads, 1);
    if (embedDim % numHeads !== 0) {
      throw new InvalidArgumentError(`embedDim must be a multiple of numHeads ${numHeads}, got ${embedDim}`);
    }
    this.#headDim = embedDim / numHeads;
    this.#dropout = checkNumber('dropout', options.dropout ?? 0, 0, 1);
    this.#needWeights = checkBoolean('needWeights', options.needWeights ?? false);
    const { weightAttr, biasAttr } = options;
    const map = (inputs: number) => new Linear(inputs, embedDim, { weightAttr, biasAttr });
    this.q_proj = map(embedDim);
    this.k_proj = map(options.kdim ?? embedDim);
    this.v_proj = map(options.vdim ?? embedDim);
    this.out_proj = map(embedDim);
  }

  /**
   * Attention of the queries to the keys.
   *
   * @param query - [N, queries, embedDim]
   * @param key - [N, keys, kdim]. @defaultValue the query
   * @param value - [N, keys, vdim]. @defaultValue the query
   * @param attnMask - floats that are added to the logits, or booleans or integers of which 0 forbids; broadcasts to
   * [N, heads, queries, keys]
   * @returns [N, queries, embedDim]; with `needWeights` also [N, heads, queries, keys]
   */
  override forward(
    query: Tensor,
    key: Tensor | null = null,
    value: Tensor | null = null,
    attnMask: Tensor | null = null,
  ): NeedWeights extends true ? [output: Tensor, weights: Tensor] : Tensor {
    const [k, v] = [key ?? query, value ?? query];
    for (const [name, x] of Object.entries({ query, key: k, value: v })) {
      if (x.rank === 3) continue;
      throw new ShapeMismatchError(`MultiHeadAttention takes ${name} of 3 axes, got shape [${x.shape.join(', ')}]`);
    }
    const heads = (x: Tensor) =>
      tf.transpose(tf.reshape(x, [x.shape[0] ?? 0, x.shape[1] ?? 0, this.#numHeads, this.#headDim]), [0, 2, 1, 3]);
    const { output, weights } = attend(
      heads(this.q_proj.forward(query)),
      heads(this.k_proj.forward(k)),
      heads(this.v_proj.forward(v)),
      attnMask && additiveMask(attnMask),
      this.#headDim ** -0.5,
      this.#dropout,
      this.training,
    );
    const joined = tf.reshape(tf.transpose(output, [0, 2, 1, 3]), query.shape);
    const y = this.out_proj.forward(joined);
    return (this.#needWeights ? [y, weights] : y) as NeedWeights extends true ? [Tensor, Tensor] : Tensor;
  }
}

const activations = { relu, gelu };

/** Options of {@link TransformerEncoderLayer}. */
export interface TransformerEncoderLayerOptions {
  /** Probability of dropping after attention and after the maps. @defaultValue 0.1 */
  readonly dropout?: number;
  /** Activation between the maps. @defaultValue 'relu' */
  readonly activation?: keyof typeof activations;
  /** Probability of dropping a weight of attention. @defaultValue `dropout` */
  readonly attnDropout?: number | null;
  /** Probability of dropping after the activation. @defaultValue `dropout` */
  readonly actDropout?: number | null;
  /** Normalise before attention and maps instead of after. @defaultValue false */
  readonly normalizeBefore?: boolean;
  /** Attributes of the weights. @defaultValue Xavier uniform */
  readonly weightAttr?: ParamAttrLike;
  /** Attributes of the biases; false for none. @defaultValue zeros */
  readonly biasAttr?: ParamAttrLike;
  /** Added to variances. @defaultValue 1e-5 */
  readonly layerNormEps?: number;
}

const encoderLayerOptionNames = [
  'dropout',
  'activation',
  'attnDropout',
  'actDropout',
  'normalizeBefore',
  'weightAttr',
  'biasAttr',
  'layerNormEps',
];

/**
 * Attention, then two linear maps, each with a way around it and a normalisation (Vaswani et al., 2017).
 *
 * State: `self_attn`, `linear1`, `linear2`, `norm1`, `norm2`.
 */
export class TransformerEncoderLayer extends Layer<[src: Tensor, srcMask?: Tensor | null], Tensor> {
  /** Attention of the sequence to itself. */
  self_attn: MultiHeadAttention;
  /** Map to the inner features. */
  linear1: Linear;
  /** Dropout after the activation. */
  dropout: Dropout;
  /** Map back. */
  linear2: Linear;
  /** Normalisation of attention. */
  norm1: LayerNorm;
  /** Normalisation of the maps. */
  norm2: LayerNorm;
  /** Dropout after attention. */
  dropout1: Dropout;
  /** Dropout after the maps. */
  dropout2: Dropout;

  readonly #normalizeBefore: boolean;
  readonly #activation: keyof typeof activations;
  readonly #arguments: [number, number, number, TransformerEncoderLayerOptions];

  /**
   * @param dModel - features of the sequence
   * @param nhead - number of heads, divides `dModel`
   * @param dimFeedforward - features between the two maps
   */
  constructor(dModel: number, nhead: number, dimFeedforward: number, options: TransformerEncoderLayerOptions = {}) {
    super();
    checkOptions('TransformerEncoderLayer', options, encoderLayerOptionNames);
    const { weightAttr, biasAttr, layerNormEps = 1e-5 } = options;
    const dropout = checkNumber('dropout', options.dropout ?? 0.1, 0, 1);
    this.#arguments = [dModel, nhead, dimFeedforward, options];
    this.#normalizeBefore = checkBoolean('normalizeBefore', options.normalizeBefore ?? false);
    this.#activation = checkChoice('activation', options.activation ?? 'relu', ['relu', 'gelu']);
    const attnDropout = options.attnDropout ?? dropout;
    this.self_attn = new MultiHeadAttention(dModel, nhead, { dropout: attnDropout, weightAttr, biasAttr });
    this.linear1 = new Linear(dModel, dimFeedforward, { weightAttr, biasAttr });
    this.dropout = new Dropout(options.actDropout ?? dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { weightAttr, biasAttr });
    this.norm1 = new LayerNorm(dModel, { epsilon: layerNormEps });
    this.norm2 = new LayerNorm(dModel, { epsilon: layerNormEps });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
  }

  /** A new layer of the same options, with first values of its own. */
  another(): TransformerEncoderLayer {
    return new TransformerEncoderLayer(...this.#arguments);
  }

  /**
   * The encoded sequence, [N, length, dModel].
   *
   * @param src - [N, length, dModel]
   * @param srcMask - see {@link MultiHeadAttention}
   */
  override forward(src: Tensor, srcMask: Tensor | null = null): Tensor {
    const before = (norm: LayerNorm, x: Tensor) => (this.#normalizeBefore ? norm.forward(x) : x);
    const after = (norm: LayerNorm, x: Tensor) => (this.#normalizeBefore ? x : norm.forward(x));
    const given = before(this.norm1, src);
    const attended = this.self_attn.forward(given, given, given, srcMask);
    const middle = after(this.norm1, tf.add(src, this.dropout1.forward(attended)));
    const inner = activations[this.#activation](this.linear1.forward(before(this.norm2, middle)));
    const mapped = this.linear2.forward(this.dropout.forward(inner));
    return after(this.norm2, tf.add(middle, this.dropout2.forward(mapped)));
  }
}

/**
 * A stack of {@link TransformerEncoderLayer}s.
 *
 * State: `layers`, and `norm` where there is one.
 */
export class TransformerEncoder extends Layer<[src: Tensor, srcMask?: Tensor | null], Tensor> {
  /** The layers in order. */
  layers: LayerList;
  /** Normalisation after the last layer, or null. */
  norm: LayerNorm | null;

  /**
   * @param encoderLayer - the first layer; the others are made with its options
   * @param numLayers - number of layers
   * @param options - `norm`: normalisation after the last layer. @defaultValue null
   */
  constructor(
    encoderLayer: TransformerEncoderLayer,
    numLayers: number,
    options: { readonly norm?: LayerNorm | null } = {},
  ) {
    super();
    checkOptions('TransformerEncoder', options, ['norm']);
    checkInteger('numLayers', numLayers, 1);
    const others = Array.from({ length: numLayers - 1 }, () => encoderLayer.another());
    this.layers = new LayerList([encoderLayer, ...others] as never[]);
    this.norm = options.norm ?? null;
  }

  /**
   * The encoded sequence, [N, length, dModel].
   *
   * @param src - [N, length, dModel]
   * @param srcMask - see {@link MultiHeadAttention}
   */
  override forward(src: Tensor, srcMask: Tensor | null = null): Tensor {
    let output = src;
    for (const layer of this.layers) output = layer.forward(output, srcMask) as Tensor;
    return this.norm ? this.norm.forward(output) : output;
  }
}
