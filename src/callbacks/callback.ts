/**
 * Base of all callbacks.
 *
 * @module
 */
import { NotPreparedError } from '../common/errors.js';
import type { BeginLogs, Logs, ModelEvents, RunEventName } from '../model/events.js';
import type { Model } from '../model/model.js';
import type { Awaitable } from '../model/promises.js';

/** What a run is about, as a callback learns it before the first hook. */
export interface CallbackParams {
  /** Passes over the training data; undefined in `evaluate` and `predict`. */
  readonly epochs: number | undefined;
  /** Training batches of an epoch; undefined when the data has no length, and in `evaluate` and `predict`. */
  readonly steps: number | undefined;
  /** How much is shown: 0 nothing, 1 a progress bar, 2 a line per `logFreq` batches, 3 the same with timings. */
  readonly verbose: number;
  /** Names that the logs will have: `loss` and the metrics. */
  readonly metrics: readonly string[];
  /** Folder that receives checkpoints, or null. */
  readonly saveDir: string | null;
}

/** What a callback remembers from one run to its continuation: a plain object of JSON's values. */
export type CallbackState = Readonly<Record<string, unknown>>;

/** A method per event of a run: `epochEnd` is `onEpochEnd`. */
export type CallbackHooks = {
  [Name in RunEventName as `on${Capitalize<Name>}`]: (...args: ModelEvents[Name]) => Awaitable;
};

/* eslint-disable @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-function -- the base's hooks do nothing; their parameters are documentation */

/**
 * Base of all callbacks: objects that follow `fit`, `evaluate` and `predict`.
 *
 * A subclass overrides the hooks it needs. A hook may return a promise; the run waits for it, and fails if it rejects.
 * Epochs and steps count from 0.
 *
 * @example
 * ```ts
 * class Halve extends Callback {
 *   override onEpochEnd(epoch: number, logs: Logs): void {
 *     if (Number(logs.acc) > 0.9) this.model.optimizer?.setLr(this.model.optimizer.getLr() / 2);
 *   }
 * }
 * ```
 */
export abstract class Callback implements CallbackHooks {
  #model: Model | undefined;
  #params: CallbackParams | undefined;

  /** The model that runs. Set before the first hook. */
  get model(): Model {
    return this.#model ?? notInRun('model');
  }

  /** What the run is about. Set before the first hook. */
  get params(): CallbackParams {
    return this.#params ?? notInRun('params');
  }

  /** Called before the first hook of a run. */
  setModel(model: Model): void {
    this.#model = model;
  }

  /** Called before the first hook of a run. */
  setParams(params: CallbackParams): void {
    this.#params = params;
  }

  /**
   * What a resumed run needs to go on as if it had not been interrupted; by default nothing. Called within a run, between
   * two hooks.
   */
  stateDict(): CallbackState {
    return {};
  }

  /**
   * Takes back a state of {@link Callback.stateDict}. Called within the resumed run, after `onTrainBegin`, which starts
   * anew.
   */
  setStateDict(state: CallbackState): void {}

  /** `fit` starts. */
  onTrainBegin(logs?: Logs): Awaitable {}

  /** `fit` ends; `logs` are those of the last epoch, or of the evaluation that followed it. */
  onTrainEnd(logs: Logs): Awaitable {}

  /** An epoch starts. */
  onEpochBegin(epoch: number, logs?: Logs): Awaitable {}

  /** An epoch's training ends, before its evaluation; `logs` are those of its last batch. */
  onEpochEnd(epoch: number, logs: Logs): Awaitable {}

  /** A batch is there and will be trained on; `logs` have `step` and `batchSize`. */
  onTrainBatchBegin(step: number, logs: Logs): Awaitable {}

  /** A batch was trained on. */
  onTrainBatchEnd(step: number, logs: Logs): Awaitable {}

  /** An evaluation starts. */
  onEvalBegin(logs: BeginLogs): Awaitable {}

  /** An evaluation ends; the metrics in `logs` are those of the whole data. */
  onEvalEnd(logs: Logs): Awaitable {}

  /** A batch is there and will be evaluated; `logs` have `step` and `batchSize`. */
  onEvalBatchBegin(step: number, logs: Logs): Awaitable {}

  /** A batch was evaluated. */
  onEvalBatchEnd(step: number, logs: Logs): Awaitable {}

  /** A prediction starts. */
  onPredictBegin(logs: BeginLogs): Awaitable {}

  /** A prediction ends. */
  onPredictEnd(logs: Logs): Awaitable {}

  /** A batch is there and its outputs will be computed; `logs` have `step` and `batchSize`. */
  onPredictBatchBegin(step: number, logs: Logs): Awaitable {}

  /** A batch's outputs were computed; `logs` have `step` and `batchSize`. */
  onPredictBatchEnd(step: number, logs: Logs): Awaitable {}

  /** The run is over, also when it failed: closes what the callback holds open. */
  close(): Awaitable {}
}

function notInRun(name: string): never {
  throw new NotPreparedError(`a callback has no ${name} before fit, evaluate or predict runs it`);
}
