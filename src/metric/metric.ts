import type { Tensor } from '@tensorflow/tfjs-core';

/** The value of a metric: a number, or one for each of its names. */
export type MetricValue = number | number[];

/** The elements and the shape of a tensor, as a metric gets them. */
export interface MetricArray {
  /** Elements in C order. */
  readonly data: ArrayLike<number>;
  /** Length of each axis. */
  readonly shape: readonly number[];
}

/** The sums of a metric: a plain object of JSON's values. */
export type MetricState = Readonly<Record<string, unknown>>;

/**
 * Measures predictions. For each batch `compute` reduces outputs and labels on the device, and `update` adds the result
 * to sums that `accumulate` turns into a value.
 */
export abstract class Metric {
  /** Whether a higher value is better; what stops early or reduces rates asks it. */
  abstract readonly higherIsBetter: boolean;

  /**
   * What `update` needs of a batch.
   *
   * @param values - the network's outputs, then the labels
   * @returns a tensor or several; by default the outputs and labels as they are
   */
  compute(...values: Tensor[]): Tensor | Tensor[] {
    return values;
  }

  /**
   * Adds a batch.
   *
   * @param values - what `compute` returned
   * @returns the value of this batch, if the metric has one
   */
  abstract update(...values: MetricArray[]): MetricValue | undefined;

  /** The value over all batches since the last reset. */
  abstract accumulate(): MetricValue;

  /** Forgets all batches. */
  abstract reset(): void;

  /** The sums so far. A training can be resumed within an epoch only if all its metrics have this. */
  stateDict?(): MetricState;

  /** Goes on from the sums of `stateDict`. */
  setStateDict?(state: MetricState): void;

  /** Name of the metric, or of each of its values. */
  abstract name(): string | string[];
}
