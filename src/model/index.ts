/**
 * The high-level API: a network with an optimizer, a loss and metrics, and the loops around them.
 *
 * @module
 */
export type { BatchData } from './batch-source.js';
export type { BeginLogs, Logs, LogValue, ModelEventName, ModelEvents, RunEventName } from './events.js';
export type { BatchField, BatchFields } from './fields.js';
export type { EpochRecord, History, PassResult } from './history.js';
export { InputSpec, type InputSpecOptions } from './input-spec.js';
export { ModelEmitter, type ModelListener } from './model-emitter.js';
export {
  Model,
  type BatchResult,
  type BatchResultOf,
  type EvaluateResult,
  type ModelLoadOptions,
  type LossValues,
  type MetricValues,
  type ModelSaveOptions,
  type TrainBatchOptions,
} from './model.js';
export type { Callbacks, EvaluateOptions, FitOptions, PredictOptions } from './options.js';
export type { Loss, LossFunction } from './step.js';
