/**
 * Networks with an optimizer, a loss and metrics.
 *
 * @module
 */
import { resolve } from 'node:path';
import { withProgress, withTraining } from '../callbacks/automatic.js';
import type { CallbackParams } from '../callbacks/callback.js';
import { InvalidArgumentError, NotPreparedError } from '../common/errors.js';
import type { NdArray } from '../common/ndarray.js';
import { checkBoolean, checkOptions, describeValue } from '../common/options.js';
import { nextStream } from '../common/random.js';
import { isLibraryLayer } from '../jit/library-layers.js';
import { RecordedForward } from '../jit/recorded-forward.js';
import type { Metric } from '../metric/index.js';
import { Layer, type AnyLayer } from '../nn/layer/layer.js';
import type { Parameter } from '../nn/parameter.js';
import type { Optimizer } from '../optimizer/index.js';
import { BatchSource, type BatchData } from './batch-source.js';
import { countInputs, splitFields, toFields, type BatchField, type BatchFields } from './fields.js';
import type { History } from './history.js';
import type { InputSize } from './input-size.js';
import { toSpecs, type InputSpec } from './input-spec.js';
import { ModelEmitter } from './model-emitter.js';
import {
  readEvaluateOptions,
  readFitOptions,
  readPredictOptions,
  type EvaluateOptions,
  type FitOptions,
  type ModelLoadOptions,
  type ModelSaveOptions,
  type ModelSummaryOptions,
  type PredictOptions,
  type TrainBatchOptions,
} from './options.js';
import { joinBatches, outputsByPosition } from './outputs.js';
import type { BatchResult, BatchResultOf, EvaluateResult } from './results.js';
import { Run, logNames } from './run.js';
import { untilSignal } from './signals.js';
import { findStart } from './start.js';
import { loadState, saveState } from './state-files.js';
import { evalStep, predictStep, trainStep, type Loss, type PendingResult, type StepResult } from './step.js';
import { isSize, summary, type SummaryResult } from './summary.js';
import { Training } from './training.js';

/**
 * A network with what it takes to train, evaluate and use it.
 *
 * Everything that happens in a run is an event (see `ModelEvents`); listeners may return promises, and the run waits
 * for them.
 *
 * @typeParam Result - what `trainBatch` and `evalBatch` return, known after {@link Model.prepare}
 *
 * @example
 * ```ts
 * const model = new Model(new LeNet());
 * model.prepare(new Adam({ parameters: model.parameters() }), new CrossEntropyLoss(), new Accuracy());
 * const history = await model.fit(trainDataset, valDataset, { epochs: 2, batchSize: 64 });
 * ```
 */
export class Model<Result extends BatchResult = BatchResult> extends ModelEmitter {
  /** The network. */
  readonly network: AnyLayer;
  /** Set to true to end `fit` after the epoch that runs and its evaluation. `fit` starts with false. */
  stopTraining = false;
  /** Set to true to end `fit` after the batch that runs: `trainEnd` follows at once. `fit` starts with false. */
  stopAfterBatch = false;

  readonly #recorded: RecordedForward;
  readonly #inputs: readonly InputSpec[] | undefined;
  readonly #labels: readonly InputSpec[] | undefined;
  #optimizer: Optimizer | null = null;
  #loss: Loss | null = null;
  #metrics: readonly Metric[] = [];
  #training: Training | null = null;

  /**
   * @param network - any layer
   * @param inputs - descriptions of the network's inputs; their number says which fields of a batch are inputs. Without
   * them it is the number of parameters of the network's `forward`, those with defaults and rest parameters left out
   * @param labels - descriptions of the labels
   */
  constructor(
    network: AnyLayer,
    inputs?: InputSpec | readonly InputSpec[] | null,
    labels?: InputSpec | readonly InputSpec[] | null,
  ) {
    super();
    if (!(network instanceof Layer)) {
      throw new InvalidArgumentError(`network must be a Layer, got ${describeValue(network)}`);
    }
    this.network = network;
    this.#recorded = new RecordedForward(network, (...inputs) => network.forward(...inputs), isLibraryLayer);
    this.#inputs = toSpecs('inputs', inputs);
    this.#labels = toSpecs('labels', labels);
  }

  /** The optimizer of {@link Model.prepare}, or null. */
  get optimizer(): Optimizer | null {
    return this.#optimizer;
  }

  /** The loss of {@link Model.prepare}, or null. */
  get loss(): Loss | null {
    return this.#loss;
  }

  /** The metrics of {@link Model.prepare}. */
  get metrics(): readonly Metric[] {
    return this.#metrics;
  }

  /** Descriptions of the inputs, when the constructor got any. */
  get inputs(): readonly InputSpec[] | undefined {
    return this.#inputs;
  }

  /** Descriptions of the labels, when the constructor got any. */
  get labels(): readonly InputSpec[] | undefined {
    return this.#labels;
  }

  /**
   * Sets what training and evaluation need; a further call replaces everything.
   *
   * @param optimizer - needed by `fit` and `trainBatch`. One made without `parameters` gets those of the network
   * @param loss - a layer or a function of the network's outputs and the labels; needed by `fit` and `trainBatch`
   * @param metrics - one metric or several
   */
  prepare<
    const L extends Loss | null | undefined = undefined,
    const M extends Metric | readonly Metric[] | null | undefined = undefined,
  >(optimizer?: Optimizer | null, loss?: L, metrics?: M): Model<BatchResultOf<L, M>> {
    const list: readonly unknown[] = metrics === null || metrics === undefined ? [] : [metrics].flat();
    if (optimizer && typeof optimizer.bindParameters !== 'function') {
      throw new InvalidArgumentError(`optimizer must be an Optimizer, got ${describeValue(optimizer)}`);
    }
    if (loss && typeof loss !== 'function' && !(loss instanceof Layer)) {
      throw new InvalidArgumentError(`loss must be a Layer or a function, got ${describeValue(loss)}`);
    }
    const checked = list.map(checkMetric);
    if (optimizer && !optimizer.hasParameters) optimizer.bindParameters(this.parameters());
    this.#optimizer = optimizer ?? null;
    this.#loss = loss ?? null;
    this.#metrics = checked;
    return this as Model as Model<BatchResultOf<L, M>>;
  }

  /** The network's parameters, to be handed to an optimizer. */
  parameters(): Parameter[] {
    return this.network.parameters();
  }

  /**
   * Trains on data for some epochs.
   *
   * A data set is loaded in batches; its `prepare` is called here. The first fields of a batch are the network's inputs,
   * the others go to the loss and the metrics. A hook or listener that throws or rejects ends the run, and `fit` rejects
   * with its error.
   *
   * @param trainData - what to train on
   * @param valData - what to evaluate on between epochs
   * @returns the losses, metrics, learning rates and durations of the epochs
   * @throws `NotPreparedError` without an optimizer or a loss
   */
  async fit(trainData?: BatchData | null, valData?: BatchData | null, options: FitOptions = {}): Promise<History> {
    const settings = readFitOptions(options);
    this.#requireTraining('fit');
    if (!trainData) throw new InvalidArgumentError(`fit needs trainData, got ${describeValue(trainData)}`);
    const { trainBatchSize, valBatchSize, dropLast, shuffle, numWorkers, numIters, verbose } = settings;
    const workers = { numWorkers, persistentWorkers: true };
    const train = new BatchSource('trainData', trainData, { batchSize: trainBatchSize, shuffle, dropLast, ...workers });
    const val = valData ? new BatchSource('valData', valData, { batchSize: valBatchSize, ...workers }) : null;
    const streams = `fit-${nextStream('fit').uint32()}`;
    await train.prepare();
    await val?.prepare();

    const steps = train.length;
    if (steps === 0) {
      throw new InvalidArgumentError(
        `trainData gives no batch; with dropLast it needs at least batchSize (${trainBatchSize}) samples`,
      );
    }
    if (steps === undefined && settings.accumulateGradBatches > 1) {
      throw new InvalidArgumentError('accumulateGradBatches needs training data with a length');
    }
    const isLimited = numIters !== null && steps !== undefined;
    const epochs = isLimited ? Math.floor(numIters / steps) + 1 : settings.epochs;
    const params: CallbackParams = {
      epochs,
      steps: isLimited ? Math.min(numIters, steps) : steps,
      verbose,
      metrics: logNames(this),
      saveDir: settings.saveDir,
    };
    this.stopTraining = false;
    this.stopAfterBatch = false;
    const callbacks = withTraining(settings.callbacks, { ...settings, evaluates: val !== null });
    const plan = { ...settings, train, val, epochs, ...(await findStart(this, settings, steps, streams)) };
    try {
      return await untilSignal(settings.stopOnSignal, (signals) =>
        Run.with(this, callbacks, params, numIters, (run) =>
          this.#trainBy(new Training(this, run, { ...plan, signals })),
        ),
      );
    } finally {
      await train.close();
      await val?.close();
    }
  }

  async #trainBy(training: Training): Promise<History> {
    this.#training = training;
    try {
      return await training.fit();
    } finally {
      this.#training = null;
    }
  }

  /**
   * Evaluates the network on data.
   *
   * @returns the losses of the last batch under `loss`, and every metric over all of the data under its name
   */
  async evaluate(data: BatchData, options: EvaluateOptions = {}): Promise<EvaluateResult> {
    const settings = readEvaluateOptions(options);
    const { batchSize, numWorkers, numIters } = settings;
    const source = new BatchSource('data', data, { batchSize, numWorkers });
    await source.prepare();
    const steps = numIters !== null && source.length !== undefined ? Math.min(numIters, source.length) : source.length;
    const callbacks = withProgress(settings.callbacks, settings);
    const { logs } = await Run.with(this, callbacks, this.#paramsWithoutEpochs(settings.verbose), numIters, (run) =>
      run.evaluate(source, { steps }),
    );
    const { step: _step, batchSize: _batchSize, ...result } = logs;
    return result;
  }

  /**
   * Computes the network's outputs for data. Labels in the data are ignored.
   *
   * @returns per output of the network one array per batch, or with `stackOutputs` one array for all of the data
   */
  predict(data: BatchData, options: PredictOptions & { readonly stackOutputs: true }): Promise<NdArray[]>;
  predict(data: BatchData, options?: PredictOptions & { readonly stackOutputs?: false }): Promise<NdArray[][]>;
  predict(data: BatchData, options?: PredictOptions): Promise<NdArray[] | NdArray[][]>;
  async predict(data: BatchData, options: PredictOptions = {}): Promise<NdArray[] | NdArray[][]> {
    const settings = readPredictOptions(options);
    const { batchSize, numWorkers, verbose } = settings;
    const source = new BatchSource('data', data, { batchSize, numWorkers });
    await source.prepare();
    const callbacks = withProgress(settings.callbacks, { verbose, logFreq: 2 });
    const batches = await Run.with(this, callbacks, this.#paramsWithoutEpochs(verbose), null, (run) =>
      run.predict(source),
    );
    const outputs = outputsByPosition(batches);
    return settings.stackOutputs ? outputs.map(joinBatches) : outputs;
  }

  /**
   * Trains on one batch.
   *
   * @returns the losses; with metrics `[losses, metrics]`, where metrics holds what each metric's `update` returned
   * @throws `NotPreparedError` without an optimizer or a loss
   */
  trainBatch(inputs: BatchFields, labels?: BatchFields | null, options: TrainBatchOptions = {}): Result {
    checkOptions('Model.trainBatch', options, ['update']);
    const update = checkBoolean('update', options.update ?? true);
    return this.#toResult(this.#train('trainBatch', toFields('inputs', inputs), toFields('labels', labels), update)());
  }

  /**
   * Evaluates one batch, without gradients and in evaluation mode.
   *
   * @returns as {@link Model.trainBatch}; without a loss only what each metric's `update` returned
   */
  evalBatch(inputs: BatchFields, labels?: BatchFields | null): Result {
    return this.#toResult(evalStep(this, toFields('inputs', inputs), toFields('labels', labels))());
  }

  /** The network's outputs for one batch, without gradients and in evaluation mode. */
  predictBatch(inputs: BatchFields): NdArray[] {
    return predictStep(this.network, toFields('inputs', inputs))();
  }

  /**
   * Saves the network's state to `path.pdparams` and the optimizer's, if it has any, to `path.pdopt`, in Paddle's format.
   *
   * @param path - without extension; folders are created
   */
  async save(path: string, options: ModelSaveOptions = {}): Promise<void> {
    checkOptions('Model.save', options, ['training']);
    await saveState(path, this.network, checkBoolean('training', options.training ?? true) ? this.#optimizer : null);
  }

  /**
   * Saves a checkpoint, as {@link Model.save}; while `fit` runs, with a file `path.pdstate` of what `fit({ resume: true })`
   * needs beside. It is then written when all hooks and listeners of the present event have run, so a hook must not wait
   * for it: the event `checkpoint` tells when it is complete.
   *
   * @param path - without extension; folders are created
   */
  async saveCheckpoint(path: string): Promise<void> {
    if (this.#training) {
      this.#training.requestCheckpoint(path);
      return;
    }
    await this.save(path);
    await this.emitAwaited('checkpoint', resolve(path));
  }

  /**
   * Loads what {@link Model.save} or Paddle saved. The optimizer's state is loaded when there is an optimizer and a file.
   *
   * @param path - with or without extension
   * @throws `FileNotFoundError` when there is no `path.pdparams`
   * @throws `ShapeMismatchError` naming the key and both shapes when one does not fit
   */
  async load(path: string, options: ModelLoadOptions = {}): Promise<void> {
    checkOptions('Model.load', options, ['skipMismatch', 'resetOptimizer']);
    await loadState(path, this.network, this.#optimizer, {
      skipMismatch: checkBoolean('skipMismatch', options.skipMismatch ?? false),
      resetOptimizer: checkBoolean('resetOptimizer', options.resetOptimizer ?? false),
    });
  }

  /**
   * Prints a table of the network's layers, see `summary`.
   *
   * @param options - the sizes of the inputs, or options; by default those of the descriptions that the model was made with
   * @returns the numbers of parameters
   * @throws `InvalidArgumentError` when the sizes of the inputs are not known
   */
  summary(options?: InputSize | ModelSummaryOptions): SummaryResult {
    const given = isSize(options) ? { inputSize: options } : (options ?? {});
    checkOptions('Model.summary', given, ['inputSize', 'dtype']);
    const inputSize = given.inputSize ?? this.#inputs;
    if (!inputSize) throw new InvalidArgumentError('summary needs inputSize, as the model was made without inputs');
    return summary(this.network, { inputSize, dtypes: given.dtype ?? null });
  }

  /** Trains on the fields of a batch. @internal */
  trainFields(fields: readonly BatchField[], update: boolean): PendingResult<StepResult> {
    return this.#train('fit', ...this.#split(fields), update);
  }

  /** Evaluates the fields of a batch. @internal */
  evalFields(fields: readonly BatchField[]): PendingResult<StepResult> {
    return evalStep(this, ...this.#split(fields));
  }

  /** Computes the outputs for the fields of a batch, of which labels are ignored. @internal */
  predictFields(fields: readonly BatchField[]): PendingResult<NdArray[]> {
    return predictStep(this.network, this.#split(fields)[0]);
  }

  #split(fields: readonly BatchField[]) {
    return splitFields(fields, this.#inputs?.length ?? countInputs(this.network), this.network);
  }

  #train(
    method: string,
    inputs: readonly BatchField[],
    labels: readonly BatchField[],
    update: boolean,
  ): PendingResult<StepResult> {
    const optimizer = this.#requireTraining(method);
    // Another loss might ask for gradients of gradients.
    const isRecorded = this.#loss instanceof Layer && isLibraryLayer(this.#loss);
    const network = isRecorded ? this.#recorded : this.network;
    return trainStep(this, (...given) => network.forward(...given), optimizer, inputs, labels, update);
  }

  #requireTraining(method: string): Optimizer {
    const missing = [this.#optimizer ? '' : 'an optimizer', this.#loss ? '' : 'a loss'].filter(Boolean).join(' and ');
    if (this.#optimizer && this.#loss) return this.#optimizer;
    throw new NotPreparedError(`${method} needs ${missing}; call model.prepare(optimizer, loss, metrics) first`);
  }

  #toResult({ losses, metrics }: StepResult): Result {
    const result = this.#metrics.length === 0 ? losses : this.#loss ? ([losses, metrics] as const) : metrics;
    return result as Result;
  }

  #paramsWithoutEpochs(verbose: number): CallbackParams {
    return { epochs: undefined, steps: undefined, verbose, metrics: logNames(this), saveDir: null };
  }
}

/** A metric is told by its methods, so that one of another copy of the library serves, too. */
function isMetric(value: unknown): value is Metric {
  const methods: (keyof Metric)[] = ['compute', 'update', 'accumulate', 'reset', 'name'];
  return methods.every((method) => typeof (value as Partial<Metric> | null)?.[method] === 'function');
}

function checkMetric(value: unknown, index: number): Metric {
  if (isMetric(value)) return value;
  throw new InvalidArgumentError(`metrics[${index}] must be a Metric, got ${describeValue(value)}`);
}
