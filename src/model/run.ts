/**
 * The loops of training, evaluation and prediction.
 *
 * @module
 */
import { CallbackList } from '../callbacks/callback-list.js';
import type { Callback, CallbackParams } from '../callbacks/callback.js';
import type { NdArray } from '../common/ndarray.js';
import { BatchesAhead } from './batches-ahead.js';
import type { BatchSource } from './batch-source.js';
import type { Logs, Notify } from './events.js';
import { flattenBatch, type BatchField } from './fields.js';
import { LossMean, type PassResult } from './history.js';
import { IterationBudget } from './iteration-budget.js';
import { metricNames, metricValues } from './metric-values.js';
import type { Model } from './model.js';
import { EventLoopTurns, type Awaitable } from './promises.js';
import type { PendingResult, StepResult } from './step.js';

/** A pass over data: its last logs, and what it came to. */
export interface Pass {
  readonly logs: Logs;
  readonly result: PassResult;
  readonly samples: number;
}

type Mode = 'train' | 'eval' | 'predict';

/** How a pass goes about its batches. */
interface PassSteps {
  /** Number of batches at the beginning that are done already. */
  readonly skip?: number;
  /** The logs of those batches. */
  readonly logs?: Logs;
  /** Computes something for a batch; what comes back gives the logs, once it is computed. */
  readonly compute: (fields: readonly BatchField[], step: number, batchSize: number) => PendingResult<Logs>;
  /** Called when a batch is done, after all hooks and listeners. */
  readonly afterBatch?: (step: number, logs: Logs) => Awaitable;
}

/** How a pass with losses and metrics goes about its batches. */
interface MeasuredSteps extends Omit<PassSteps, 'compute'> {
  readonly compute: (fields: readonly BatchField[], step: number) => PendingResult<StepResult>;
  /** Adds up the losses; it may hold those of the batches that are done. */
  readonly mean?: LossMean;
}

/** One run of `fit`, `evaluate` or `predict`: a model, and everybody who follows it. */
export class Run {
  readonly #model: Model;
  /** The batches that are left. */
  readonly budget: IterationBudget;
  /** The callbacks that follow the run. */
  readonly callbacks: CallbackList;
  readonly #turns = new EventLoopTurns();

  private constructor(model: Model, callbacks: CallbackList, numIters: number | null) {
    this.#model = model;
    this.callbacks = callbacks;
    this.budget = new IterationBudget(numIters);
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

  /** Evaluates on all batches. */
  async evaluate(
    source: BatchSource,
    { steps = source.length, afterBatch }: Pick<PassSteps, 'afterBatch'> & { readonly steps?: number | undefined } = {},
  ): Promise<Pass> {
    const model = this.#model;
    await this.notify('evalBegin', { steps, metrics: logNames(model) });
    const compute = (fields: readonly BatchField[]) => model.evalFields(fields);
    const pass = await this.measuredPass('eval', source, { compute, ...(afterBatch && { afterBatch }) });
    await this.notify('evalEnd', pass.logs);
    return pass;
  }

  /** The outputs of the network for all batches: per batch one array per output. */
  async predict(source: BatchSource): Promise<NdArray[][]> {
    const outputs: NdArray[][] = [];
    await this.notify('predictBegin', { steps: source.length });
    const logs = await this.#pass('predict', source, {
      compute: (fields) => {
        const result = this.#model.predictFields(fields);
        return () => {
          outputs.push(result());
          return {};
        };
      },
    });
    await this.notify('predictEnd', logs);
    return outputs;
  }

  /** A pass that computes losses and metrics. */
  async measuredPass(
    mode: Mode,
    source: BatchSource,
    { compute, mean = new LossMean(), ...steps }: MeasuredSteps,
  ): Promise<Pass> {
    const { metrics, loss } = this.#model;
    try {
      const logs = await this.#pass(mode, source, {
        ...steps,
        compute: (fields, step, batchSize) => {
          const result = compute(fields, step);
          return () => {
            const { losses } = result();
            mean.add(losses, batchSize);
            return { ...(loss && { loss: losses }), ...metricValues(metrics) };
          };
        },
      });
      const result = { loss: loss ? mean.value : undefined, metrics: metricValues(metrics) };
      return { logs, result, samples: mean.samples };
    } finally {
      for (const metric of metrics) metric.reset();
    }
  }

  /** Computes something for every batch, between its events. Returns the logs of the last batch. */
  async #pass(mode: Mode, source: BatchSource, steps: PassSteps): Promise<Logs> {
    const { skip = 0, compute, afterBatch } = steps;
    let logs = steps.logs ?? {};
    let step = skip;
    if (mode === 'train' && this.#isOver) return logs;
    const batches = new BatchesAhead(source, skip);
    try {
      for (let batch = await batches.next(); !batch.done; batch = await batches.next()) {
        const fields = flattenBatch(batch.value);
        try {
          const batchSize = fields[0]?.shape[0] ?? 1;
          await this.notify(`${mode}BatchBegin`, step, { step, batchSize });
          const result = compute(fields, step, batchSize);
          // The engine computes while the next batch is made.
          if (this.budget.left !== 1) await batches.prefetch();
          logs = { ...result(), step, batchSize };
          await this.notify(`${mode}BatchEnd`, step, logs);
        } finally {
          source.release(fields);
        }
        const isLast = this.budget.spend();
        await afterBatch?.(step, logs);
        step++;
        if (isLast || (mode === 'train' && this.#isOver)) break;
        await this.#turns.take();
      }
    } finally {
      await batches.close();
    }
    return logs;
  }

  /** True when no further batch is to be trained on. */
  get #isOver(): boolean {
    return this.#model.stopAfterBatch || this.budget.isSpent;
  }

  /** True when no further epoch is to begin. */
  get isStopped(): boolean {
    return this.#model.stopTraining || this.#isOver;
  }

  /** Tells everybody who follows the run of an event: callbacks first, then the model's listeners. */
  readonly notify: Notify = async (event, ...args) => {
    await this.callbacks.notify(event, ...args);
    await this.#model.emitAwaited(event, ...args);
  };
}

/** Names of what the logs of a model will have. */
export function logNames({ loss, metrics }: Model): string[] {
  return [...(loss ? ['loss'] : []), ...metricNames(metrics)];
}
