/**
 * What a model reports while it trains, evaluates and predicts.
 *
 * @module
 */

/** A value in logs: the losses, or what a metric has come to. */
export type LogValue = number | readonly number[];

/**
 * What is known after a batch: the losses of the batch, every metric under its name as accumulated so far, `step` and
 * `batchSize`.
 */
export interface Logs {
  /** The losses of the last batch, one per loss; absent without a loss. */
  readonly loss?: readonly number[];
  /** Number of the batch within the epoch, from 0. */
  readonly step?: number;
  /** Samples in the batch. */
  readonly batchSize?: number;
  readonly [metric: string]: LogValue | undefined;
}

/** What is known before an evaluation or a prediction. */
export interface BeginLogs {
  /** Number of batches, or undefined when the data has no length. */
  readonly steps: number | undefined;
  /** Names that the logs will have: `loss` and the metrics. Absent in a prediction. */
  readonly metrics?: readonly string[];
}

/**
 * Every event of a model and its arguments. A callback has a method for each but `checkpoint` (`epochEnd` is
 * `onEpochEnd`).
 *
 * In `fit` they come as `trainBegin`, then per epoch `epochBegin`, `trainBatchBegin` and `trainBatchEnd` per batch,
 * `epochEnd`, and where the epoch is evaluated `evalBegin`, `evalBatchBegin`, `evalBatchEnd`, `evalEnd`; at last
 * `trainEnd`, with the logs of whatever ran last.
 */
export interface ModelEvents {
  trainBegin: [logs?: Logs];
  trainEnd: [logs: Logs];
  epochBegin: [epoch: number, logs?: Logs];
  epochEnd: [epoch: number, logs: Logs];
  trainBatchBegin: [step: number, logs: Logs];
  trainBatchEnd: [step: number, logs: Logs];
  evalBegin: [logs: BeginLogs];
  evalEnd: [logs: Logs];
  evalBatchBegin: [step: number, logs: Logs];
  evalBatchEnd: [step: number, logs: Logs];
  predictBegin: [logs: BeginLogs];
  predictEnd: [logs: Logs];
  predictBatchBegin: [step: number, logs: Logs];
  predictBatchEnd: [step: number, logs: Logs];
  /** A checkpoint was written; `path` is absolute and without extension. */
  checkpoint: [path: string];
}

/** Name of an event of a model. */
export type ModelEventName = keyof ModelEvents;

/** Name of an event that a run of `fit`, `evaluate` or `predict` consists of; callbacks have a hook for each. */
export type RunEventName = Exclude<ModelEventName, 'checkpoint'>;

/** Tells everybody who follows a run of an event, and waits for their promises. */
export type Notify = <Name extends RunEventName>(event: Name, ...args: ModelEvents[Name]) => Promise<void>;
