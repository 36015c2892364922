import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../autograd/index.js';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { sameShape } from '../common/ndarray.js';
import { checkInteger, checkNumber, checkOptions, describeValue } from '../common/options.js';
import { Metric, type MetricArray, type MetricState, type MetricValue } from './metric.js';

/** Options of {@link Accuracy}. */
export interface AccuracyOptions {
  /** A prediction counts when the label is among the k likeliest classes; one value for each k. @defaultValue [1] */
  readonly topk?: readonly number[];
  /** Name in logs. @defaultValue 'acc' */
  readonly name?: string | null;
}

/** Rank of the label among the classes of each row, 0 for the likeliest. The first of equal ones comes first. */
function ranks(scores: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: labels.length }, (_, row) => {
    const start = row * classes;
    const label = labels[row] ?? -1;
    const own = scores[start + label];
    if (own === undefined || label < 0 || label >= classes) return classes;
    if (Number.isNaN(own)) return classes;
    let rank = 0;
    for (let i = start; i < start + label; i++) if ((scores[i] ?? 0) >= own) rank++;
    for (let i = start + label + 1; i < start + classes; i++) if ((scores[i] ?? 0) > own) rank++;
    return rank;
  });
}

/** Class of each row: labels of the form [N] or [N, 1], or the likeliest class of one-hot or soft labels. */
function hardLabels(prediction: Tensor, label: Tensor): ArrayLike<number> {
  const rows = prediction.shape.slice(0, -1);
  if (sameShape(label.shape, rows) || sameShape(label.shape, [...rows, 1])) return label.dataSync();
  if (sameShape(label.shape, prediction.shape)) return tf.tidy(() => tf.argMax(label, -1).dataSync());
  throw new ShapeMismatchError(
    `labels for predictions [${prediction.shape.join(', ')}] must have shape [${rows.join(', ')}], [${[...rows, 1].join(', ')}] or that of the predictions, got [${label.shape.join(', ')}]`,
  );
}

/** Share of samples whose label is among the k likeliest classes. */
export class Accuracy extends Metric {
  readonly higherIsBetter = true;
  readonly #topk: readonly number[];
  readonly #names: string[];
  #correct: number[] = [];
  #count = 0;

  constructor(options: AccuracyOptions = {}) {
    super();
    checkOptions('Accuracy', options, ['topk', 'name']);
    const { topk = [1], name } = options;
    if (!Array.isArray(topk) || topk.length === 0) {
      throw new InvalidArgumentError(`topk must be an array of positive integers, got ${describeValue(topk)}`);
    }
    topk.forEach((k, index) => checkInteger(`topk[${index}]`, k, 1));
    this.#topk = topk as readonly number[];
    const base = name ?? 'acc';
    this.#names = Math.max(...this.#topk) === 1 ? [base] : this.#topk.map((k) => `${base}_top${k}`);
    this.reset();
  }

  /**
   * Which of the likeliest classes is the label.
   *
   * @param prediction - scores [..., C]
   * @param label - classes [...] or [..., 1], or one-hot or soft labels [..., C]
   * @returns `[..., max(topk)]`, with 1 where the class of that rank is the label, else 0
   */
  override compute(prediction: Tensor, label: Tensor): Tensor {
    const rows = prediction.shape.slice(0, -1);
    const classes = prediction.shape.at(-1) ?? 0;
    const width = Math.min(Math.max(...this.#topk), classes);
    const found = ranks(prediction.dataSync(), hardLabels(prediction, label), classes);
    const mask = new Float32Array(found.length * width);
    found.forEach((rank, row) => {
      if (rank < width) mask[row * width + rank] = 1;
    });
    return noGrad(() => tf.tensor(mask, [...rows, width]));
  }

  /**
   * @param correct - what {@link Accuracy.compute} returned
   * @returns the accuracy of this batch
   */
  update(correct: MetricArray): MetricValue {
    const width = correct.shape.at(-1) ?? 1;
    const count = correct.data.length / width;
    const sums = this.#topk.map((k) => {
      let sum = 0;
      for (let i = 0; i < correct.data.length; i++) {
        if (i % width < k) sum += correct.data[i] ?? 0;
      }
      return sum;
    });
    this.#correct = this.#correct.map((total, index) => total + (sums[index] ?? 0));
    this.#count += count;
    return unwrap(sums.map((sum) => (count === 0 ? 0 : sum / count)));
  }

  accumulate(): MetricValue {
    return unwrap(this.#correct.map((correct) => (this.#count === 0 ? 0 : correct / this.#count)));
  }

  reset(): void {
    this.#correct = this.#topk.map(() => 0);
    this.#count = 0;
  }

  override stateDict(): MetricState {
    return { correct: [...this.#correct], count: this.#count };
  }

  override setStateDict({ correct, count }: MetricState): void {
    if (!Array.isArray(correct) || correct.length !== this.#topk.length) {
      throw new InvalidArgumentError(
        `state.correct must hold ${this.#topk.length} sums, one for each k, got ${describeValue(correct)}`,
      );
    }
    this.#correct = correct.map((sum, index) => checkNumber(`state.correct[${index}]`, sum, 0));
    this.#count = checkInteger('state.count', count, 0);
  }

  name(): string[] {
    return this.#names;
  }
}

function unwrap(values: number[]): MetricValue {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : values;
}

/** Options of {@link accuracy}. */
export interface AccuracyFunctionOptions {
  /** A prediction counts when the label is among the k likeliest classes. @defaultValue 1 */
  readonly k?: number;
}

/**
 * Share of samples whose label is among the k likeliest classes.
 *
 * @param input - scores [N, C]
 * @param label - classes [N, 1], int32
 * @returns a scalar tensor
 */
export function accuracy(input: Tensor, label: Tensor, options: AccuracyFunctionOptions = {}): Tensor {
  checkOptions('accuracy', options, ['k']);
  const k = checkInteger('k', options.k ?? 1, 1);
  const [rows = 0, classes = 0] = input.shape;
  if (input.rank !== 2 || !sameShape(label.shape, [rows, 1])) {
    throw new ShapeMismatchError(
      `accuracy needs an input [N, C] and labels [N, 1], got [${input.shape.join(', ')}] and [${label.shape.join(', ')}]`,
    );
  }
  const found = ranks(input.dataSync(), label.dataSync(), classes);
  const correct = found.reduce((sum, rank) => sum + (rank < k ? 1 : 0), 0);
  return noGrad(() => tf.scalar(rows === 0 ? 0 : correct / rows));
}
