/**
 * Base of the callbacks that keep a record of runs.
 *
 * @module
 */
import { checkInteger, checkNumber } from '../common/options.js';
import type { BeginLogs, Logs, LogValue } from '../model/events.js';
import { LossMean } from '../model/history.js';
import type { Awaitable } from '../model/promises.js';
import { Callback, type CallbackState } from './callback.js';

/** Some training batches, up to the one that was last trained on. */
export interface StepRecord {
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** Number of the last batch within the epoch, from 0. */
  readonly step: number;
  /** Batches trained on since the training began, at least 1. */
  readonly globalStep: number;
  /** Loss of the last batch, several losses added up; undefined without a loss. */
  readonly loss: number | undefined;
  /** Every metric, over the epoch so far. */
  readonly metrics: Readonly<Record<string, LogValue>>;
  /** Learning rate of the last batch's step; undefined without an optimizer. */
  readonly learningRate: number | undefined;
  /** Throughput since the last record, with the time to fetch batches. */
  readonly samplesPerSecond: number;
}

/** An epoch of training, an evaluation or a prediction that is over. */
export interface PassRecord {
  /** What was done. */
  readonly kind: 'train' | 'eval' | 'predict';
  /** Number of the epoch, from 0; undefined outside `fit`. */
  readonly epoch: number | undefined;
  /** Batches trained on since the training began. */
  readonly globalStep: number;
  /** Mean of the loss over the samples, several losses added up; undefined without a loss. */
  readonly loss: number | undefined;
  /** Every metric over the whole pass. */
  readonly metrics: Readonly<Record<string, LogValue>>;
  /** Learning rate of the last step; undefined before there was one. */
  readonly learningRate: number | undefined;
  /** Samples in the pass. */
  readonly samples: number;
  /** Duration. */
  readonly seconds: number;
  /** Throughput, with the time to fetch batches. */
  readonly samplesPerSecond: number;
}

const now = () => performance.now() / 1000;

/** What a pass has come to so far; a sum that is NaN is null, as in JSON. */
interface PassState {
  readonly samples: number;
  readonly seconds: number;
  readonly lossSum: number | null;
  readonly lossSamples: number;
}

/** Measures a pass. */
class PassMeter {
  readonly mean = new LossMean();
  #start = now();
  #lapStart = this.#start;
  #samples = 0;
  #lapSamples = 0;

  add(batchSize: number, loss: number | undefined): void {
    this.#samples += batchSize;
    this.#lapSamples += batchSize;
    if (loss !== undefined) this.mean.add([loss], batchSize);
  }

  /** Throughput since the last call. */
  takeSpeed(): number {
    const end = now();
    const speed = this.#lapSamples / (end - this.#lapStart);
    this.#lapStart = end;
    this.#lapSamples = 0;
    return speed;
  }

  state(): PassState {
    const { sum, samples } = this.mean.state;
    const lossSum = Number.isFinite(sum) ? sum : null;
    return { samples: this.#samples, seconds: now() - this.#start, lossSum, lossSamples: samples };
  }

  /** Goes on from a state; the time between does not count. */
  restore({ samples, seconds, lossSum, lossSamples }: PassState): void {
    this.#samples = samples;
    this.#start = now() - seconds;
    this.mean.restore({ sum: lossSum ?? NaN, samples: lossSamples });
  }

  total(): Pick<PassRecord, 'loss' | 'samples' | 'seconds' | 'samplesPerSecond'> {
    const seconds = now() - this.#start;
    const { samples, value } = this.mean;
    const loss = samples > 0 ? value : undefined;
    return { loss, samples: this.#samples, seconds, samplesPerSecond: this.#samples / seconds };
  }
}

function checkPassState(value: unknown): PassState {
  const { samples, seconds, lossSum, lossSamples } = value as Partial<PassState>;
  return {
    samples: checkInteger('pass.samples', samples, 0),
    seconds: checkNumber('pass.seconds', seconds, 0),
    lossSum: lossSum === null ? null : checkNumber('pass.lossSum', lossSum),
    lossSamples: checkInteger('pass.lossSamples', lossSamples, 0),
  };
}

function totalLoss({ loss }: Logs): number | undefined {
  return loss?.reduce((sum, value) => sum + value, 0);
}

function metricsOf(logs: Logs, names: readonly string[]): Record<string, LogValue> {
  const values: Record<string, LogValue> = {};
  for (const name of names) {
    const value = logs[name];
    if (name !== 'loss' && value !== undefined) values[name] = value;
  }
  return values;
}

/** Measures runs and hands records of them to a subclass, which keeps them. */
export abstract class RunRecorder extends Callback {
  readonly #logFreq: number;
  #meter = new PassMeter();
  #metricNames: readonly string[] = [];
  #epoch: number | undefined;
  #globalStep = 0;
  #resumedStep: number | undefined;
  /** Of the epoch that the run goes on within, until that begins. */
  #resumedPass: PassState | undefined;
  #learningRate: number | undefined;
  #isTraining = false;

  /** @param logFreq - training batches from one {@link StepRecord} to the next, at least 1 */
  protected constructor(logFreq: number) {
    super();
    this.#logFreq = checkInteger('logFreq', logFreq, 1);
  }

  /** Batches trained on since the training began, over all resumed runs. */
  protected get globalStep(): number {
    return this.#globalStep;
  }

  /** First batch of this run, when it goes on with an earlier one. */
  protected get resumedStep(): number | undefined {
    return this.#resumedStep;
  }

  /** `fit` begins. */
  protected recordBegin?(): Awaitable;

  /** Some batches were trained on. */
  protected recordStep?(record: StepRecord): Awaitable;

  /** An epoch, an evaluation or a prediction is over. */
  protected recordPass?(record: PassRecord): Awaitable;

  /** `fit` has ended. */
  protected recordEnd?(): Awaitable;

  /** `fit` was ended by an error; called before the callback is closed. */
  protected recordFailure?(): Awaitable;

  override onTrainBegin(): Awaitable {
    this.#globalStep = 0;
    this.#resumedStep = undefined;
    this.#learningRate = undefined;
    this.#isTraining = true;
    return this.recordBegin?.();
  }

  override onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
    this.#startPass(this.params.metrics);
    if (this.#resumedPass) this.#meter.restore(this.#resumedPass);
    this.#resumedPass = undefined;
  }

  override onTrainBatchEnd(step: number, logs: Logs): Awaitable {
    const loss = totalLoss(logs);
    this.#meter.add(logs.batchSize ?? 0, loss);
    // The schedule steps after this hook, so that this is the rate of the step that was taken.
    this.#learningRate = this.model.optimizer?.getLr();
    this.#globalStep++;
    if (this.#globalStep % this.#logFreq !== 0) return;
    return this.recordStep?.({
      epoch: this.#epoch ?? 0,
      step,
      globalStep: this.#globalStep,
      loss,
      metrics: metricsOf(logs, this.#metricNames),
      learningRate: this.#learningRate,
      samplesPerSecond: this.#meter.takeSpeed(),
    });
  }

  override onEpochEnd(_epoch: number, logs: Logs): Awaitable {
    return this.#endPass('train', logs);
  }

  override onEvalBegin({ metrics = [] }: BeginLogs): void {
    this.#startPass(metrics);
  }

  override onEvalBatchEnd(_step: number, logs: Logs): void {
    this.#meter.add(logs.batchSize ?? 0, totalLoss(logs));
  }

  override onEvalEnd(logs: Logs): Awaitable {
    return this.#endPass('eval', logs);
  }

  override onPredictBegin(): void {
    this.#startPass([]);
  }

  override onPredictBatchEnd(_step: number, logs: Logs): void {
    this.#meter.add(logs.batchSize ?? 0, undefined);
  }

  override onPredictEnd(logs: Logs): Awaitable {
    return this.#endPass('predict', logs);
  }

  override onTrainEnd(): Awaitable {
    this.#isTraining = false;
    this.#epoch = undefined;
    return this.recordEnd?.();
  }

  /** A subclass that holds something open frees it after `await super.close()`. */
  override async close(): Promise<void> {
    const hasFailed = this.#isTraining;
    this.#isTraining = false;
    this.#epoch = undefined;
    if (hasFailed) await this.recordFailure?.();
  }

  override stateDict(): CallbackState {
    return { globalStep: this.#globalStep, pass: this.#meter.state() };
  }

  override setStateDict(state: CallbackState): void {
    const globalStep = checkInteger('globalStep', state.globalStep, 0);
    this.#resumedPass = state.pass ? checkPassState(state.pass) : undefined;
    this.#globalStep = globalStep;
    this.#resumedStep = this.#globalStep + 1;
  }

  #startPass(metricNames: readonly string[]): void {
    this.#meter = new PassMeter();
    this.#metricNames = metricNames;
  }

  #endPass(kind: PassRecord['kind'], logs: Logs): Awaitable {
    const total = this.#meter.total();
    this.#meter = new PassMeter();
    return this.recordPass?.({
      kind,
      epoch: this.#epoch,
      globalStep: this.#globalStep,
      metrics: metricsOf(logs, this.#metricNames),
      learningRate: this.#learningRate,
      ...total,
    });
  }
}
