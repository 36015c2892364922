/**
 * Steps of the learning rate's schedule.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { checkBoolean, checkOptions } from '../common/options.js';
import { Callback } from './callback.js';

/** Options of {@link LRScheduler}. */
export interface LRSchedulerOptions {
  /** Step after every training batch. @defaultValue true */
  readonly byStep?: boolean;
  /** Step after every epoch; needs `byStep: false`. @defaultValue false */
  readonly byEpoch?: boolean;
}

/**
 * Steps the schedule of the optimizer's learning rate after each batch, or each epoch. `fit` adds one by itself when it
 * is given none. An optimizer with a fixed learning rate is left alone.
 */
export class LRScheduler extends Callback {
  readonly #byStep: boolean;
  readonly #byEpoch: boolean;

  /** @throws `InvalidArgumentError` when both `byStep` and `byEpoch` are true */
  constructor(options: LRSchedulerOptions = {}) {
    super();
    checkOptions('LRScheduler', options, ['byStep', 'byEpoch']);
    this.#byStep = checkBoolean('byStep', options.byStep ?? true);
    this.#byEpoch = checkBoolean('byEpoch', options.byEpoch ?? false);
    if (this.#byStep && this.#byEpoch) {
      throw new InvalidArgumentError('byEpoch and byStep must not both be true; pass byStep: false to step by epoch');
    }
  }

  override onTrainBatchEnd(): void {
    if (this.#byStep) this.model.optimizer?.scheduler?.step();
  }

  override onEpochEnd(): void {
    if (this.#byEpoch) this.model.optimizer?.scheduler?.step();
  }
}
