/**
 * Options of a model's methods.
 *
 * @module
 */
import type { Callback } from '../callbacks/callback.js';
import type { OnNaN } from '../callbacks/nan-guard.js';
import { checkVerbosity, type Verbosity } from '../callbacks/prog-bar-logger.js';
import { InvalidArgumentError } from '../common/errors.js';
import { checkBoolean, checkChoice, checkInteger, checkOptions, describeValue } from '../common/options.js';
import type { InputDType, InputSize } from './input-size.js';

/** One callback or several. */
export type Callbacks = Callback | readonly Callback[] | null;

/** Options of {@link Model.fit}. */
export interface FitOptions {
  /** Samples per batch, or `[training, evaluation]`; loaders and iterables have their own. @defaultValue 1 */
  readonly batchSize?: number | readonly [train: number, val: number];
  /** Passes over the training data. @defaultValue 1 */
  readonly epochs?: number;
  /** Evaluate after epochs 0, `evalFreq`, 2 `evalFreq`... @defaultValue 1 */
  readonly evalFreq?: number;
  /** Steps from one line of progress to the next. @defaultValue 10 */
  readonly logFreq?: number;
  /** Folder that receives checkpoints; null saves none. @defaultValue null */
  readonly saveDir?: string | null;
  /** Save after epochs 0, `saveFreq`, 2 `saveFreq`... @defaultValue 1 */
  readonly saveFreq?: number;
  /**
   * Also save after every so many training batches, counted over all epochs, as `step-N` in `saveDir`; of these only the
   * newest is kept. Where gradients are added up over several batches, the save waits for the optimizer's step. Metrics
   * need `stateDict` and `setStateDict`. @defaultValue null
   */
  readonly saveSteps?: number | null;
  /**
   * Go on from the newest complete checkpoint in `saveDir`; start anew when there is none. With the same script, data and
   * options the result is that of a run that was never interrupted, bit for bit. @defaultValue false
   */
  readonly resume?: boolean;
  /**
   * At Ctrl-C (SIGINT) or SIGTERM finish the batch, save a checkpoint in `saveDir`, and then end the process as the signal
   * would; a second one ends it at once. @defaultValue false
   */
  readonly stopOnSignal?: boolean;
  /** Progress: 0 nothing, 1 a bar (a line per epoch where there is no terminal), 2 lines, 3 lines with timings. @defaultValue 2 */
  readonly verbose?: Verbosity;
  /** Leave out a last training batch that is not full. @defaultValue false */
  readonly dropLast?: boolean;
  /** Shuffle the training data each epoch. @defaultValue true */
  readonly shuffle?: boolean;
  /** Threads that load data beside the main one; they are kept from epoch to epoch. @defaultValue 0 */
  readonly numWorkers?: number;
  /** Followers of the run, in order. @defaultValue null */
  readonly callbacks?: Callbacks;
  /** Batches whose gradients are added up for one step of the optimizer. @defaultValue 1 */
  readonly accumulateGradBatches?: number;
  /**
   * Batches after which to stop, counted over all epochs and their evaluations; overrides `epochs` when the training
   * data has a length. @defaultValue null
   */
  readonly numIters?: number | null;
  /**
   * When a training loss is NaN or infinite: `warn` warns once, with the epoch and step; `stop` also ends the run after
   * that batch, with a checkpoint where there is a `saveDir`. @defaultValue 'warn'
   */
  readonly onNaN?: OnNaN;
}

/** Options of {@link Model.evaluate}. */
export interface EvaluateOptions {
  /** Samples per batch; loaders and iterables have their own. @defaultValue 1 */
  readonly batchSize?: number;
  /** Steps from one line of progress to the next. @defaultValue 10 */
  readonly logFreq?: number;
  /** Progress: 0 nothing, 1 a bar (a line where there is no terminal), 2 lines, 3 lines with timings. @defaultValue 2 */
  readonly verbose?: Verbosity;
  /** Threads that load data beside the main one. @defaultValue 0 */
  readonly numWorkers?: number;
  /** Followers of the run, in order. @defaultValue null */
  readonly callbacks?: Callbacks;
  /** Batches to evaluate; all when null. @defaultValue null */
  readonly numIters?: number | null;
}

/** Options of {@link Model.predict}. */
export interface PredictOptions {
  /** Samples per batch; loaders and iterables have their own. @defaultValue 1 */
  readonly batchSize?: number;
  /** Threads that load data beside the main one. @defaultValue 0 */
  readonly numWorkers?: number;
  /** Join the batches of each output along the first axis. @defaultValue false */
  readonly stackOutputs?: boolean;
  /** Progress: 0 nothing, 1 a bar (a line where there is no terminal), 2 lines, 3 lines with timings. @defaultValue 1 */
  readonly verbose?: Verbosity;
  /** Followers of the run, in order. @defaultValue null */
  readonly callbacks?: Callbacks;
}

/** Options of {@link Model.trainBatch}. */
export interface TrainBatchOptions {
  /** Take a step of the optimizer; false only adds up gradients. @defaultValue true */
  readonly update?: boolean;
}

/** Options of {@link Model.save}. */
export interface ModelSaveOptions {
  /** Save the optimizer's state, too, to go on training. @defaultValue true */
  readonly training?: boolean;
}

/** Options of {@link Model.summary}. */
export interface ModelSummaryOptions {
  /** Sizes of the inputs. @defaultValue those of the descriptions that the model was made with */
  readonly inputSize?: InputSize | null;
  /** Element type of the inputs, or one for each. @defaultValue 'float32' */
  readonly dtype?: InputDType | readonly InputDType[] | null;
}

/** Options of {@link Model.load}. */
export interface ModelLoadOptions {
  /** Skip, with a warning, what the file lacks or has in another shape. @defaultValue false */
  readonly skipMismatch?: boolean;
  /** Leave the optimizer's state alone. @defaultValue false */
  readonly resetOptimizer?: boolean;
}

/** Every option of `Options`, none undefined, with its value checked. */
type Checked<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** {@link FitOptions} with defaults, checked. */
export interface FitSettings extends Omit<Checked<FitOptions>, 'batchSize' | 'callbacks'> {
  readonly trainBatchSize: number;
  readonly valBatchSize: number;
  readonly callbacks: readonly Callback[];
}

/** {@link EvaluateOptions} with defaults, checked. */
export type EvaluateSettings = Omit<Checked<EvaluateOptions>, 'callbacks'> & {
  readonly callbacks: readonly Callback[];
};

/** {@link PredictOptions} with defaults, checked. */
export type PredictSettings = Omit<Checked<PredictOptions>, 'callbacks'> & { readonly callbacks: readonly Callback[] };

const fitOptionNames = [
  'batchSize',
  'epochs',
  'evalFreq',
  'logFreq',
  'saveDir',
  'saveFreq',
  'saveSteps',
  'resume',
  'stopOnSignal',
  'verbose',
  'dropLast',
  'shuffle',
  'numWorkers',
  'callbacks',
  'accumulateGradBatches',
  'numIters',
  'onNaN',
];

/** The options of `fit`, checked. */
export function readFitOptions(options: FitOptions): FitSettings {
  checkOptions('Model.fit', options, fitOptionNames);
  const [trainBatchSize, valBatchSize] = readBatchSizes(options.batchSize ?? 1);
  const { saveSteps = null } = options;
  const settings = {
    trainBatchSize,
    valBatchSize,
    epochs: checkInteger('epochs', options.epochs ?? 1, 1),
    evalFreq: checkInteger('evalFreq', options.evalFreq ?? 1, 1),
    logFreq: checkInteger('logFreq', options.logFreq ?? 10, 1),
    saveDir: readPath('saveDir', options.saveDir ?? null),
    saveFreq: checkInteger('saveFreq', options.saveFreq ?? 1, 1),
    saveSteps: saveSteps === null ? null : checkInteger('saveSteps', saveSteps, 1),
    resume: checkBoolean('resume', options.resume ?? false),
    stopOnSignal: checkBoolean('stopOnSignal', options.stopOnSignal ?? false),
    verbose: checkVerbosity(options.verbose ?? 2),
    dropLast: checkBoolean('dropLast', options.dropLast ?? false),
    shuffle: checkBoolean('shuffle', options.shuffle ?? true),
    numWorkers: checkInteger('numWorkers', options.numWorkers ?? 0, 0),
    callbacks: readCallbacks(options.callbacks ?? null),
    accumulateGradBatches: checkInteger('accumulateGradBatches', options.accumulateGradBatches ?? 1, 1),
    numIters: readLimit(options.numIters ?? null),
    onNaN: checkChoice('onNaN', options.onNaN ?? 'warn', ['warn', 'stop']),
  };
  if (settings.saveDir === null) {
    for (const name of ['saveSteps', 'resume', 'stopOnSignal'] as const) {
      if (settings[name]) throw new InvalidArgumentError(`${name} needs saveDir, the folder of the checkpoints`);
    }
  }
  return settings;
}

/** The options of `evaluate`, checked. */
export function readEvaluateOptions(options: EvaluateOptions): EvaluateSettings {
  checkOptions('Model.evaluate', options, ['batchSize', 'logFreq', 'verbose', 'numWorkers', 'callbacks', 'numIters']);
  return {
    batchSize: checkInteger('batchSize', options.batchSize ?? 1, 1),
    logFreq: checkInteger('logFreq', options.logFreq ?? 10, 1),
    verbose: checkVerbosity(options.verbose ?? 2),
    numWorkers: checkInteger('numWorkers', options.numWorkers ?? 0, 0),
    callbacks: readCallbacks(options.callbacks ?? null),
    numIters: readLimit(options.numIters ?? null),
  };
}

/** The options of `predict`, checked. */
export function readPredictOptions(options: PredictOptions): PredictSettings {
  checkOptions('Model.predict', options, ['batchSize', 'numWorkers', 'stackOutputs', 'verbose', 'callbacks']);
  return {
    batchSize: checkInteger('batchSize', options.batchSize ?? 1, 1),
    numWorkers: checkInteger('numWorkers', options.numWorkers ?? 0, 0),
    stackOutputs: checkBoolean('stackOutputs', options.stackOutputs ?? false),
    verbose: checkVerbosity(options.verbose ?? 1),
    callbacks: readCallbacks(options.callbacks ?? null),
  };
}

function readBatchSizes(value: number | readonly number[]): [train: number, val: number] {
  if (!Array.isArray(value)) {
    const size = checkInteger('batchSize', value, 1);
    return [size, size];
  }
  if (value.length !== 2) {
    throw new InvalidArgumentError(
      `batchSize must be a positive integer or two of them, for training and evaluation, got ${describeValue(value)}`,
    );
  }
  return [checkInteger('batchSize[0]', value[0], 1), checkInteger('batchSize[1]', value[1], 1)];
}

function readPath(name: string, value: unknown): string | null {
  if (value === null || (typeof value === 'string' && value !== '')) return value;
  throw new InvalidArgumentError(`${name} must be a path, got ${describeValue(value)}`);
}

function readLimit(value: number | null): number | null {
  return value === null ? null : checkInteger('numIters', value, 1);
}

/** A callback is told by its methods, so that one of another copy of the library serves, too. */
function isCallback(value: unknown): value is Callback {
  return typeof (value as { setModel?: unknown } | null)?.setModel === 'function';
}

function readCallbacks(value: Callbacks): readonly Callback[] {
  const list: readonly unknown[] = value === null ? [] : Array.isArray(value) ? value : [value];
  return list.map((callback, index) => {
    if (isCallback(callback)) return callback;
    throw new InvalidArgumentError(`callbacks[${index}] must be a Callback, got ${describeValue(callback)}`);
  });
}
