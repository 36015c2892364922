import { InvalidArgumentError, OutOfRangeError, ShapeMismatchError } from '../common/errors.js';
import { checkChoice, checkInteger, checkNumber, checkOptions, describeValue } from '../common/options.js';
import { Metric, type MetricArray, type MetricState } from './metric.js';

/** Options of {@link Auc}. */
export interface AucOptions {
  /** Accepted for compatibility: as in Paddle, the curve is always that of ROC. @defaultValue 'ROC' */
  readonly curve?: 'ROC' | 'PR';
  /** Number of thresholds, between which probabilities count as equal. @defaultValue 4095 */
  readonly numThresholds?: number;
  /** Name in logs. @defaultValue 'auc' */
  readonly name?: string;
}

function restoreCounts(name: string, counts: Float64Array, saved: unknown): void {
  if (!Array.isArray(saved) || saved.length !== counts.length) {
    throw new InvalidArgumentError(`${name} must hold ${counts.length} numbers, got ${describeValue(saved)}`);
  }
  counts.set(saved.map((count, index) => checkNumber(`${name}[${index}]`, count, 0)));
}

/**
 * Area under the receiver operating characteristic of yes-or-no predictions: the probability that a random sample with
 * label 1 is rated higher than one with label 0. The curve is joined by trapezoids.
 */
export class Auc extends Metric {
  readonly higherIsBetter = true;
  readonly #name: string;
  /** Numbers of samples by probability, with label 1 and with label 0. */
  readonly #positives: Float64Array;
  readonly #negatives: Float64Array;

  constructor(options: AucOptions = {}) {
    super();
    checkOptions('Auc', options, ['curve', 'numThresholds', 'name']);
    checkChoice('curve', options.curve ?? 'ROC', ['ROC', 'PR']);
    const numThresholds = checkInteger('numThresholds', options.numThresholds ?? 4095, 1);
    this.#positives = new Float64Array(numThresholds + 1);
    this.#negatives = new Float64Array(numThresholds + 1);
    this.#name = options.name ?? 'auc';
  }

  /**
   * @param predictions - probabilities of no and of yes in [0, 1], [N, 2]
   * @param labels - 0 or 1 for each, [N] or [N, 1]
   * @throws `OutOfRangeError` when a probability is none
   */
  update(predictions: MetricArray, labels: MetricArray): undefined {
    const count = labels.data.length;
    if (predictions.shape.length !== 2 || predictions.shape[1] !== 2 || predictions.shape[0] !== count) {
      throw new ShapeMismatchError(
        `Auc needs predictions [${count}, 2] for ${count} labels, got [${predictions.shape.join(', ')}]`,
      );
    }
    const thresholds = this.#positives.length - 1;
    for (let i = 0; i < count; i++) {
      const probability = predictions.data[2 * i + 1]!;
      if (!(probability >= 0 && probability <= 1)) {
        throw new OutOfRangeError(`a prediction must be a probability between 0 and 1, got ${probability}`);
      }
      // Paddle multiplies in single precision.
      const bin = Math.trunc(Math.fround(Math.fround(probability) * thresholds));
      const counts = labels.data[i] ? this.#positives : this.#negatives;
      counts[bin]!++;
    }
  }

  /** The area so far; 0 until there are samples with both labels. */
  accumulate(): number {
    let [positives, negatives, area] = [0, 0, 0];
    for (let bin = this.#positives.length - 1; bin >= 0; bin--) {
      const [before, more] = [positives, this.#negatives[bin]!];
      positives += this.#positives[bin]!;
      negatives += more;
      area += (more * (before + positives)) / 2;
    }
    return positives > 0 && negatives > 0 ? area / positives / negatives : 0;
  }

  reset(): void {
    this.#positives.fill(0);
    this.#negatives.fill(0);
  }

  override stateDict(): MetricState {
    return { positives: [...this.#positives], negatives: [...this.#negatives] };
  }

  override setStateDict({ positives, negatives }: MetricState): void {
    restoreCounts('state.positives', this.#positives, positives);
    restoreCounts('state.negatives', this.#negatives, negatives);
  }

  name(): string {
    return this.#name;
  }
}
