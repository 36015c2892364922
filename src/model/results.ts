/**
 * What a model's methods return.
 *
 * @module
 */
import type { Metric, MetricValue } from '../metric/index.js';
import type { LogValue } from './events.js';

/** The losses of a batch, one per tensor that the loss returns. */
export type LossValues = readonly number[];

/** For each metric what its `update` returned for a batch; undefined for a metric that has no value of a batch. */
export type MetricValues = readonly (MetricValue | undefined)[];

/** What `trainBatch` and `evalBatch` return: losses, metrics, or both where both are prepared. */
export type BatchResult = LossValues | MetricValues | readonly [losses: LossValues, metrics: MetricValues];

/** {@link BatchResult} by the types of the loss and the metrics. */
export type BatchResultOf<L, M> = [M] extends [null | undefined | readonly []]
  ? [L] extends [null | undefined]
    ? readonly []
    : LossValues
  : [L] extends [null | undefined]
    ? MetricValues
    : [M] extends [Metric | readonly [Metric, ...Metric[]]]
      ? readonly [losses: LossValues, metrics: MetricValues]
      : BatchResult;

/** Losses of the last batch and each metric's value over the data, by name. */
export interface EvaluateResult {
  /** The losses of the last batch; absent without a loss. */
  readonly loss?: LossValues;
  readonly [metric: string]: LogValue | undefined;
}
