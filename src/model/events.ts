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
  /** A run of `fit` begins. */
  trainBegin: [logs?: Logs];
  /** A run of `fit` has ended. */
  trainEnd: [logs: Logs];
  /** An epoch, counted from 0, begins. */
  epochBegin: [epoch: number, logs?: Logs];
  /** An epoch has ended, before its evaluation. */
  epochEnd: [epoch: number, logs: Logs];
  /** A batch, counted from 0 in its epoch, was fetched. */
  trainBatchBegin: [step: number, logs: Logs];
  /** A batch was trained on. */
  trainBatchEnd: [step: number, logs: Logs];
  /** An evaluation begins. */
  evalBegin: [logs: BeginLogs];
  /** An evaluation has ended. */
  evalEnd: [logs: Logs];
  /** A batch of an evaluation was fetched. */
  evalBatchBegin: [step: number, logs: Logs];
  /** A batch was evaluated. */
  evalBatchEnd: [step: number, logs: Logs];
  /** A prediction begins. */
  predictBegin: [logs: BeginLogs];
  /** A prediction has ended. */
  predictEnd: [logs: Logs];
  /** A batch of a prediction was fetched. */
  predictBatchBegin: [step: number, logs: Logs];
  /** A batch was predicted. */
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
