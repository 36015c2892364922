/**
 * Precision and recall of yes-or-no predictions.
 *
 * @module
 */
import { ShapeMismatchError } from '../common/errors.js';
import { checkInteger, checkOptions } from '../common/options.js';
import { Metric, type MetricArray, type MetricState } from './metric.js';

/** Options of {@link Precision} and {@link Recall}. */
export interface BinaryMetricOptions {
  /** Name in logs. @defaultValue 'precision' or 'recall' */
  readonly name?: string;
}

/** Calls `count` with the prediction and the label of each sample. */
function eachSample(
  predictions: MetricArray,
  labels: MetricArray,
  count: (prediction: number, label: number) => void,
): void {
  const { length } = labels.data;
  if (predictions.data.length !== length) {
    throw new ShapeMismatchError(
      `predictions [${predictions.shape.join(', ')}] and labels [${labels.shape.join(', ')}] must hold one number for each sample`,
    );
  }
  for (let i = 0; i < length; i++) count(predictions.data[i]!, labels.data[i]!);
}

/** The nearest whole number, the even one of two. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below === 0.5) return below % 2 === 0 ? below : below + 1;
  return Math.round(value);
}

/**
 * Share of right predictions among those that say yes: `TP / (TP + FP)`. A prediction says yes when it rounds to 1, with
 * 0.5 rounded up.
 */
export class Precision extends Metric {
  readonly higherIsBetter = true;
  readonly #name: string;
  #truePositives = 0;
  #falsePositives = 0;

  constructor(options: BinaryMetricOptions = {}) {
    super();
    checkOptions('Precision', options, ['name']);
    this.#name = options.name ?? 'precision';
  }

  /**
   * @param predictions - probabilities of yes, [N] or [N, 1]
   * @param labels - 0 or 1 for each, [N] or [N, 1]
   * @throws `ShapeMismatchError` when their numbers differ
   */
  update(predictions: MetricArray, labels: MetricArray): undefined {
    eachSample(predictions, labels, (prediction, label) => {
      if (Math.floor(prediction + 0.5) !== 1) return;
      if (label === 1) this.#truePositives++;
      else this.#falsePositives++;
    });
  }

  /** The precision so far; 0 before the first yes. */
  accumulate(): number {
    const all = this.#truePositives + this.#falsePositives;
    return all === 0 ? 0 : this.#truePositives / all;
  }

  reset(): void {
    this.#truePositives = 0;
    this.#falsePositives = 0;
  }

  override stateDict(): MetricState {
    return { truePositives: this.#truePositives, falsePositives: this.#falsePositives };
  }

  override setStateDict({ truePositives, falsePositives }: MetricState): void {
    this.#truePositives = checkInteger('state.truePositives', truePositives, 0);
    this.#falsePositives = checkInteger('state.falsePositives', falsePositives, 0);
  }

  name(): string {
    return this.#name;
  }
}

/**
 * Share of the samples with label 1 for which the prediction says yes: `TP / (TP + FN)`. A prediction says yes when it
 * rounds to 1, with 0.5 rounded down.
 */
export class Recall extends Metric {
  readonly higherIsBetter = true;
  readonly #name: string;
  #truePositives = 0;
  #falseNegatives = 0;

  constructor(options: BinaryMetricOptions = {}) {
    super();
    checkOptions('Recall', options, ['name']);
    this.#name = options.name ?? 'recall';
  }

  /**
   * @param predictions - probabilities of yes, [N] or [N, 1]
   * @param labels - 0 or 1 for each, [N] or [N, 1]
   * @throws `ShapeMismatchError` when their numbers differ
   */
  update(predictions: MetricArray, labels: MetricArray): undefined {
    eachSample(predictions, labels, (prediction, label) => {
      if (label !== 1) return;
      if (roundHalfToEven(prediction) === 1) this.#truePositives++;
      else this.#falseNegatives++;
    });
  }

  /** The recall so far; 0 before the first sample with label 1. */
  accumulate(): number {
    const all = this.#truePositives + this.#falseNegatives;
    return all === 0 ? 0 : this.#truePositives / all;
  }

  reset(): void {
    this.#truePositives = 0;
    this.#falseNegatives = 0;
  }

  override stateDict(): MetricState {
    return { truePositives: this.#truePositives, falseNegatives: this.#falseNegatives };
  }

  override setStateDict({ truePositives, falseNegatives }: MetricState): void {
    this.#truePositives = checkInteger('state.truePositives', truePositives, 0);
    this.#falseNegatives = checkInteger('state.falseNegatives', falseNegatives, 0);
  }

  name(): string {
    return this.#name;
  }
}
