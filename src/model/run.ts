/**
 * The loops of training, evaluation and prediction.
 *
 * @module
 */
import { CallbackList } from '../callbacks/callback-list.js';
import type { Callback, CallbackParams } from '../callbacks/callback.js';
import type { NdArray } from '../common/ndarray.js';
import { inStreamScope } from '../common/random.js';
import type { BatchSource } from './batch-source.js';
import type { Logs, Notify } from './events.js';
import { flattenBatch, type BatchField } from './fields.js';
import { LossMean, type EpochRecord, type History, type PassResult } from './history.js';
import { IterationBudget } from './iteration-budget.js';
import { metricNames, metricValues } from './metric-values.js';
import type { Model } from './model.js';
import { EventLoopTurns } from './promises.js';
import type { StepResult } from './step.js';

/** What the training loop needs to know. */
export interface TrainPlan {
  readonly train: BatchSource;
  readonly val: BatchSource | null;
  readonly epochs: number;
  readonly evalFreq: number;
  readonly accumulateGradBatches: number;
  /** Name of the run's random streams, so that runs at the same time do not draw from each other's. */
  readonly streams: string;
}

/** A pass over data: its last logs, and what it came to. */
interface Pass {
  readonly logs: Logs;
  readonly result: PassResult;
  readonly samples: number;
}

type Mode = 'train' | 'eval' | 'predict';

/** One run of `fit`, `evaluate` or `predict`: a model, and everybody who follows it. */
export class Run {
  readonly #model: Model;
  readonly #budget: IterationBudget;
  readonly #callbacks: CallbackList;
  readonly #turns = new EventLoopTurns();
  #trainedSteps = 0;

  private constructor(model: Model, callbacks: CallbackList, numIters: number | null) {
    this.#model = model;
    this.#callbacks = callbacks;
    this.#budget = new IterationBudget(numIters);
  }

  /** Makes a run and calls `body` with it; then closes the callbacks, also after an error. */
  static async with<T>(
    model: Model,
    callbacks: readonly Callback[],
    params: CallbackParams,
    numIters: number | null,
    body: (run: Run) => Promise<T>,
  ): Promise<T> {
    const list = new CallbackList(callbacks, model, params);
    let result: T;
    try {
      result = await body(new Run(model, list, numIters));
    } catch (error) {
      // The first error is the one to report.
      await list.close().catch(() => undefined);
      throw error;
    }
    await list.close();
    return result;
  }

  /** Trains for some epochs, with evaluations between them. */
  async train(plan: TrainPlan): Promise<History> {
    const epochs: EpochRecord[] = [];
    let logs: Logs = {};
    await this.#notify('trainBegin');
    for (let epoch = 0; epoch < plan.epochs && !this.#isStopped; epoch++) {
      await this.#notify('epochBegin', epoch);
      const start = performance.now();
      const trained = await this.#trainPass(plan);
      const seconds = (performance.now() - start) / 1000;
      const learningRate = this.#model.optimizer?.getLr() ?? NaN;
      const isWhole = !this.#model.stopAfterBatch;
      if (isWhole) await this.#notify('epochEnd', epoch, trained.logs);
      const evaluated = isWhole && plan.val && epoch % plan.evalFreq === 0 ? await this.evaluate(plan.val) : null;
      epochs.push({
        epoch,
        loss: trained.result.loss ?? NaN,
        metrics: trained.result.metrics,
        ...(evaluated && { val: evaluated.result }),
        learningRate,
        seconds,
        samplesPerSecond: trained.samples / seconds,
      });
      logs = (evaluated ?? trained).logs;
    }
    await this.#notify('trainEnd', logs);
    return { epochs };
  }

  /** Evaluates on all batches. */
  async evaluate(source: BatchSource, steps = source.length): Promise<Pass> {
    const model = this.#model;
    await this.#notify('evalBegin', { steps, metrics: logNames(model) });
    const pass = await this.#measuredPass('eval', source, (fields) => model.evalFields(fields));
    await this.#notify('evalEnd', pass.logs);
    return pass;
  }

  /** The outputs of the network for all batches: per batch one array per output. */
  async predict(source: BatchSource): Promise<NdArray[][]> {
    const outputs: NdArray[][] = [];
    await this.#notify('predictBegin', { steps: source.length });
    const logs = await this.#pass('predict', source, (fields) => {
      outputs.push(this.#model.predictFields(fields));
      return {};
    });
    await this.#notify('predictEnd', logs);
    return outputs;
  }

  /** One epoch of training. */
  #trainPass({ train, accumulateGradBatches: every, streams }: TrainPlan): Promise<Pass> {
    return this.#measuredPass('train', train, (fields, step) => {
      const isLast = step + 1 === train.length || this.#budget.left === 1;
      const update = (step + 1) % every === 0 || isLast;
      return inStreamScope(streams, this.#trainedSteps++, () => this.#model.trainFields(fields, update));
    });
  }

  /** A pass that computes losses and metrics. */
  async #measuredPass(
    mode: Mode,
    source: BatchSource,
    compute: (fields: readonly BatchField[], step: number) => StepResult,
  ): Promise<Pass> {
    const { metrics, loss } = this.#model;
    const mean = new LossMean();
    try {
      const logs = await this.#pass(mode, source, (fields, step, batchSize) => {
        const { losses } = compute(fields, step);
        mean.add(losses, batchSize);
        return { ...(loss && { loss: losses }), ...metricValues(metrics) };
      });
      const result = { loss: loss ? mean.value : undefined, metrics: metricValues(metrics) };
      return { logs, result, samples: mean.samples };
    } finally {
      for (const metric of metrics) metric.reset();
    }
  }

  /** Calls `compute` with every batch, between its events. Returns the logs of the last batch. */
  async #pass(
    mode: Mode,
    source: BatchSource,
    compute: (fields: readonly BatchField[], step: number, batchSize: number) => Logs,
  ): Promise<Logs> {
    let logs: Logs = {};
    let step = 0;
    for await (const batch of source.batches) {
      const fields = flattenBatch(batch);
      try {
        const batchSize = fields[0]?.shape[0] ?? 1;
        await this.#notify(`${mode}BatchBegin`, step, { step, batchSize });
        logs = { ...compute(fields, step, batchSize), step, batchSize };
        await this.#notify(`${mode}BatchEnd`, step, logs);
      } finally {
        source.release(fields);
      }
      step++;
      if (this.#budget.spend() || (mode === 'train' && this.#model.stopAfterBatch)) break;
      await this.#turns.take();
    }
    return logs;
  }

  get #isStopped(): boolean {
    return this.#model.stopTraining || this.#model.stopAfterBatch || this.#budget.isSpent;
  }

  /** Callbacks first, then the model's listeners. */
  readonly #notify: Notify = async (event, ...args) => {
    await this.#callbacks.notify(event, ...args);
    await this.#model.emitAwaited(event, ...args);
  };
}

/** Names of what the logs of a model will have. */
export function logNames({ loss, metrics }: Model): string[] {
  return [...(loss ? ['loss'] : []), ...metricNames(metrics)];
}
