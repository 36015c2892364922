/**
 * The training loop.
 *
 * @module
 */
import { inStreamScope } from '../common/random.js';
import type { OrderState } from '../io/index.js';
import type { BatchSource } from './batch-source.js';
import { Checkpoints, type CheckpointPlan } from './checkpoints.js';
import type { Logs } from './events.js';
import { LossMean, type EpochRecord, type History } from './history.js';
import type { Model } from './model.js';
import { capture, restore, type TrainingParts } from './resume.js';
import type { Pass, Run } from './run.js';
import { Interruption } from './signals.js';
import type { TrainingState } from './training-state.js';

/** What the training loop needs to know. */
export interface TrainPlan extends CheckpointPlan {
  readonly train: BatchSource;
  readonly val: BatchSource | null;
  readonly epochs: number;
  readonly evalFreq: number;
  readonly accumulateGradBatches: number;
  /** Tells the checkpoints of this training from others. */
  readonly run: string;
  /** Name of the run's random streams, so that runs at the same time do not draw from each other's. */
  readonly streams: string;
  /** What to go on from; null starts anew. */
  readonly resumed: TrainingState | null;
}

/** A training: its plan, and how far it is. */
export class Training implements TrainingParts {
  readonly model: Model;
  readonly run: Run;
  readonly plan: TrainPlan;
  readonly loss = new LossMean();
  epoch = 0;
  step = 0;
  phase: 'train' | 'evaluate' = 'train';
  trainedSteps = 0;
  seconds = 0;
  trained: EpochRecord | null = null;
  logs: Logs = {};
  epochs: EpochRecord[] = [];
  trainOrder: OrderState | null = null;
  readonly #checkpoints: Checkpoints;

  constructor(model: Model, run: Run, plan: TrainPlan) {
    this.model = model;
    this.run = run;
    this.plan = plan;
    this.#checkpoints = new Checkpoints(model, plan);
  }

  /** Asks for a checkpoint when all hooks of the present event have run. */
  requestCheckpoint(file: string): void {
    this.#checkpoints.request(file);
  }

  /** Trains for some epochs, with evaluations between them. */
  async fit(): Promise<History> {
    const { resumed, epochs } = this.plan;
    await this.run.notify('trainBegin');
    if (resumed) {
      restore(this, resumed);
      this.run.callbacks.restore(resumed.callbacks);
    }
    let isFirst = true;
    while (this.#isWithinEpoch || (this.epoch < epochs && !this.run.isStopped)) {
      await this.run.notify('epochBegin', this.epoch);
      // Hooks of the beginning may have set anew what the interrupted run had changed since.
      if (resumed && isFirst) restore(this, resumed);
      isFirst = false;
      if (this.phase === 'train') await this.#trainEpoch();
      await this.#evaluateEpoch();
      await this.#save();
    }
    await this.run.notify('trainEnd', this.logs);
    await this.#save();
    return { epochs: this.epochs };
  }

  get #isWithinEpoch(): boolean {
    return this.step > 0 || this.phase === 'evaluate';
  }

  /** Trains on the batches of an epoch that are left. */
  async #trainEpoch(): Promise<void> {
    const { run, plan } = this;
    const { train, accumulateGradBatches: every } = plan;
    const before = this.seconds;
    const start = performance.now();
    this.trainOrder ??= train.order;
    let updated = true;
    const pass = await run.measuredPass('train', train, {
      mean: this.loss,
      skip: this.step,
      logs: this.step > 0 ? this.logs : {},
      compute: (fields, step) => {
        const isLast = step + 1 === train.length || run.budget.left === 1;
        updated = (step + 1) % every === 0 || isLast;
        return inStreamScope(plan.streams, this.trainedSteps, () => this.model.trainFields(fields, updated));
      },
      afterBatch: async (step, logs) => {
        this.trainedSteps++;
        this.step = step + 1;
        this.logs = logs;
        this.seconds = before + (performance.now() - start) / 1000;
        this.#checkpoints.afterBatch(this.trainedSteps);
        // Gradients that wait for the optimizer's step are not saved.
        if (updated) await this.#saveOrInterrupt();
      },
    });
    this.seconds = before + (performance.now() - start) / 1000;
    this.trained = this.#record(pass);
    this.logs = pass.logs;
    this.phase = 'evaluate';
    this.trainOrder = null;
    this.loss.restore({ sum: 0, samples: 0 });
    if (this.model.stopAfterBatch) return;
    await run.notify('epochEnd', this.epoch, pass.logs);
    await this.#save();
  }

  #record({ result, samples }: Pass): EpochRecord {
    return {
      epoch: this.epoch,
      loss: result.loss ?? NaN,
      metrics: result.metrics,
      learningRate: this.model.optimizer?.getLr() ?? NaN,
      seconds: this.seconds,
      samplesPerSecond: samples / this.seconds,
    };
  }

  /** Evaluates after an epoch where it is due, and goes on to the next. */
  async #evaluateEpoch(): Promise<void> {
    const { run, plan, trained } = this;
    const isDue = plan.val !== null && !this.model.stopAfterBatch && this.epoch % plan.evalFreq === 0;
    const before = isDue && plan.signals ? capture(this) : null;
    let evaluated: Pass | null = null;
    try {
      if (isDue && plan.val) evaluated = await run.evaluate(plan.val, { afterBatch: () => this.#breakOff() });
    } catch (error) {
      // The evaluation is done again by the run that goes on.
      if (error instanceof Interruption && before) await this.#interrupt(before);
      throw error;
    }
    if (trained) {
      const { epoch, loss, metrics, ...rest } = trained;
      this.epochs.push({ epoch, loss, metrics, ...(evaluated && { val: evaluated.result }), ...rest });
    }
    if (evaluated) this.logs = evaluated.logs;
    this.trained = null;
    this.epoch++;
    this.step = 0;
    this.seconds = 0;
    this.phase = 'train';
  }

  /** Writes the checkpoints that were asked for. */
  async #save(): Promise<void> {
    if (this.#checkpoints.isDue) await this.#checkpoints.write(capture(this));
  }

  async #saveOrInterrupt(): Promise<void> {
    if (this.#checkpoints.signal === undefined) await this.#save();
    else await this.#interrupt(capture(this));
  }

  /** Ends an evaluation at a signal. */
  #breakOff(): void {
    if (this.#checkpoints.signal !== undefined) throw new Interruption();
  }

  /** Saves a state and ends the run. */
  async #interrupt(state: TrainingState): Promise<never> {
    this.#checkpoints.requestStep();
    await this.#checkpoints.write(state);
    throw new Interruption();
  }
}
