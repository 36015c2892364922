/**
 * Loss layers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkChoice, checkOptions } from '../common/options.js';
import {
  mseLoss,
  l1Loss,
  smoothL1Loss,
  klDiv,
  klDivOptionNames,
  poissonNllLoss,
  gaussianNllLoss,
  type SmoothL1LossOptions,
  type KlDivOptions,
  type PoissonNllLossOptions,
  type GaussianNllLossOptions,
} from './functional/regression-loss.js';
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  nllLoss,
  softMarginLoss,
  multiMarginLoss,
  multiMarginLossOptionNames,
  multiLabelSoftMarginLoss,
  multiLabelMarginLoss,
  type BinaryCrossEntropyWithLogitsOptions,
  type NllLossOptions,
  type MultiMarginLossOptions,
} from './functional/classification-loss.js';
import {
  marginRankingLoss,
  hingeEmbeddingLoss,
  cosineEmbeddingLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
  tripletMarginLossOptionNames,
  tripletDistanceOptionNames,
  type MarginOptions,
  type TripletMarginLossOptions,
  type TripletMarginWithDistanceLossOptions,
} from './functional/distance.js';
import { reductions, type ReductionOptions, type WeightedLossOptions } from './functional/reduction.js';
import { crossEntropy, crossEntropyOptionNames, type CrossEntropyOptions } from './functional/cross-entropy.js';
import { Layer } from './layer/layer.js';

const marginOptionNames = ['margin', 'reduction'];

/** Checks what can be checked before there is an input. */
function checkLossOptions(where: string, options: { readonly reduction?: string }, names: readonly string[]): void {
  checkOptions(where, options, names);
  const choices = where === 'KLDivLoss' ? [...reductions, 'batchmean'] : reductions;
  checkChoice('reduction', options.reduction ?? 'mean', choices);
}

/** Cross entropy between predictions and labels, see {@link functional.crossEntropy}. */
export class CrossEntropyLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: CrossEntropyOptions;

  constructor(options: CrossEntropyOptions = {}) {
    super();
    checkLossOptions('CrossEntropyLoss', options, crossEntropyOptionNames);
    this.#options = options;
  }

  /**
   * The loss of predictions.
   *
   * @param input - logits with the classes along `axis`
   * @param label - int32 of shape [N, 1] or [N], or with `softLabel` probabilities of the shape of the input
   */
  override forward(input: Tensor, label: Tensor): Tensor {
    return crossEntropy(input, label, this.#options);
  }
}

/** Squared error, see {@link functional.mseLoss}. */
export class MSELoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: ReductionOptions;

  constructor(options: ReductionOptions = {}) {
    super();
    checkLossOptions('MSELoss', options, ['reduction']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return mseLoss(input, label, this.#options);
  }
}

/** Absolute error, see {@link functional.l1Loss}. */
export class L1Loss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: ReductionOptions;

  constructor(options: ReductionOptions = {}) {
    super();
    checkLossOptions('L1Loss', options, ['reduction']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return l1Loss(input, label, this.#options);
  }
}

/** Huber's loss, see {@link functional.smoothL1Loss}. */
export class SmoothL1Loss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: SmoothL1LossOptions;

  constructor(options: SmoothL1LossOptions = {}) {
    super();
    checkLossOptions('SmoothL1Loss', options, ['reduction', 'delta', 'isHuber']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return smoothL1Loss(input, label, this.#options);
  }
}

/** Cross entropy of probabilities, see {@link functional.binaryCrossEntropy}. */
export class BCELoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: WeightedLossOptions;

  constructor(options: WeightedLossOptions = {}) {
    super();
    checkLossOptions('BCELoss', options, ['weight', 'reduction']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return binaryCrossEntropy(input, label, this.#options);
  }
}

/** Cross entropy of logits, one class at a time, see {@link functional.binaryCrossEntropyWithLogits}. */
export class BCEWithLogitsLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: BinaryCrossEntropyWithLogitsOptions;

  constructor(options: BinaryCrossEntropyWithLogitsOptions = {}) {
    super();
    checkLossOptions('BCEWithLogitsLoss', options, ['weight', 'reduction', 'posWeight']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(input, label, this.#options);
  }
}

/** Negative logarithm of the probability of the label, see {@link functional.nllLoss}. */
export class NLLLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: NllLossOptions;

  constructor(options: NllLossOptions = {}) {
    super();
    checkLossOptions('NLLLoss', options, ['weight', 'ignoreIndex', 'reduction']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return nllLoss(input, label, this.#options);
  }
}

/** Divergence of Kullback and Leibler, see {@link functional.klDiv}. */
export class KLDivLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: KlDivOptions;

  constructor(options: KlDivOptions = {}) {
    super();
    checkLossOptions('KLDivLoss', options, klDivOptionNames);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return klDiv(input, label, this.#options);
  }
}

/** Negative log likelihood of counts, see {@link functional.poissonNllLoss}. */
export class PoissonNLLLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: PoissonNllLossOptions;

  constructor(options: PoissonNllLossOptions = {}) {
    super();
    checkLossOptions('PoissonNLLLoss', options, ['logInput', 'full', 'epsilon', 'reduction']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return poissonNllLoss(input, label, this.#options);
  }
}

/** Negative log likelihood under normal distributions, see {@link functional.gaussianNllLoss}. */
export class GaussianNLLLoss extends Layer<[input: Tensor, label: Tensor, variance: Tensor], Tensor> {
  readonly #options: GaussianNllLossOptions;

  constructor(options: GaussianNllLossOptions = {}) {
    super();
    checkLossOptions('GaussianNLLLoss', options, ['full', 'epsilon', 'reduction']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor, variance: Tensor): Tensor {
    return gaussianNllLoss(input, label, variance, this.#options);
  }
}

/** Logistic loss for labels -1 and 1, see {@link functional.softMarginLoss}. */
export class SoftMarginLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: ReductionOptions;

  constructor(options: ReductionOptions = {}) {
    super();
    checkLossOptions('SoftMarginLoss', options, ['reduction']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return softMarginLoss(input, label, this.#options);
  }
}

/** Hinge loss of several classes, see {@link functional.multiMarginLoss}. */
export class MultiMarginLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: MultiMarginLossOptions;

  constructor(options: MultiMarginLossOptions = {}) {
    super();
    checkLossOptions('MultiMarginLoss', options, multiMarginLossOptionNames);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return multiMarginLoss(input, label, this.#options);
  }
}

/** Cross entropy of logits for samples with several labels, see {@link functional.multiLabelSoftMarginLoss}. */
export class MultiLabelSoftMarginLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: WeightedLossOptions;

  constructor(options: WeightedLossOptions = {}) {
    super();
    checkLossOptions('MultiLabelSoftMarginLoss', options, ['weight', 'reduction']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return multiLabelSoftMarginLoss(input, label, this.#options);
  }
}

/** Hinge loss for samples with several labels, see {@link functional.multiLabelMarginLoss}. */
export class MultiLabelMarginLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: ReductionOptions;

  constructor(options: ReductionOptions = {}) {
    super();
    checkLossOptions('MultiLabelMarginLoss', options, ['reduction']);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return multiLabelMarginLoss(input, label, this.#options);
  }
}

/** Loss of pairs that should have an order, see {@link functional.marginRankingLoss}. */
export class MarginRankingLoss extends Layer<[input: Tensor, other: Tensor, label: Tensor], Tensor> {
  readonly #options: MarginOptions;

  constructor(options: MarginOptions = {}) {
    super();
    checkLossOptions('MarginRankingLoss', options, marginOptionNames);
    this.#options = options;
  }

  override forward(input: Tensor, other: Tensor, label: Tensor): Tensor {
    return marginRankingLoss(input, other, label, this.#options);
  }
}

/** Loss of distances that should be small or large, see {@link functional.hingeEmbeddingLoss}. */
export class HingeEmbeddingLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: MarginOptions;

  constructor(options: MarginOptions = {}) {
    super();
    checkLossOptions('HingeEmbeddingLoss', options, marginOptionNames);
    this.#options = options;
  }

  override forward(input: Tensor, label: Tensor): Tensor {
    return hingeEmbeddingLoss(input, label, this.#options);
  }
}

/** Loss of pairs of vectors that should be alike or not, see {@link functional.cosineEmbeddingLoss}. */
export class CosineEmbeddingLoss extends Layer<[input1: Tensor, input2: Tensor, label: Tensor], Tensor> {
  readonly #options: MarginOptions;

  constructor(options: MarginOptions = {}) {
    super();
    checkLossOptions('CosineEmbeddingLoss', options, marginOptionNames);
    this.#options = options;
  }

  override forward(input1: Tensor, input2: Tensor, label: Tensor): Tensor {
    return cosineEmbeddingLoss(input1, input2, label, this.#options);
  }
}

/** Loss of triplets: the positive should be nearer than the negative, see {@link functional.tripletMarginLoss}. */
export class TripletMarginLoss extends Layer<[input: Tensor, positive: Tensor, negative: Tensor], Tensor> {
  readonly #options: TripletMarginLossOptions;

  constructor(options: TripletMarginLossOptions = {}) {
    super();
    checkLossOptions('TripletMarginLoss', options, tripletMarginLossOptionNames);
    this.#options = options;
  }

  override forward(input: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(input, positive, negative, this.#options);
  }
}

/** Loss of triplets by any distance, see {@link functional.tripletMarginWithDistanceLoss}. */
export class TripletMarginWithDistanceLoss extends Layer<[input: Tensor, positive: Tensor, negative: Tensor], Tensor> {
  readonly #options: TripletMarginWithDistanceLossOptions;

  constructor(options: TripletMarginWithDistanceLossOptions = {}) {
    super();
    checkLossOptions('TripletMarginWithDistanceLoss', options, tripletDistanceOptionNames);
    this.#options = options;
  }

  override forward(input: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginWithDistanceLoss(input, positive, negative, this.#options);
  }
}
