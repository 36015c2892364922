/**
 * When the checkpoints of a training are written.
 *
 * @module
 */
import path from 'node:path';
import { InvalidArgumentError } from '../common/errors.js';
import { removeObsolete, writeCheckpoint } from './checkpoint-files.js';
import { stepCheckpointName } from './keep-policy.js';
import type { Model } from './model.js';
import type { SignalWatch } from './signals.js';
import type { TrainingState } from './training-state.js';

/** What a training wants of its checkpoints. */
export interface CheckpointPlan {
  /** Folder of the checkpoints within epochs, or null. */
  readonly saveDir: string | null;
  /** Batches from one checkpoint within epochs to the next; null for none. */
  readonly saveSteps: number | null;
  /** Tells when to save and end; null when nothing is watched. */
  readonly signals: SignalWatch | null;
}

/**
 * Collects what is to be saved. Nothing is written before all hooks and listeners of an event have run, so that a
 * checkpoint holds what they have done.
 */
export class Checkpoints {
  readonly #model: Model;
  readonly #plan: CheckpointPlan;
  readonly #requested = new Set<string>();
  #isStepDue = false;

  /** @throws `InvalidArgumentError` when a metric cannot be saved within an epoch, but shall be */
  constructor(model: Model, plan: CheckpointPlan) {
    this.#model = model;
    this.#plan = plan;
    if (plan.saveSteps !== null) checkMetrics(model, 'saveSteps');
    if (plan.signals !== null) checkMetrics(model, 'stopOnSignal');
  }

  /** Asks for a checkpoint at the next opportunity. */
  request(file: string): void {
    this.#requested.add(path.resolve(file));
  }

  /** The signal that ends the training, if one came. */
  get signal(): string | undefined {
    return this.#plan.signals?.signal;
  }

  /** Notes that a batch was trained on. */
  afterBatch(trainedSteps: number): void {
    const { saveSteps } = this.#plan;
    if (saveSteps !== null && trainedSteps % saveSteps === 0) this.#isStepDue = true;
  }

  /** Asks for the checkpoint from which an interrupted training goes on. */
  requestStep(): void {
    this.#isStepDue = true;
  }

  /** True when something is to be saved. */
  get isDue(): boolean {
    return this.#isStepDue || this.#requested.size > 0;
  }

  /** Writes what was asked for. */
  async write(state: TrainingState): Promise<void> {
    const { saveDir } = this.#plan;
    if (this.#isStepDue && saveDir !== null) {
      this.request(path.join(saveDir, stepCheckpointName(state.position.trainedSteps)));
    }
    const files = [...this.#requested];
    this.#requested.clear();
    this.#isStepDue = false;
    for (const file of files) {
      await writeCheckpoint(file, this.#model.network, this.#model.optimizer, state);
      await removeObsolete(path.dirname(file));
      await this.#model.emitAwaited('checkpoint', file);
    }
  }
}

/** Throws when the sums of a metric cannot be saved. */
export function checkMetrics(model: Model, what: string): void {
  for (const metric of model.metrics) {
    if (metric.stateDict && metric.setStateDict) continue;
    throw new InvalidArgumentError(
      `${what} needs metrics with stateDict and setStateDict, so that an epoch can be resumed; ${metric.constructor.name} has none`,
    );
  }
}
