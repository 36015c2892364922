/**
 * Followers of training, evaluation and prediction.
 *
 * @module
 */
export { Callback, type CallbackHooks, type CallbackParams, type CallbackState } from './callback.js';
export type { NamedValue } from './display/format.js';
export type { Phase, Progress, ProgressDisplay } from './display/progress-display.js';
export { EarlyStopping, type EarlyStoppingOptions } from './early-stopping.js';
export { HtmlReport, type HtmlReportOptions } from './html-report.js';
export { JsonLogger, type JsonLoggerOptions } from './json-logger.js';
export { LRScheduler, type LRSchedulerOptions } from './lr-scheduler.js';
export { ModelCheckpoint, type ModelCheckpointOptions } from './model-checkpoint.js';
export type { MonitorMode, MonitorOptions } from './monitor-callback.js';
export type { OnNaN } from './nan-guard.js';
export { ProgBarLogger, type ProgBarLoggerOptions, type Verbosity } from './prog-bar-logger.js';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduce-lr-on-plateau.js';
export { RunRecorder, type PassRecord, type StepRecord } from './run-recorder.js';
export { TensorBoard, type TensorBoardOptions } from './tensorboard.js';
export { VisualDL } from './visualdl.js';
export type { BeginLogs, Logs, LogValue, ModelEventName, ModelEvents, RunEventName } from '../model/events.js';
export type { Awaitable } from '../model/promises.js';
