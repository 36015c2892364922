/**
 * The high-level API: a network with an optimizer, a loss and metrics, and the loops around them.
 *
 * @module
 */
export type { BatchData } from './batch-source.js';
export type { BeginLogs, Logs, LogValue, ModelEventName, ModelEvents, RunEventName } from './events.js';
export type { BatchField, BatchFields } from './fields.js';
export { flops, type FlopsCounter, type FlopsOptions, type LayerClass } from './flops.js';
export type { EpochRecord, History, PassResult } from './history.js';
export type { InputDType, InputSize } from './input-size.js';
export { InputSpec, type InputSpecOptions } from './input-spec.js';
export { ModelEmitter, type ModelListener } from './model-emitter.js';
export { Model } from './model.js';
export type { BatchResult, BatchResultOf, EvaluateResult, LossValues, MetricValues } from './results.js';
export type {
  Callbacks,
  EvaluateOptions,
  FitOptions,
  ModelLoadOptions,
  ModelSaveOptions,
  ModelSummaryOptions,
  PredictOptions,
  TrainBatchOptions,
} from './options.js';
export type { Loss, LossFunction } from './step.js';
export { InterruptedError } from './signals.js';
export { summary, type SummaryInput, type SummaryOptions, type SummaryResult } from './summary.js';
