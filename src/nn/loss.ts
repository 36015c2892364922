/**
 * Loss layers.
 *
 * @module
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkChoice, checkOptions } from '../common/options.js';
import { crossEntropy, crossEntropyOptionNames, type CrossEntropyOptions } from './functional/loss.js';
import { Layer } from './layer/layer.js';

/** Cross entropy between predictions and labels, see {@link functional.crossEntropy}. */
export class CrossEntropyLoss extends Layer<[input: Tensor, label: Tensor], Tensor> {
  readonly #options: CrossEntropyOptions;

  constructor(options: CrossEntropyOptions = {}) {
    super();
    checkOptions('CrossEntropyLoss', options, crossEntropyOptionNames);
    checkChoice('reduction', options.reduction ?? 'mean', ['mean', 'sum', 'none']);
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
